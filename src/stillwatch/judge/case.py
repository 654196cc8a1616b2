"""What a campaign is told from, and what telling it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.fingerprint.door import with_numbers
from stillwatch.fingerprint.order import by_number
from stillwatch.judge.gather import at_rows
from stillwatch.judge.purpose import Purpose
from stillwatch.judge.streams import Streams
from stillwatch.judge.tell import Row
from stillwatch.judge.tenant import Tenant
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Campaign
from stillwatch.model.sighting import Spoken
from stillwatch.signals._base import Signal
from stillwatch.weigh.holding import Holding, Integers, Mask
from stillwatch.weigh.incidence import Int32s

MARKED = 100
"""One row of so many, or more, are put in order by marking them all."""
OUTSIDE_SAMPLE = 200_000
"""Exchanges of everybody else that the split into streams is learned from."""


@dataclass(frozen=True, eq=False)
class RowsOf:
    """Rows of the exchange table by account."""

    order: Int32s
    starts: Integers

    def __call__(self, accounts: Integers) -> Integers:
        """Positions of all exchanges of those accounts."""
        if self.count(accounts) * MARKED < len(self.order):
            parts = [self.order[self.starts[a] : self.starts[a + 1]] for a in accounts.tolist()]
            return np.sort(np.concatenate([np.zeros(0, np.int32), *parts])).astype(np.int64)
        return np.flatnonzero(_marked(self.order, self.starts, accounts))

    def count(self, accounts: Integers) -> int:
        """How many exchanges those accounts made."""
        return int(np.sum(self.starts[accounts + 1] - self.starts[accounts]))


@nb.njit(cache=True, nogil=True)
def _marked(order: Int32s, starts: Integers, accounts: Integers) -> Mask:
    """Which rows are of one of these accounts."""
    mine = np.zeros(len(order), np.bool_)
    for account in accounts:
        for at in range(starts[account], starts[account + 1]):
            mine[np.uint32(order[at])] = True
    return mine


def rows_of(account: npt.NDArray[np.int32], accounts: int) -> RowsOf:
    """Index of exchange rows by account."""
    return RowsOf(*by_number(account, accounts))


@dataclass(frozen=True, eq=False)
class Near:
    """Which exchanges are looked at one by one: all of accounts in clusters, and a sample of everybody else's.

    The sample, one of `step` exchanges, is even over time, and the same in any order of rows.
    """

    inside: npt.NDArray[np.bool_]
    step: int

    def __call__(self, account: npt.NDArray[np.int32], time: Integers) -> Mask:
        """Of exchanges of those accounts at those times."""
        near: Mask = self.inside[account] | (with_numbers(time, account) % self.step == 0)
        return near


def near(of_account: Integers, requests: Integers) -> Near:
    """The same, from the cluster of each account or -1, and how many exchanges it made."""
    inside = of_account >= 0
    return Near(inside, _step(int(requests[~inside].sum())))


def outside_rows(exchange: pa.Table, of_account: Integers) -> Integers:
    """A sample of the exchanges of accounts in no cluster, even over time, and the same in any order of rows."""
    account = exchange["account"].to_numpy()
    outside = np.flatnonzero(of_account[account] < 0) if len(account) else np.zeros(0, np.int64)
    when, who = at_rows(exchange["ts"], outside), account[outside]
    everybody = Near(np.zeros(len(of_account), np.bool_), _step(len(outside)))
    taken: Integers = outside[everybody(who, when)]
    return taken


def _step(exchanges: int) -> int:
    return max(1, exchanges // OUTSIDE_SAMPLE)


@dataclass(frozen=True, eq=False)
class Case:
    """What every campaign of one scan is told from; `tenants` are those that a cluster is judged by alone, by its number.

    `spoken` is what others' sightings say of a cluster, by its number.
    """

    log: Log
    holdings: Mapping[str, Holding]
    signals: Mapping[str, Signal]
    purpose: Purpose
    principal: Integers
    outside_rows: Integers
    rows_of: RowsOf
    tenants: Mapping[int, Tenant]
    spoken: Mapping[int, Spoken] = field(default_factory=dict)

    def parties(self, accounts: Integers) -> list[tuple[int, str]]:
        """Principal and id of each of those accounts."""
        return [(int(self.principal[a]), self.log.account_ids[a]) for a in accounts.tolist()]


@dataclass(frozen=True, eq=False)
class Told:
    """A campaign with the rows that belong to it in the scan's tables; `named` is the place of each exchange's capability, `activity` counts them by day."""

    campaign: Campaign
    judged: Judged
    streams: Streams
    named: npt.NDArray[np.int8]
    evidence: list[Row]
    activity: pa.Table
