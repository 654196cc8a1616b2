"""Plain lines of JSON as columns, by compiled code."""
