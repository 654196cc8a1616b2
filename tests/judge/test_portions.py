"""Clusters asked about some at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.judge import portions as room
from stillwatch.judge.case import RowsOf, rows_of
from stillwatch.judge.groups import member_table
from stillwatch.judge.portions import measured, portions
from stillwatch.registry import discover
from stillwatch.signals._base import Signal
from stillwatch.testing import plain
from stillwatch.testing.measuring import PARAMETERS, World, world_of

ALL = tuple(discover("signals", Signal).values())


@pytest.fixture(scope="module")
def world() -> World:
    names = plain.exchanges()["account_id"].unique().to_pylist()
    return world_of(
        plain.exchanges(), plain.accounts(), plain.models(), clusters=[names[at::4] for at in range(4)]
    )


def of(world: World) -> RowsOf:
    return rows_of(world.log.exchange["account"].to_numpy(), len(world.log.account_ids))


def told(
    world: World,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
    signals: Sequence[Signal] = ALL,
    threads: int = 1,
) -> dict[str, list[dict[str, object]]]:
    monkeypatch.setattr(room, "portions", lambda member, rows, _most: portions(member, rows, most))
    with DuckDBEngine(threads=threads) as engine:
        for name, table in world.relations("").items():
            engine.read(name, table)
        found = measured(
            engine,
            world.log.exchange,
            world.member,
            list(signals),
            rows_of=of(world),
            at_once=threads,
            **PARAMETERS,
        )
    return {name: sorted(table.to_pylist(), key=lambda row: row["cluster"]) for name, table in found.items()}


def test_all_signals_measure_the_same_of_clusters_one_by_one_as_of_all_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = told(world, 1 << 40, monkeypatch)
    assert {len(rows) for rows in together.values()} >= {4}
    assert told(world, 1, monkeypatch) == together


@pytest.mark.parametrize("threads", [2, 6])
def test_portions_that_are_asked_about_at_once_are_measured_as_one_after_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    assert told(world, 1, monkeypatch, threads=threads) == told(world, 1, monkeypatch)


def test_each_signal_measures_by_itself_what_it_measures_among_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only columns that some query at hand names are brought, and operators leave signals out."""
    together = told(world, 1 << 40, monkeypatch)
    for signal in ALL:
        alone = told(world, 1 << 40, monkeypatch, [signal])
        assert alone == {name: together[name] for name in alone}


def test_a_portion_has_whole_clusters_of_so_many_requests() -> None:
    accounts = np.repeat(np.arange(6, dtype=np.int32), [5, 1, 1, 1, 9, 1])
    member = member_table([np.array([at]) for at in range(6)], np.arange(6))
    got = [some["cluster"].to_pylist() for some in portions(member, rows_of(accounts, 6), 4)]
    assert got == [[0], [1, 2, 3], [4], [5]]


def test_no_cluster_is_one_portion_of_nobody() -> None:
    (none,) = portions(member_table([], np.zeros(0, np.int64)), rows_of(np.zeros(0, np.int32), 0))
    assert none.schema == pa.schema([("account", pa.int32()), ("cluster", pa.int32())])
    assert none.num_rows == 0
