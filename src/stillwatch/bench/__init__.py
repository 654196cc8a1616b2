"""Rehearsals: simulated campaigns planted in an operator's own log, and how many of them a scan finds there."""
