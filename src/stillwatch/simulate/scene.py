"""What all groups of a world share: texts, address ranges, client programs, models, common exits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from stillwatch.model.tables import MODEL, TIMESTAMP
from stillwatch.simulate.arrays import Ints, generator, hex_strings, mix, salt
from stillwatch.simulate.assumptions import ASSUMED, Assumptions
from stillwatch.simulate.clients import Clients
from stillwatch.simulate.network import Networks
from stillwatch.simulate.rhythm import DAY
from stillwatch.simulate.text import Library, grammar

MODELS = ("opal-4", "opal-4-mini", "opal-4-reason", "opal-5")
NEW_MODEL = 3


@dataclass
class Scene:
    """The stage of one world."""

    world: str
    seed: int
    exchanges: int
    accounts: int
    assumed: Assumptions = ASSUMED
    library: Library = field(default_factory=Library)
    networks: Networks = field(default_factory=Networks)
    clients: Clients = field(default_factory=Clients)
    homes: list[Ints] = field(default_factory=list)
    tokens_made: int = 0

    def __post_init__(self) -> None:
        """Draw what is common to the whole world."""
        rng = generator(self.world, self.seed, "scene")
        self.start = int(np.datetime64(self.assumed.window.start, "us").astype(np.int64))
        self.days = self.assumed.window.days
        self.release_day = float(rng.uniform(*self.assumed.window.release_day))
        exits = max(20, self.assumed.network.vpn_exits * self.accounts // 9000)
        self.vpn_exits = self.networks.addresses(rng, "vpn", exits)
        names = grammar()["agent_tools"]
        self.toolsets: list[list[str]] = [[], *names, grammar()["foreign_tools"]]
        self.toolset_numbers = {f"agent-{i}": i + 1 for i in range(len(names))}
        self.toolset_numbers["foreign"] = len(names) + 1

    def rng(self, *names: object) -> np.random.Generator:
        """A generator for a part of this world."""
        return generator(self.world, self.seed, *names)

    def ids(self, kind: str, numbers: Ints, prefix: str) -> list[str]:
        """Ids that hide the numbers."""
        ids: list[str] = hex_strings(mix(numbers, salt(kind, self.seed)), prefix).to_pylist()
        return ids

    def fresh(self, count: int) -> Ints:
        """Numbers no one else in this world has, for cards, devices and reasoning blocks."""
        self.tokens_made += count
        return np.arange(self.tokens_made - count, self.tokens_made) + 1

    def models_table(self) -> pa.Table:
        """The contract's `models` table."""
        days = [*(-d for d in self.assumed.traffic.releases_days_before), self.release_day]
        released = [self.start + int(day * DAY) for day in days]
        return pa.table([pa.array(MODELS), pa.array(released, TIMESTAMP)], schema=MODEL.arrow)
