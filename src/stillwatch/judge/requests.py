"""Requests of clusters' members as columns of numbers, and what is counted of them by cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.codes import plain
from stillwatch.fingerprint.door import combine
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.numbering import distinct, numbered, numbers_of
from stillwatch.judge.tallied import beside, tallied
from stillwatch.weigh.holding import Floats, Integers, Mask
from stillwatch.weigh.incidence import Int32s

SALT = np.uint64(1)
NARROW, SMALL = 8, 1 << 8
"""Of a column of so many bits each value is a number by itself, and how many there are."""
_WIDER = {pa.uint8(): pa.uint16(), pa.uint16(): pa.int32()}


class Alike(NamedTuple):
    """Requests that ask for the same together: their cluster, what they ask for, their capability or -1, and how many there are."""

    cluster: Integers
    asks: Integers
    capability: Integers
    requests: Integers


@dataclass(frozen=True, eq=False)
class Requests:
    """The relation `member_exchange`. Where several clusters are in it, keys are told apart with their cluster.

    `parameters` are what queries are asked with.
    """

    table: pa.Table
    parameters: Mapping[str, Any] = field(default_factory=dict)
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

    @cached_property
    def parties(self) -> Integers:
        """The accounts that have requests, in order."""
        return np.flatnonzero(np.bincount(self.column("account")))

    @cached_property
    def place(self) -> Int32s:
        """The place of each request's account among them."""
        of = np.zeros(int(self.parties.max(initial=-1)) + 1, np.int32)
        of[self.parties] = np.arange(len(self.parties))
        found: Int32s = of[self.column("account")]
        return found

    @property
    def by_party(self) -> tuple[Int32s, int]:
        """The same, and how many accounts there are."""
        return self.place, len(self.parties)

    @cached_property
    def of_party(self) -> Int32s:
        """The cluster of each of these accounts."""
        of = np.zeros(len(self.parties), np.int32)
        of[self.place] = self.cluster
        return of

    @cached_property
    def all(self) -> Mask:
        """Every request."""
        return np.ones(len(self.cluster), np.bool_)

    @cached_property
    def read(self) -> Mask:
        """Which requests have a prompt of words."""
        return self.holds("words", lambda words: words > 0)

    @cached_property
    def capability(self) -> Int32s:
        """The capability of each request from 1 on, 0 where none is known."""
        if not self.has("capability"):
            return np.zeros(len(self.cluster), np.int32)
        return np.where(self.there("capability"), self.column("capability").astype(np.int32) + 1, 0)

    @cached_property
    def prompts(self) -> Alike:
        """Requests with a prompt of words; what no query at hand names is 0 and -1."""
        (ask, asks), kinds = self._asks, int(self.capability.max(initial=0)) + 1
        both = beside(ask, self.capability, kinds, self.all)
        found, requests = tallied((self.cluster, self.clusters), (both, len(asks) * kinds), self.read)
        asked, kind = np.divmod(found % (len(asks) * kinds), kinds)
        return Alike(found // (len(asks) * kinds), asks[asked], kind - 1, requests)

    @property
    def _asks(self) -> tuple[npt.NDArray[Any], Integers]:
        """A number for what each request asks for, and what all numbers stand for."""
        if not self.has("asks"):
            return np.zeros(len(self.cluster), np.uint8), np.zeros(1, np.int64)
        column = self.table["asks"]
        if pa.types.is_dictionary(column.type):
            one = _in_one(column)
            return _filled(one), np.append(one.dictionary.to_numpy(), [0])
        number, known = numbered(self.column("asks").view(np.uint64))
        return number, known.view(np.int64)

    def has(self, name: str) -> bool:
        """Whether a query at hand names that column: others are not brought."""
        return name in self.table.column_names

    def column(self, name: str) -> npt.NDArray[Any]:
        """What stands in a column, 0 where nothing does."""
        values = plain(self.table[name])
        filled = values.fill_null(pa.scalar(0).cast(values.type)) if values.null_count else values
        found: npt.NDArray[Any] = filled.to_numpy()
        return found

    def there(self, name: str) -> Mask:
        """Which requests have something in a column."""
        found: Mask = self.table[name].is_valid().to_numpy()
        return found

    def codes(self, name: str) -> npt.NDArray[Any]:
        """The same as equal numbers where equal values stand; nothing need be looked up of a column that is held as codes."""
        values = _in_codes(self.table[name])
        if values is None:
            return self.column(name)
        found: npt.NDArray[Any] = values.indices.to_numpy()
        return found

    def small(self, name: str) -> tuple[npt.NDArray[Any], int]:
        """A number for what stands in a column, and what all are below; where nothing does, it has one as well."""
        column = self.table[name]
        if pa.types.is_dictionary(column.type):
            one = _in_one(column)
            return _filled(one), len(one.dictionary) + 1
        if column.type.bit_width <= NARROW:
            codes = self.column(name).view(np.uint8)
            return (
                np.where(self.there(name), codes, np.uint16(SMALL)) if column.null_count else codes
            ), SMALL + 1
        number, numbers = numbers_of(self.column(name).astype(np.uint64))
        return np.where(self.there(name), number, numbers), numbers + 1

    def holds(self, name: str, condition: Callable[[npt.NDArray[Any]], Mask]) -> Mask:
        """Of which requests that holds for what stands in a column; of none where nothing does."""
        column = self.table[name]
        if pa.types.is_dictionary(column.type):
            one = _in_one(column)
            found: Mask = np.append(condition(one.dictionary.to_numpy()), [False])[_filled(one)]
        else:
            found = condition(self.column(name)) & self.there(name)
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
        return _salted(keys, salt, self.cluster)

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

    def often(self, name: str, mask: Mask, *, beside: str) -> Iterator[tuple[int, int, int]]:
        """By cluster and number of requests how many keys of that column have so many of the requests that are marked.

        A key is another one with each key of the column `beside` it.
        """
        number, numbers = self.numbered(name)
        if np.any(self.known(beside)):
            other, others = self.numbered(beside)
            number, numbers = numbers_of((number.astype(np.int64) * others + other).view(np.uint64))
        requests, of = _times(number, numbers, mask, self.cluster)
        there = np.flatnonzero(requests)
        most = int(requests.max(initial=0)) + 1
        both, keys = distinct((of[there] * most + requests[there]).view(np.uint64))
        alike = both.view(np.int64)
        yield from zip((alike // most).tolist(), (alike % most).tolist(), keys.tolist(), strict=True)


def _in_one(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """The column in one piece; its parts may have other codes for the same."""
    return column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()


def _filled(one: pa.DictionaryArray) -> npt.NDArray[Any]:
    """The codes, where nothing stands as many as there are values."""
    codes, values = one.indices, len(one.dictionary)
    if codes.null_count:
        codes = codes.cast(_WIDER.get(codes.type, codes.type)).fill_null(values)
    found: npt.NDArray[Any] = codes.to_numpy()
    return found


def _in_codes(column: pa.ChunkedArray) -> pa.DictionaryArray | None:
    """The column in one piece, if it is held as codes and nothing is missing."""
    if not pa.types.is_dictionary(column.type) or column.null_count:
        return None
    return _in_one(column)


def answer(value: Floats, support: Integers | Floats) -> pa.Table:
    """What was measured of the clusters that have support."""
    there = np.flatnonzero(support > 0)
    columns = (there.astype(np.int32), value[there], support[there])
    return pa.table(dict(zip(("cluster", "value", "support"), columns, strict=True)))


@nb.njit(cache=True, nogil=True)
def _salted(keys: Keys, salt: Keys, cluster: Int32s) -> Keys:
    salted = np.empty(len(keys), np.uint64)
    for row in range(np.uint64(len(keys))):
        salted[row] = keys[row] + salt[np.uint32(cluster[row])]
    return salted


@nb.njit(cache=True, nogil=True)
def _count(cluster: Int32s, mask: Mask, clusters: int) -> Integers:
    found = np.zeros(clusters, np.int64)
    for row in range(np.uint64(len(cluster))):
        found[np.uint32(cluster[row])] += mask[row]
    return found


@nb.njit(cache=True, nogil=True)
def _times(number: Int32s, numbers: int, mask: Mask, cluster: Int32s) -> tuple[Integers, Integers]:
    """How often each number comes among the requests that are marked, and whose it is."""
    times, of = np.zeros(numbers, np.int64), np.zeros(numbers, np.int64)
    for row in range(np.uint64(len(number))):
        if mask[row]:
            at = np.uint32(number[row])
            times[at] += 1
            of[at] = cluster[row]
    return times, of


@nb.njit(cache=True, nogil=True)
def _kinds(number: Int32s, numbers: int, mask: Mask, cluster: Int32s, clusters: int) -> Integers:
    found, seen = np.zeros(clusters, np.int64), np.zeros(numbers, np.bool_)
    for row in range(np.uint64(len(number))):
        if mask[row] and not seen[np.uint32(number[row])]:
            seen[np.uint32(number[row])] = True
            found[np.uint32(cluster[row])] += 1
    return found
