"""One file a signal: a named pure question about the exchange table; `_base.py` says what a signal is."""
