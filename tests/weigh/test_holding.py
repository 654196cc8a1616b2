"""Measurements to one sparse table: who holds what, in how many requests."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.engine.crew import Crew
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holding, Holdings, holding
from stillwatch.weigh.incidence import chosen
from tests.weigh.planted import FAMILY, Block, log_of, principals


def counts(held: Holding) -> list[list[float]]:
    """Requests by principal and trait, written out."""
    table = np.zeros((len(held.keys), len(held.support)))
    trait = np.repeat(np.arange(len(held.keys)), np.diff(held.by_trait.starts))
    table[trait, held.by_trait.others] = held.by_trait.values
    written: list[list[float]] = table.T.tolist()
    return written


def measurement(*rows: tuple[int, int, int, int]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    types = {"account": pa.int32(), "trait": pa.uint64(), "value": pa.int64(), "support": pa.int64()}
    return pa.table({n: pa.array(c, t) for (n, t), c in zip(types.items(), columns, strict=True)})


def test_requests_of_one_partys_accounts_are_added() -> None:
    table = measurement((0, 7, 3, 5), (1, 7, 2, 4), *((a, 7, 1, 1) for a in range(2, 5)))
    held = holding(table, np.array([0, 0, 1, 2, 3]), signal="s", family="net")
    assert counts(held) == [[5.0], [1.0], [1.0], [1.0]]


def test_support_is_counted_once_for_each_account_however_many_traits_it_has() -> None:
    table = measurement((0, 7, 3, 10), (0, 8, 4, 10), (1, 7, 1, 2), (1, 8, 1, 2))
    held = holding(table, np.array([0, 1]), signal="s", family="net")
    assert held.support.tolist() == [10.0, 2.0]


def test_a_trait_of_few_parties_sets_nobody_apart_and_is_left_out() -> None:
    table = measurement(*((a, 7, 1, 2) for a in range(4)), *((a, 9, 1, 2) for a in range(3)))
    held = holding(table, np.arange(4), signal="s", family="net")
    assert held.keys.tolist() == [7]
    assert held.support.tolist() == [2.0] * 4


def test_many_accounts_of_one_party_do_not_make_a_shared_trait() -> None:
    table = measurement(*((a, 7, 1, 1) for a in range(6)))
    assert len(holding(table, np.array([0, 0, 0, 0, 1, 2]), signal="s", family="net").keys) == 0


def test_an_empty_measurement_holds_nothing() -> None:
    held = holding(measurement(), np.array([0, 1]), signal="s", family="net")
    assert counts(held) == [[], []]
    assert held.total_weight == 0


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [(a, t, 1 + a, 9) for a in range(6) for t in range(4)]
    one, other = (
        holding(measurement(*order), np.array([0, 1, 1, 2, 3, 4]), signal="s", family="net")
        for order in (rows, rows[::-1])
    )
    assert counts(one) == counts(other)
    assert one.support.tolist() == other.support.tolist()


def test_holders_counts_parties() -> None:
    table = measurement(*((a, 7, 1, 2) for a in range(6)), *((a, 8, 1, 2) for a in range(1, 5)))
    held = holding(table, np.array([0, 0, 1, 2, 3, 4]), signal="s", family="net")
    assert held.holders.tolist() == [5, 4]


@pytest.mark.parametrize("third", [0, 1, 2])
def test_traits_unseen_are_weighed_as_where_nobody_holds_them(third: int) -> None:
    log = log_of(300, [Block(range(40), (signal,), trait=number) for number, signal in enumerate(FAMILY)])
    left_out = [h.keys % np.uint64(3) == third for h in log]
    without = Holdings.side_by_side(
        replace(h, by_trait=chosen(h.by_trait, np.flatnonzero(~out)), keys=h.keys[~out])
        for h, out in zip(log, left_out, strict=True)
    )
    unseen = log.unseen(np.concatenate(left_out))
    one, other = (
        weigh(holdings, principals(range(40)), WeighSettings(), also=principals(range(40, 60)))
        for holdings in (unseen, without)
    )
    assert 0 < len(one.signals) == len(other.signals)
    assert one.rows.tolist() == other.rows.tolist()
    assert {n: b.tolist() for n, b in one.witnesses.items()} == {
        n: b.tolist() for n, b in other.witnesses.items()
    }


def test_each_thread_writes_on_scratch_of_its_own() -> None:
    log, met = log_of(50, []), threading.Barrier(2, timeout=20)

    def meets(_number: int) -> np.ndarray:
        met.wait()
        return log.scratch.space.by_principal

    with Crew(2) as crew:
        one, other = crew.each(meets, range(2))
    assert not np.shares_memory(one, other)
