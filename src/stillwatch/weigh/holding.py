"""Who holds which trait, in how many of their requests: one sparse table for each trait signal."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.engine.crew import Crew
from stillwatch.fingerprint.memory import give_back
from stillwatch.fingerprint.often import may_come
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.incidence import Incidence, Room, chosen, gathered, stacked
from stillwatch.weigh.table import HALF_WEIGHT_REQUESTS, Space, Table, by_principal, rows_without

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEWEST_HOLDERS = 4
"""A trait of fewer principals sets nobody apart."""
KINDS = tuple(dict.fromkeys(WITNESSES.values()))
"""The witnesses, numbered."""


@dataclass(frozen=True, eq=False)
class Holding:
    """The measurements of one trait signal over N principals.

    `by_trait` has a row for each trait of at least `FEWEST_HOLDERS` principals: who holds it, in how many requests.
    `support` has length N: requests in which the trait could have been seen. `keys` gives back the trait key by row.
    """

    signal: str
    family: str
    by_trait: Incidence
    support: Floats
    keys: npt.NDArray[np.uint64]

    @cached_property
    def support_weight(self) -> Floats:
        """How much each principal's share of requests says: n / (n + 4), 0 where nothing was seen."""
        weight: Floats = self.support / (self.support + HALF_WEIGHT_REQUESTS)
        return weight

    @cached_property
    def total_weight(self) -> float:
        """The sum of `support_weight`."""
        return float(self.support_weight.sum())

    @cached_property
    def holders(self) -> Integers:
        """Principals that hold each trait."""
        result: Integers = np.diff(self.by_trait.starts)
        return result


class Scratch(threading.local):
    """Zeroed space for the compiled loops, which leave it zeroed; and room for one graph after another, and for it turned."""

    def __init__(self, traits: int, everyone: int) -> None:
        """For so many traits and principals, made anew in each thread that asks."""
        self.space = Space(
            held=np.zeros(traits, np.uint16),
            column=np.zeros(traits, np.int32),
            by_principal=np.zeros(everyone),
            marks=np.zeros(-(-everyone // 8) * 8, np.uint8),
            position=np.zeros(everyone, np.int32),
        )
        self.room, self.turned_room = Room(), Room()


class Holdings(tuple[Holding, ...]):  # noqa: SLOT001  cached properties live in the instance
    """The holdings of all trait signals over the same principals, and what the compiled loops need of them."""

    @cached_property
    def everyone(self) -> int:
        """Number of principals."""
        return len(self[0].support) if self else 0

    @cached_property
    def first(self) -> Integers:
        """Number of each holding's first trait where the traits of all are numbered on; and the number of traits."""
        return np.cumsum([0, *(len(h.keys) for h in self)])

    @classmethod
    def side_by_side(cls, found: Iterable[Holding]) -> Self:
        """These, with the entries of all in one piece, of which each has its part: so none lies twice in memory."""
        parts = list(found)
        if not parts:
            return cls()
        whole, start = stacked([h.by_trait for h in parts]), 0
        for at, one in enumerate(parts):
            end = start + len(one.by_trait.others)
            mine = one.by_trait._replace(others=whole.others[start:end], values=whole.values[start:end])
            parts[at], start = replace(one, by_trait=mine), end
        holdings = cls(parts)
        holdings.__dict__["by_trait"] = whole
        return holdings

    @cached_property
    def by_signal(self) -> dict[str, Holding]:
        """Each by the name of its signal."""
        return {h.signal: h for h in self}

    @cached_property
    def by_trait(self) -> Incidence:
        """The entries of all holdings, trait by trait."""
        return stacked([h.by_trait for h in self])

    @cached_property
    def table(self) -> Table:
        """All holdings side by side, by principal and by trait."""
        held = self.by_trait
        signal = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.first))
        support = np.stack([h.support for h in self]).astype(np.int32)
        row_start, row_trait, row_presence, presence = by_principal(held, signal, support)
        return Table(
            row_start=row_start,
            row_trait=row_trait,
            row_presence=row_presence,
            trait_start=held.starts,
            trait_row=held.others,
            trait_requests=held.values,
            presence=presence,
            signal=signal,
            traits=np.diff(self.first),
            support=support,
            total_weight=np.array([h.total_weight for h in self]),
            witness=np.array([KINDS.index(WITNESSES[h.family]) for h in self]),
        )

    def unseen(self, traits: Mask) -> Self:
        """These as weighing sees them where nobody holds some of the traits; only the entries by principal are made again."""
        start, trait, presence = rows_without(self.table, traits)
        fewer = type(self)(self)
        fewer.__dict__["table"] = self.table._replace(row_start=start, row_trait=trait, row_presence=presence)
        fewer.__dict__["scratch"] = self.scratch
        return fewer

    def rest(self) -> None:
        """Let go of what the loops need, until they run again."""
        for name in ("table", "scratch"):
            self.__dict__.pop(name, None)
        give_back()

    @cached_property
    def scratch(self) -> Scratch:
        """What the compiled loops write on, each thread's own."""
        return Scratch(int(self.first[-1]), self.everyone)

    @cached_property
    def crew(self) -> Crew:
        """The threads that weigh and link: the caller's alone, where nobody says otherwise."""
        return Crew()


def holding(measurement: pa.Table, principal: Integers, *, signal: str, family: str) -> Holding:
    """Sum a trait signal's measurement over the accounts of each principal."""
    size = int(principal.max()) + 1 if len(principal) else 0
    account = measurement["account"].to_numpy()
    seen = _seen(account, measurement["support"].to_numpy(), len(principal))
    support = np.bincount(principal, seen, size).astype(np.float64)
    traits = measurement["trait"].to_numpy()
    again = np.flatnonzero(may_come(traits, FEWEST_HOLDERS))
    encoded = pa.array(traits[again]).dictionary_encode()
    keys, trait = encoded.dictionary.to_numpy(), encoded.indices.to_numpy()
    value = measurement["value"].to_numpy()[again].astype(np.float64)
    held = gathered(trait.astype(np.int64), principal[account[again]], value, len(keys), size)
    shared = np.flatnonzero(np.diff(held.starts) >= FEWEST_HOLDERS)
    shared = shared[np.argsort(keys[shared])]
    return Holding(signal, family, narrow(chosen(held, shared)), support, keys[shared])


def narrow(held: Incidence) -> Incidence:
    """The same with numbers of requests of 32 bits."""
    return held._replace(values=held.values.astype(np.float32))


def _seen(account: Integers, support: Integers, accounts: int) -> Floats:
    """The support of each account, which all its rows tell; that of the first if they differ."""
    seen = np.zeros(accounts)
    seen[account[::-1]] = support[::-1]
    return seen
