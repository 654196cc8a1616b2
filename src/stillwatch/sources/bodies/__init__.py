"""What was said: request and answer in the dialects of APIs, one file a dialect."""
