"""A log that is too large to come here: its rows are read, checked and keyed where they lie."""
