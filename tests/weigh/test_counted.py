"""Values of a column counted where it lies: the same as a query's answer gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.registry import discover
from stillwatch.signals._base import Signal, requests_with
from stillwatch.signals.measure import columns_counted
from stillwatch.weigh.counted import counted, party_by_party
from stillwatch.weigh.holding import Holding, Holdings, holding

PRINCIPAL = np.array([0, 1, 1, 2, 3, 4, 5, 6, 0, 7])
"""Of ten accounts."""


def exchange(rows: list[tuple[int, int]], pieces: int = 1) -> pa.Table:
    accounts, keys = zip(*rows, strict=True) if rows else ((), ())
    whole = pa.table({"account": pa.array(accounts, pa.int32()), "tls": pa.array(keys, pa.uint64())})
    size = max(1, -(-len(rows) // pieces))
    return pa.concat_tables([whole.slice(start, size) for start in range(0, max(1, len(rows)), size)])


def here(log: pa.Table) -> Holding:
    rows = party_by_party(log["account"].to_numpy(), PRINCIPAL)
    return counted(log["tls"], rows, signal="tls_client", family="client")


def asked(log: pa.Table) -> Holding:
    with DuckDBEngine(threads=1) as engine:
        engine.read("exchange", log)
        return holding(engine.query(requests_with("tls")), PRINCIPAL, signal="tls_client", family="client")


def written(held: Holding) -> list[object]:
    arrays = (held.keys, held.support, *held.by_trait[:3])
    return [held.signal, held.family, held.by_trait.width, *((a.dtype, a.tolist()) for a in arrays)]


def same(log: pa.Table) -> None:
    assert written(here(log)) == written(asked(log))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 3, 2**64 - 1, 2**63, 77])), max_size=80),
    st.integers(1, 3),
)
def test_counting_a_column_gives_what_its_query_gives(rows: list[tuple[int, int]], pieces: int) -> None:
    same(exchange(rows, pieces))


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from([0, 3, 2**64 - 1, 2**63, 77])), min_size=1, max_size=80
    ),
    st.sampled_from([pa.uint8(), pa.uint16(), pa.int32()]),
)
def test_counting_codes_gives_what_counting_keys_gives(
    rows: list[tuple[int, int]], index: pa.DataType
) -> None:
    log = exchange(rows)
    coded = log["tls"].combine_chunks().dictionary_encode().cast(pa.dictionary(index, pa.uint64()))
    parts = pa.chunked_array([coded.slice(0, len(rows) // 2), coded.slice(len(rows) // 2)])
    held = log.set_column(1, "tls", parts)
    assert written(here(held)) == written(here(log)) == written(asked(held))


def test_many_keys_of_one_place_find_room() -> None:
    keys = np.random.default_rng(4).integers(1, 2**63, 6_000)
    same(exchange([(account, int(key)) for key in keys for account in (0, 1, 3, 4, 5)]))


def test_a_party_that_repeats_a_key_between_others_holds_it_once() -> None:
    rows = [(0, 5), (0, 6), (8, 5), (0, 6), *((a, 5) for a in (3, 4, 5))]
    held = here(exchange(rows))
    assert held.keys.tolist() == [5]
    assert held.by_trait.others.tolist() == [0, 2, 3, 4]
    assert held.by_trait.values.tolist() == [2.0, 1.0, 1.0, 1.0]


def test_signals_that_ask_for_more_than_a_column_are_asked() -> None:
    columns = columns_counted(discover("signals", Signal).values())
    assert columns["tls_client"] == "tls"
    assert columns["request_shape"] == "shape"
    assert "signup_device" not in columns


@pytest.mark.parametrize("name", ["others", "values"])
def test_holdings_side_by_side_lie_in_memory_once(name: str) -> None:
    log = exchange([(a, key) for a in range(10) for key in (3, 4)])
    found = Holdings.side_by_side([here(log), here(log)])
    whole = getattr(found.by_trait, name)
    assert all(np.shares_memory(getattr(h.by_trait, name), whole) for h in found)


def test_no_holdings_side_by_side_are_none() -> None:
    assert Holdings.side_by_side([]).everyone == 0


def test_holdings_that_rest_make_their_table_anew() -> None:
    found = Holdings.side_by_side([here(exchange([(a, 3) for a in range(10)]))])
    before = found.table
    found.rest()
    assert found.table is not before
    assert found.table.row_presence.tolist() == before.row_presence.tolist()


def test_numbers_of_which_some_may_be_null_are_left_to_the_query() -> None:
    asked = replace(discover("signals", Signal)["same_prompt"], query=requests_with("turns"))
    assert columns_counted([asked]) == {}
