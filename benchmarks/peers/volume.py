"""The naive rule: who asks most is a distiller.

Source: the rate limit that every provider has; here as its best case, with the limit set on real volumes.
Kept: one number for each account, the exchanges in the log. Nothing is adapted.
Parameters: none beside the common threshold.
"""

from __future__ import annotations

import numpy as np
from peers.interface import Log, Peer, Ranked, nothing_to_learn


def rank(log: Log, _learned: None) -> Ranked:
    """Accounts by their number of exchanges."""
    return Ranked(np.bincount(log.account, minlength=len(log.account_id)).astype(np.float64))


PEER = Peer("volume", "volume rule", "rate limits in common use", (), nothing_to_learn, rank)
