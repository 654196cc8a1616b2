"""Run signals over a log: which can run, what they measure, which are skipped and why."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from typing import Protocol

import pyarrow as pa

from stillwatch.model.finding import SkippedSignal
from stillwatch.model.tables import KEY, KEYED, MEANING
from stillwatch.signals._base import Level, Signal, SignalSettings, requests_with


class Asks(Protocol):
    """What signals need of an engine: answers to their queries."""

    def answers(self, questions: Iterable[tuple[str, Mapping[str, object]]]) -> Generator[pa.Table]:
        """The answer to each SELECT with its parameters, in their order."""


def chosen(
    signals: Mapping[str, Signal], present: Mapping[str, AbstractSet[str]], settings: SignalSettings
) -> tuple[list[Signal], list[SkippedSignal]]:
    """The signals that can run on a log with these tables and columns, and those that cannot, with the reason.

    One that stands in for columns that the log has is in neither: nothing is missed without it.
    """
    have = {f"{table}.{column}" for table, columns in present.items() for column in columns}
    run: list[Signal] = []
    skipped: list[SkippedSignal] = []
    for name, signal in signals.items():
        missing = [need for need in signal.needs if need not in have]
        if name in settings.without:
            skipped.append(SkippedSignal(name, "left out by the setting signals.without"))
        elif signal.setting is not None and getattr(settings, signal.setting) is None:
            skipped.append(SkippedSignal(name, f"the setting signals.{signal.setting} is not set"))
        elif missing:
            skipped.append(SkippedSignal(name, f"the log holds no values of {', '.join(missing)}"))
        elif not _is_idle(signal, have):
            run.append(signal)
    return run, skipped


def _is_idle(signal: Signal, have: AbstractSet[str]) -> bool:
    return bool(signal.stands_in_for) and set(signal.stands_in_for) <= have


def measure(
    engine: Asks, signals: Iterable[Signal], level: Level, **parameters: object
) -> Iterator[tuple[Signal, pa.Table]]:
    """Every signal of one level with its measurement, one after the other: those of traits are as large as the log."""
    mine = [signal for signal in signals if signal.level == level]
    asked = ((s.query, named_in(s.query, parameters)) for s in mine)
    with closing(engine.answers(asked)) as found:
        yield from zip(mine, found, strict=True)


def named_in(query: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
    """Those of the parameters that a query names."""
    return {name: value for name, value in parameters.items() if f"${name}" in query}


def columns_counted(signals: Iterable[Signal]) -> dict[str, str]:
    """By name, the signals whose query counts the keys of one column and no more, each with the column; of numbers some are null."""
    keys = (column.name for column in (*KEYED.columns, MEANING) if column.type == KEY)
    queries = {requests_with(name): name for name in keys}
    return {s.name: queries[s.query] for s in signals if s.query in queries}
