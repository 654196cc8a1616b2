"""A signal under test, with its measurements of the plain world and of what can happen to a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pyarrow as pa

from stillwatch.engine.open import EngineSettings, open_engine
from stillwatch.errors import StillwatchError
from stillwatch.judge.groups import only
from stillwatch.model.tables import ACCOUNT, EXCHANGE
from stillwatch.signals._base import Signal
from stillwatch.testing import measuring, plain
from stillwatch.testing.check import ConformanceError, demand
from stillwatch.testing.measuring import World
from stillwatch.testing.written import model_for

PLAIN = "the plain world"
AGAIN = "the plain world, again"
GAPS = "the plain world with gaps"
NO_VALUES = "the plain world with required columns only"
EMPTY = "an empty log"
ALONE = "the plain world with its first cluster alone"
SHUFFLED = {f"the plain world shuffled with seed {seed}": seed for seed in (1, 2)}

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "trait": ("account", "trait", "value", "support"),
    "account": ("account", "value", "support"),
    "cluster": ("cluster", "value", "support"),
}
"""What a measurement holds, by level."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A signal and what it measured, world by world."""

    signal: Signal

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a measurement of this level holds."""
        return COLUMNS[self.signal.level]

    @property
    def exchange(self) -> pa.Table:
        """The exchange table of the plain world."""
        return self._worlds[PLAIN].log.exchange

    def result(self, world: str) -> pa.Table:
        """The measurement of that world, with the columns of its level."""
        result = self._measured[world]
        if isinstance(result, StillwatchError):
            raise ConformanceError(f"in {world}: {result}") from result
        return result

    def numbers(self, world: str, name: str) -> npt.NDArray[Any]:
        """One column of a measurement, which must hold numbers without nulls."""
        demand(name in self.result(world).column_names, f"in {world}: it returns no column {name}")
        column = self.result(world)[name]
        demand(_is_number(column.type), f"in {world}: {name} has type {column.type}")
        demand(column.null_count == 0, f"in {world}: {name} has nulls")
        numbers: npt.NDArray[Any] = column.to_numpy()
        return numbers

    def sorted(self, world: str) -> pa.Table:
        """The measurement in the order of its own values."""
        result = self.result(world)
        return result.sort_by([(name, "ascending") for name in result.column_names]).combine_chunks()

    @cached_property
    def _measured(self) -> Mapping[str, pa.Table | StillwatchError]:
        with open_engine(EngineSettings(threads=1)) as one, open_engine(EngineSettings(threads=3)) as three:
            engines = {world: three if world == AGAIN else one for world in self._worlds}
            return {
                name: _attempt(partial(world.measure_with, engines[name], self.signal))
                for name, world in self._worlds.items()
            }

    @cached_property
    def _worlds(self) -> Mapping[str, World]:
        with model_for(self.signal, plain.exchanges()) as model:
            return worlds(self.signal.stands_in_for, model)


def _attempt(measure: Callable[[], pa.Table]) -> pa.Table | StillwatchError:
    try:
        return measure()
    except StillwatchError as error:
        return error


def _is_number(found: pa.DataType) -> bool:
    return bool(pa.types.is_integer(found) or pa.types.is_floating(found))


@cache
def worlds(without: tuple[str, ...] = (), meaning_model: Path | None = None) -> Mapping[str, World]:
    """The worlds that a signal is tried on, by what they are called in messages.

    `without` are columns, written `table.column`, that hold nothing: those that the signal stands in for.
    """
    world_of = partial(measuring.world_of, meaning_model=meaning_model)
    exchanges = plain.emptied(plain.exchanges(), "exchanges", without)
    accounts, models = plain.emptied(plain.accounts(), "accounts", without), plain.models()
    made = {PLAIN: world_of(exchanges, accounts, models)}
    made[AGAIN] = made[PLAIN]
    for name, seed in SHUFFLED.items():
        mixed = (plain.shuffled(table, seed) for table in (exchanges, accounts, models))
        made[name] = world_of(*mixed)
    for name, every in ((GAPS, 5), (NO_VALUES, 1)):
        gappy = (
            plain.with_gaps(exchanges, EXCHANGE, every=every),
            plain.with_gaps(accounts, ACCOUNT, every=every),
        )
        made[name] = world_of(*gappy, models)
    made[EMPTY] = world_of(EXCHANGE.arrow.empty_table())
    made[ALONE] = replace(made[PLAIN], member=only(made[PLAIN].member, [0]))
    return made
