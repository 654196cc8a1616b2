"""The checks that every signal passes, ours and others'."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.codes import plain
from stillwatch.judge.groups import only
from stillwatch.model.finding import FAMILIES
from stillwatch.model.tables import ACCOUNT, EXCHANGE, KEYED, MEANING, MODEL, NETWORK
from stillwatch.signals._base import Level, Signal
from stillwatch.testing.case import Case
from stillwatch.testing.check import Check, demand, run_all
from stillwatch.testing.ranking import check_case
from stillwatch.testing.subject import AGAIN, ALONE, EMPTY, GAPS, NO_VALUES, PLAIN, SHUFFLED, Subject

TABLES = {table.name: table for table in (EXCHANGE, ACCOUNT, NETWORK, MODEL)}
NOT_PURE = re.compile(
    r"\b(now|today|current_(date|time|timestamp)|random|rand|uuid|setseed|nextval|tablesample|read_\w+)\b",
    re.IGNORECASE,
)
MEASURED = ("value", "support")


def signal_checks(signal: Signal, cases: Sequence[Case] = ()) -> list[Check]:
    """List every check of a signal, its own cases last.

    `cases` may hold other signals' too; at least one of this signal's must be found and one must not.
    """
    own = [case for case in cases if case.signal == signal.name]
    subject = Subject(signal)
    checks = [Check(signal.name, name, partial(run, subject)) for name, run in DEMANDS.items()]
    checks.append(Check(signal.name, "brings a case to find and one not to find", partial(_has_cases, own)))
    return checks + [Check(signal.name, _demand_of(case), partial(check_case, signal, case)) for case in own]


def check_signal(signal: Signal, cases: Sequence[Case] = ()) -> None:
    """Run every check of a signal; one error names all demands it does not meet."""
    run_all(signal_checks(signal, cases))


def _demand_of(case: Case) -> str:
    return f"{'finds' if case.expect == 'found' else 'does not find'} {case.name}"


def _has_cases(cases: Sequence[Case]) -> None:
    missing = {"found", "not found"} - {case.expect for case in cases}
    demand(not missing, f"no case of its own is expected to be {' or '.join(sorted(missing))}")


def _declares_itself(subject: Subject) -> None:
    signal = subject.signal
    demand(
        signal.name.isidentifier() and signal.name.islower(), f"{signal.name!r} is no lower-case identifier"
    )
    demand(signal.level in get_args(Level), f"level {signal.level!r} is none of {', '.join(get_args(Level))}")
    demand(signal.family in FAMILIES, f"family {signal.family!r} is none of {', '.join(FAMILIES)}")
    demand(bool(signal.phrase.strip()), "the phrase is empty, so no evidence sentence can be written")
    demand(bool(signal.needs), "it needs no column of the contract")
    for need in (*signal.needs, *signal.stands_in_for):
        table, _, column = need.partition(".")
        known = table in TABLES and any(column == each.name for each in TABLES[table].columns)
        demand(known, f"it names {need}, which is no table.column of the contract")


def _is_one_pure_query(subject: Subject) -> None:
    query = subject.signal.query
    impure = NOT_PURE.search(query)
    demand(impure is None, f"the query names {impure.group() if impure else ''}")
    words = query.split(maxsplit=1)
    demand(bool(words) and words[0].upper() in {"SELECT", "WITH"}, "the query is no SELECT")
    demand(";" not in query.rstrip().rstrip(";"), "the query holds more than one statement")


def _returns_its_columns(subject: Subject) -> None:
    for world in (PLAIN, EMPTY):
        found = subject.result(world).column_names
        listed = (
            f"it returns {', '.join(found)}; level {subject.signal.level} is {', '.join(subject.columns)}"
        )
        demand(tuple(found) == subject.columns, f"in {world}: {listed}")
        for name in subject.columns:
            kind = subject.result(world)[name].type
            demand(_fits(name, kind), f"in {world}: {name} has type {kind}")


def _fits(name: str, found: pa.DataType) -> bool:
    if name == "trait":
        return bool(found == pa.uint64())
    if name in MEASURED:
        return bool(pa.types.is_integer(found) or pa.types.is_floating(found))
    return found in {pa.int32(), pa.int64()}


def _returns_one_row_each(subject: Subject) -> None:
    result = subject.result(PLAIN)
    keys = [name for name in subject.columns if name not in MEASURED]
    things = _distinct(result, keys)
    demand(things == result.num_rows, f"{result.num_rows} rows for {things} of {', '.join(keys)}")
    if subject.signal.level == "trait":
        alike = _distinct(result, ["account", "support"]) == _distinct(result, ["account"])
        demand(alike, "an account's support differs between its traits")


def _distinct(result: pa.Table, names: list[str]) -> int:
    return int(result.group_by(names, use_threads=False).aggregate([]).num_rows)


def _returns_sound_numbers(subject: Subject) -> None:
    demand(subject.result(PLAIN).num_rows > 0, "it measures nothing in a world with a value in every column")
    for name in subject.columns:
        values = subject.numbers(PLAIN, name)
        demand(bool(np.isfinite(values).all()), f"{name} has values that are not finite")
        demand(bool((values >= 0).all()), f"{name} has negative values")


def _returns_sound_traits(subject: Subject) -> None:
    if subject.signal.level != "trait":
        return
    traits = subject.numbers(PLAIN, "trait")
    demand(bool((traits != 0).all()), "a trait is 0, which means absent")
    carried, seen = subject.numbers(PLAIN, "value"), subject.numbers(PLAIN, "support")
    demand(
        bool((carried <= seen).all()),
        "value exceeds support: more requests carry the trait than could show it",
    )
    if subject.signal.column is not None:
        _are_values_of(subject, subject.signal.column)


def _are_values_of(subject: Subject, column: str) -> None:
    demand(
        any(column == each.name for each in (*KEYED.columns, MEANING)),
        f"column {column} is none of the exchange table",
    )
    held = pc.unique(plain(subject.exchange[column]))
    found = pc.is_in(subject.result(PLAIN)["trait"], value_set=held)
    demand(bool(pc.all(found).as_py()), f"a trait is no value of exchange.{column}")


def _repeats_itself(subject: Subject) -> None:
    demand(
        subject.sorted(AGAIN).equals(subject.sorted(PLAIN)), "it differs when asked again, on three threads"
    )


def _ignores_order(subject: Subject) -> None:
    for world in SHUFFLED:
        demand(subject.sorted(world).equals(subject.sorted(PLAIN)), f"it differs in {world}")


def _measures_a_cluster_by_itself(subject: Subject) -> None:
    if subject.signal.level == "cluster":
        demand(
            subject.sorted(ALONE).equals(only(subject.sorted(PLAIN), [0])), "it differs for a cluster alone"
        )


def _returns_nothing_of_nothing(subject: Subject) -> None:
    rows = subject.result(EMPTY).num_rows
    demand(rows == 0, f"it returns {rows} rows for an empty log")


def _bears_missing_values(subject: Subject) -> None:
    for world in (GAPS, NO_VALUES):
        for name in subject.columns:
            demand(bool(np.isfinite(subject.numbers(world, name)).all()), f"in {world}: {name} is not finite")


def _is_silent_without_its_columns(subject: Subject) -> None:
    needed = [need for need in subject.signal.needs if not _is_required(need)]
    rows = subject.result(NO_VALUES).num_rows
    if subject.signal.level == "trait" and needed:
        demand(rows == 0, f"it returns {rows} rows although {', '.join(needed)} holds nothing")


def _is_required(need: str) -> bool:
    table, _, column = need.partition(".")
    return TABLES[table][column].required


DEMANDS: Mapping[str, Callable[[Subject], None]] = {
    "declares itself in the terms of the contract": _declares_itself,
    "asks no clock, no chance and no file": _is_one_pure_query,
    "returns the columns of its level": _returns_its_columns,
    "returns one row for each thing it measures": _returns_one_row_each,
    "returns finite numbers that are not negative": _returns_sound_numbers,
    "returns traits that can be weighed": _returns_sound_traits,
    "gives the same twice": _repeats_itself,
    "does not mind the order of rows": _ignores_order,
    "measures a cluster by itself, whatever others there are": _measures_a_cluster_by_itself,
    "returns nothing for an empty log": _returns_nothing_of_nothing,
    "lives with missing values": _bears_missing_values,
    "says nothing where its columns hold nothing": _is_silent_without_its_columns,
}
"""What is demanded of every signal, whatever it measures."""
