"""Where the line is drawn, for every peer alike: so high that a clean world flags few of its accounts.

The clean world is one that no peer learned from and that nothing is measured on. Two rates are measured: one account in a
hundred, and one in twenty, which is the percentile of the MMD paper and lets the weaker peers find more. Both are far more
lenient than the budget of a scan, which expects one false *campaign* in twenty scans.
"""

from __future__ import annotations

import numpy as np
from peers.interface import Numbers

RATES = (0.01, 0.05)
"""Shares of the accounts of a clean world that a peer may flag."""


def line(values: Numbers, rate: float) -> float:
    """The lowest value that no more than `rate` of the accounts (0..1) lie above; who lies above it is flagged.

    Accounts of one value stand or fall together: a peer that cannot tell enough of them apart flags fewer.
    """
    if not values.size:
        return np.inf
    return float(np.sort(values)[values.size - int(rate * values.size) - 1])
