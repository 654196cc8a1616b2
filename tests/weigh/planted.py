"""Holdings made by hand: a few hundred principals with ordinary traits, and blocks that share rare ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from stillwatch.weigh.holding import Holding, Holdings, Integers, holding

FAMILY = {
    "shared_address": "net",
    "tls_client": "client",
    "header_profile": "client",
    "payment_instrument": "pay",
    "shared_template": "template",
}
REQUESTS = 20
ORDINARY = 30
PRIVATE, BLOCK = 1_000_000, 2_000_000


@dataclass(frozen=True)
class Block:
    """Principals that share one rare trait of each of the signals, in that share of their requests."""

    members: Iterable[int]
    signals: Sequence[str] = tuple(FAMILY)
    share: float = 0.8
    trait: int = 0
    """Blocks with one number here share their traits."""


@dataclass
class Rows:
    """A measurement under construction."""

    account: list[int] = field(default_factory=list)
    trait: list[int] = field(default_factory=list)
    value: list[int] = field(default_factory=list)

    def add(self, account: int, trait: int, value: float) -> None:
        if value >= 1:
            self.account.append(account)
            self.trait.append(trait)
            self.value.append(round(value))

    def table(self) -> pa.Table:
        return pa.table(
            {
                "account": pa.array(self.account, pa.int32()),
                "trait": pa.array(self.trait, pa.uint64()),
                "value": pa.array(self.value, pa.int64()),
                "support": pa.array([REQUESTS] * len(self.account), pa.int64()),
            }
        )


def measured(
    signal: str, everyone: int, blocks: Sequence[Block], *, hub: Mapping[str, float], seed: int
) -> pa.Table:
    """One signal: a private and an ordinary trait for each principal, the blocks' traits, and perhaps a hub.

    `hub` gives for a signal the share of all principals that hold one and the same trait.
    """
    rng = np.random.default_rng([seed, *signal.encode()])
    rows = Rows()
    of = {m: b for b in blocks if signal in b.signals for m in b.members}
    for principal in range(everyone):
        block = of.get(principal)
        left = REQUESTS * (1 - block.share if block else 1.0)
        if block:
            rows.add(principal, BLOCK + block.trait, REQUESTS * block.share)
        if rng.random() < hub.get(signal, 0.0):
            rows.add(principal, 1, left * 0.5)
            left *= 0.5
        rows.add(principal, 2 + int(rng.integers(ORDINARY)), left * 0.4)
        rows.add(principal, PRIVATE + principal, left * 0.6)
    return rows.table()


def log_of(
    everyone: int, blocks: Sequence[Block] = (), *, hub: Mapping[str, float] | None = None, seed: int = 1
) -> Holdings:
    """All signals of such a log."""
    return Holdings(
        holding(
            measured(signal, everyone, blocks, hub=hub or {}, seed=seed),
            np.arange(everyone),
            signal=signal,
            family=family,
        )
        for signal, family in FAMILY.items()
    )


def only(holdings: Sequence[Holding], *signals: str) -> Holdings:
    """The holdings of those signals."""
    return Holdings(h for h in holdings if h.signal in signals)


def principals(members: Iterable[int]) -> Integers:
    """Principals as the functions under test take them."""
    return np.array(sorted(members), np.int64)
