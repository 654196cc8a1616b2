"""Signals of clusters that are asked of those requests alone on which their value can rest: mostly few.

A query counts something that only some requests can be, such as a task that went from one model to another, and
divides it by a whole that all have a part in. Asked of the first alone it counts the same, and the whole is counted here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.often import place, power_of_two
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.gather import rows_at
from stillwatch.judge.numbering import numbers_of
from stillwatch.judge.requests import Requests, answer
from stillwatch.signals import (
    block_failover,
    countermeasure_test,
    safeguard_arbitrage,
    split_keys,
    stored_reasoning,
)
from stillwatch.weigh.holding import Floats, Integers, Mask
from stillwatch.weigh.incidence import Int32s

BLOCKED = (403, 429)
SPARE = 16
"""Places for each request that was blocked."""


@dataclass(frozen=True)
class Narrowed:
    """Of requests that have all of the columns `known`, those matter whose `key` came with several values of each column of `differs`.

    `whole` counts what the value is a part of.
    """

    known: tuple[str, ...]
    key: str
    differs: tuple[str, ...]
    whole: Callable[[Requests, Mask], Integers]

    def seen(self, asked: Requests) -> Mask:
        """Which requests the query looks at."""
        found: Mask = np.logical_and.reduce([asked.known(name) for name in self.known])
        return found

    def rows(self, asked: Requests) -> Integers:
        """Places of the requests that matter."""
        seen, (number, numbers) = self.seen(asked), asked.numbered(self.key)
        several = [differ(number, numbers, asked.codes(name), seen) for name in self.differs]
        return np.flatnonzero(seen & np.logical_and.reduce(several)[number])

    def answer(self, asked: Requests, narrow: pa.Table) -> pa.Table:
        """What the query answers of all requests, from what it answers of those that matter."""
        whole = self.whole(asked, self.seen(asked))
        parts = np.zeros(asked.clusters)
        parts[narrow["cluster"].to_numpy()] = np.rint(_floats(narrow["value"]) * _floats(narrow["support"]))
        return answer(parts / np.maximum(whole, 1), whole)


@dataclass(frozen=True)
class Blocked:
    """Only what was blocked can go on elsewhere: its requests alone matter, and the query's answer is the same of them."""

    def rows(self, asked: Requests) -> Integers:
        """Places of the requests for something that was ever blocked."""
        opens, known = asked.known("opening"), asked.known("opening") | asked.known("conversation")
        blocked = known & asked.holds("status", lambda status: np.isin(status, BLOCKED))
        key = asked.within(np.where(opens, asked.column("prompt"), asked.column("conversation")))
        places = np.zeros(power_of_two(SPARE * int(np.count_nonzero(blocked))), np.bool_)
        rows = np.flatnonzero(_near(key, known, blocked, places))
        what, numbers = numbers_of(key[rows])
        is_blocked = np.zeros(numbers, np.bool_)
        is_blocked[what[blocked[rows]]] = True
        return rows[is_blocked[what]]

    def answer(self, _asked: Requests, narrow: pa.Table) -> pa.Table:
        """The same."""
        return narrow


def _accounts(asked: Requests, seen: Mask) -> Integers:
    """How many accounts of each cluster have a request that is seen."""
    account = asked.column("account")
    there = np.full(int(account.max(initial=-1)) + 1, -1)
    there[account[seen]] = asked.cluster[seen]
    return np.bincount(there[there >= 0], minlength=asked.clusters)


def _prompts(asked: Requests, seen: Mask) -> Integers:
    return asked.kinds("prompt", seen)


def _floats(column: pa.ChunkedArray) -> Floats:
    found: Floats = column.cast(pa.float64()).to_numpy()
    return found


@nb.njit(cache=True, nogil=True)
def differ(number: Int32s, numbers: int, values: npt.NDArray[Any], seen: Mask) -> Mask:
    """Which numbers come with several values in the rows that are seen."""
    first, known = np.empty(numbers, values.dtype), np.zeros(numbers, np.bool_)
    several = np.zeros(numbers, np.bool_)
    for row in range(np.uint64(len(number))):
        if seen[row]:
            at = np.uint32(number[row])
            if known[at]:
                several[at] |= values[row] != first[at]
            first[at], known[at] = values[row], True
    return several


@nb.njit(cache=True, nogil=True)
def _near(key: Keys, known: Mask, wanted: Mask, places: Mask) -> Mask:
    """Which of the known rows have a key that stands where one that is wanted does: few others do."""
    for row in range(np.uint64(len(key))):
        if wanted[row]:
            places[place(key[row], len(places))] = True
    near = np.empty(len(key), np.bool_)
    for row in range(np.uint64(len(key))):
        near[row] = known[row] and places[place(key[row], len(places))]
    return near


NARROWED: Mapping[str, Narrowed | Blocked] = {
    block_failover.SIGNAL.query: Blocked(),
    countermeasure_test.SIGNAL.query: Narrowed(("prompt",), "prompt", ("account",), Requests.count),
    safeguard_arbitrage.SIGNAL.query: Narrowed(("opening",), "prompt", ("model",), _prompts),
    split_keys.SIGNAL.query: Narrowed(
        ("api_key", "tls", "prefix"), "api_key", ("tls", "prefix"), Requests.count
    ),
    stored_reasoning.SIGNAL.query: Narrowed(("token", "conversation"), "token", ("account",), _accounts),
}
"""By query, of which requests it is asked."""


def narrowed(asked: Requests, query: str) -> pa.Table:
    """The requests of which that query is asked, in those columns that it names."""
    columns = [name for name in asked.table.column_names if name in query]
    return rows_at(asked.table.select(columns), NARROWED[query].rows(asked))
