"""Text and client behaviour to keys, such that like things get like keys; the same code for batches and for one request."""
