"""Requests that were blocked and go elsewhere within seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Floats, Ints, Rng, Rows
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.rhythm import DAY, SECOND

_A = ASSUMED.campaigns
_FORBIDDEN, _LIMITED = 403, 429


@dataclass(frozen=True)
class Failover:
    """A share of requests is answered by 403 or 429, and asked again through another account and path."""

    share: float

    def apply(self, rng: Rng, rows: Rows, *, awake: Ints, channel: Ints) -> Rows:
        """The rows of a day, with a second row for each that was blocked.

        `awake` are the accounts in use that day in order, `channel` the other access path of every account.
        """
        hit = np.flatnonzero(rng.random(len(rows["ts"])) < self.share)
        code = np.where(rng.random(len(hit)) < _A.blocked_forbidden, _FORBIDDEN, _LIMITED)
        again = {name: values[hit].copy() for name, values in rows.items()}
        rows["blocked"][hit], rows["failed"][hit] = code, True
        step = rng.integers(1, max(2, len(awake)), len(hit))
        again["account"] = awake[(np.searchsorted(awake, again["account"]) + step) % len(awake)]
        again["channel"] = channel[again["account"]]
        again["failed"][:] = False
        again["ts"] = again["ts"] + _wait(rng, again["ts"])
        return {name: np.concatenate([rows[name], again[name]]) for name in rows}


def _wait(rng: Rng, asked: Ints) -> Ints:
    """Seconds until the second try, kept inside the day."""
    seconds: Floats = rng.uniform(*_A.failover_seconds, len(asked))
    left = (asked // DAY + 1) * DAY - 1 - asked
    wait: Ints = np.minimum(left, (seconds * SECOND).astype(np.int64))
    return wait
