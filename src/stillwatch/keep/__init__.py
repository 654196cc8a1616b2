"""What came out of the door of each file of a log, kept for the next scan: partials in a folder that the operator names."""
