"""Labelled worlds: innocent look-alikes and planted campaigns in the contract's input layout.

Everything here is simulated. The room knows nothing of signals, links or judgement; the worlds are made
from the assumptions in `assumptions.py` and the packaged texts and address lists alone.
"""
