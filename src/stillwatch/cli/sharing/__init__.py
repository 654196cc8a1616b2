"""What `stillwatch share` does besides writing a file; one file a word."""
