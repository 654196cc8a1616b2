"""Requests of clusters' members as columns of numbers, and what is counted of them by cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.codes import plain
from stillwatch.fingerprint.door import combine
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.numbering import numbers_of
from stillwatch.weigh.holding import Floats, Integers, Mask
from stillwatch.weigh.incidence import Int32s

SALT = np.uint64(1)
HALF = np.uint64(32)


@dataclass(frozen=True, eq=False)
class Requests:
    """The relation `member_exchange`. Where several clusters are in it, keys are told apart with their cluster."""

    table: pa.Table
    _numbers: dict[str, tuple[Int32s, int]] = field(default_factory=dict)
    _known: dict[str, Mask] = field(default_factory=dict)

    @cached_property
    def cluster(self) -> Int32s:
        """The cluster of each request."""
        return self.column("cluster")

    @cached_property
    def clusters(self) -> int:
        """More than the number of any cluster."""
        return int(self.cluster.max(initial=-1)) + 1

    @cached_property
    def present(self) -> Integers:
        """The clusters that have requests."""
        return np.flatnonzero(np.bincount(self.cluster))

    def column(self, name: str) -> npt.NDArray[Any]:
        """What stands in a column, 0 where nothing does."""
        values = plain(self.table[name])
        found: npt.NDArray[Any] = (values.fill_null(0) if values.null_count else values).to_numpy()
        return found

    def codes(self, name: str) -> npt.NDArray[Any]:
        """The same as equal numbers where equal values stand; nothing need be looked up of a column that is held as codes."""
        values = _in_codes(self.table[name])
        if values is None:
            return self.column(name)
        found: npt.NDArray[Any] = values.indices.to_numpy()
        return found

    def known(self, name: str) -> Mask:
        """Which requests have something in a column of keys."""
        if name not in self._known:
            values = _in_codes(self.table[name])
            if values is None:
                self._known[name] = self.column(name) != 0
            else:
                self._known[name] = (values.dictionary.to_numpy() != 0)[values.indices.to_numpy()]
        return self._known[name]

    def within(self, keys: Keys) -> Keys:
        """The keys, another one in each cluster."""
        if len(self.present) <= 1:
            return keys
        salt = combine(np.arange(1, self.clusters + 1, dtype=np.uint64), np.full(self.clusters, SALT))
        return keys + salt[self.cluster]

    def numbered(self, name: str) -> tuple[Int32s, int]:
        """For each request a number for its cluster and its key in that column, and how many numbers there are."""
        if name not in self._numbers:
            self._numbers[name] = numbers_of(self.within(self.column(name)))
        return self._numbers[name]

    def count(self, mask: Mask) -> Integers:
        """How many of the requests that are marked each cluster has."""
        return _count(self.cluster, mask, self.clusters)

    def kinds(self, name: str, mask: Mask) -> Integers:
        """How many distinct keys stand in that column of the requests that are marked, by cluster."""
        return _kinds(*self.numbered(name), mask, self.cluster, self.clusters)

    def often(self, name: str, mask: Mask) -> Iterator[tuple[int, int, int]]:
        """By cluster and number of requests how many keys of that column have so many of the requests that are marked."""
        number, numbers = self.numbered(name)
        requests, of = np.bincount(number[mask], minlength=numbers), np.zeros(numbers, np.int64)
        of[number] = self.cluster
        there = np.flatnonzero(requests)
        most = int(requests.max(initial=0)) + 1
        alike, keys = np.unique(of[there] * most + requests[there], return_counts=True)
        yield from zip((alike // most).tolist(), (alike % most).tolist(), keys.tolist(), strict=True)


def senders(number: Int32s, numbers: int, account: Int32s) -> Integers:
    """How many accounts there are among the requests of each number."""
    pair, pairs = numbers_of(number.astype(np.uint64) << HALF | account.astype(np.uint64))
    of = np.zeros(pairs, np.int32)
    of[pair] = number
    found: Integers = np.bincount(of, minlength=numbers)
    return found


def _in_codes(column: pa.ChunkedArray) -> pa.DictionaryArray | None:
    """The column in one piece, if it is held as codes and nothing is missing; its parts may have other codes for the same."""
    if not pa.types.is_dictionary(column.type) or column.null_count:
        return None
    return column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()


def answer(value: Floats, support: Integers) -> pa.Table:
    """What was measured of the clusters that have support."""
    there = np.flatnonzero(support > 0)
    columns = (there.astype(np.int32), value[there], support[there])
    return pa.table(dict(zip(("cluster", "value", "support"), columns, strict=True)))


@nb.njit(cache=True, nogil=True)
def _count(cluster: Int32s, mask: Mask, clusters: int) -> Integers:
    found = np.zeros(clusters, np.int64)
    for row in range(np.uint64(len(cluster))):
        found[np.uint32(cluster[row])] += mask[row]
    return found


@nb.njit(cache=True, nogil=True)
def _kinds(number: Int32s, numbers: int, mask: Mask, cluster: Int32s, clusters: int) -> Integers:
    found, seen = np.zeros(clusters, np.int64), np.zeros(numbers, np.bool_)
    for row in range(np.uint64(len(number))):
        if mask[row] and not seen[np.uint32(number[row])]:
            seen[np.uint32(number[row])] = True
            found[np.uint32(cluster[row])] += 1
    return found
