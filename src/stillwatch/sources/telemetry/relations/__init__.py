"""How spans of a batch lie in each other and which served their traces, of many batches at once."""
