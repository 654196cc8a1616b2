"""Where requests come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Bools, Floats, Ints, Rng, column_of


@dataclass
class Exits:
    """Where requests come from: an account's own addresses, or a pool that the group draws from.

    `own` is (m, k) with ladders (m, k); `host_bits` of an own address change from day to day. With a
    pool, a share of conversations leaves through it; `sticky` keeps one pool address per account and day.
    Accounts that are `moved` draw from the `spare` pool instead.
    """

    own: Ints
    ladders: Floats
    host_bits: Ints
    pool: Ints | None = None
    pool_share: float = 0.0
    sticky: bool = False
    spare: Ints | None = None
    moved: Bools | None = None

    def draw(self, rng: Rng, account: Ints, day: int) -> Ints:
        """An address for each conversation."""
        column = column_of(rng, self.ladders[account])
        address = self.own[account, column]
        bits = self.host_bits[account, column]
        shift = (account * 7919 + day * 104729 + column * 31) * 2654435761 % (1 << bits)
        address = address ^ shift
        if self.pool is None:
            return address
        where = (
            (account * 48271 + day * 16807) * 2654435761
            if self.sticky
            else rng.integers(0, 1 << 40, len(account))
        )
        pooled = self._pooled(self.pool, account, where)
        return np.where(rng.random(len(account)) < self.pool_share, pooled, address)

    def _pooled(self, pool: Ints, account: Ints, where: Ints) -> Ints:
        """The pool address that each number points to."""
        usual = pool[where % len(pool)]
        if self.spare is None or self.moved is None:
            return usual
        return np.where(self.moved[account], self.spare[where % len(self.spare)], usual)
