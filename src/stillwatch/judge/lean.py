"""What people confirmed counts in the next scan: a group that is mostly theirs starts with a few bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stillwatch.judge.pools import Group
from stillwatch.weigh.holding import Floats

CONFIRMED_BITS = 2.0
"""Two people who looked at it make a training set four times as likely. Of 5,623 innocent clusters of the references 12 are above
the line, and 69 within so many bits of it: those would be called if two people confirmed them, and only those.
"""
LEAST_CONFIRMED = 0.5
"""So large a part of the group itself has to be confirmed: who is merely linked to a member is no more suspect for it."""


def lean(
    groups: Sequence[Group], account_ids: Sequence[str], confirmed: Mapping[str, str], day: str | None
) -> Floats:
    """Bits of each group for a training set; `confirmed` gives for each account of a confirmed campaign until when that counts."""
    counts = counting(confirmed, account_ids, day)
    is_confirmed = np.array([name in counts for name in account_ids], np.bool_)
    shares = np.array(
        [is_confirmed[g.accounts].mean() if len(g.accounts) else 0.0 for g in groups], np.float64
    )
    return np.where(shares >= LEAST_CONFIRMED, CONFIRMED_BITS, 0.0)


def counting(confirmed: Mapping[str, str], account_ids: Sequence[str], day: str | None) -> Mapping[str, str]:
    """The confirmed accounts that are in this log and count on its last day, by name."""
    held = {name: confirmed[name] for name in account_ids if name in confirmed} if confirmed else {}
    return {name: expires for name, expires in sorted(held.items()) if (day or "")[:10] <= expires}
