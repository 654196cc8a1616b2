"""Signals of the Acme example."""
