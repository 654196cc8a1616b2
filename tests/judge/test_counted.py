"""What is counted here, or asked of some requests alone, is what the signals' own queries answer."""

from __future__ import annotations

import tracemalloc
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.fingerprint.probes import BIT
from stillwatch.judge.narrowed import NARROWED, narrowed
from stillwatch.judge.portions import HERE
from stillwatch.judge.requests import Requests
from stillwatch.model.tables import KEYED
from stillwatch.registry import discover
from stillwatch.signals import fresh_prompts, hot_spare_pool, no_human_rhythm, synchrony
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import named_in

HOUR = 3_600_000_000
NAMES = {signal.query: name for name, signal in discover("signals", Signal).items()}
KINDS = {column.name: column.type for column in KEYED.columns}
KEY_VALUES = (0, 1, 2, 2**64 - 1)
EVERY_PROBE = sum(BIT.values())
WANTED = {"wanted": BIT["grade"] | BIT["make"]}
FEW = {
    "account": range(6),
    "ts": [-5, *(HOUR // 5 + at * 16 * HOUR for at in range(6)), HOUR // 5 + 1],
    "turns": [None, -1, 0, 1, 2, 3, 300],
    "words": [None, 0, 1],
    "capability": [None, 0, 1, 2, 6, 7, 8],
    "thinking": [None, True, False],
    "asks": [None, 0, *BIT.values(), EVERY_PROBE, *(EVERY_PROBE - bit for bit in BIT.values())],
    "status": [None, 200, 403, 429],
    "script": [None, 0, 1],
    "images": [None, -1, 0, 1, 4],
    "input_tokens": [None, 0, 1, 30],
    "output_tokens": [None, 0, 2, 50],
    "model": [1, 2**63],
    "opens": [True, False],
    **dict.fromkeys(
        (
            "channel",
            "user_agent",
            "headers",
            "api_key",
            "conversation",
            "prefix",
            "tls",
            "prompt",
            "opening",
            "ending",
            "template",
            "token",
        ),
        KEY_VALUES,
    ),
}
CODED = (
    "model",
    "prefix",
    "tls",
    "prompt",
    "turns",
    "status",
    "user_agent",
    "words",
    "output_tokens",
    "asks",
)
SCHEMA = pa.schema({"cluster": pa.int32(), "opens": pa.bool_(), **{n: KINDS[n] for n in FEW if n in KINDS}})
ACCOUNTS = 40
MEMBER = pa.table(
    {
        "account": pa.array(range(ACCOUNTS), pa.int32()),
        "cluster": pa.array([a % 2 for a in range(ACCOUNTS)], pa.int32()),
    }
)


def requests(draw: Random, many: int) -> pa.Table:
    """So many requests, and columns held as codes perhaps."""
    rows = [{name: draw.choice(values) for name, values in FEW.items()} for _ in range(many)]
    table = pa.Table.from_pylist([{**row, "cluster": row["account"] % 2} for row in rows], SCHEMA)
    for name in CODED:
        if draw.random() < 0.5:
            table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    return table


def told(answer: pa.Table) -> list[tuple[object, ...]]:
    return sorted(zip(*(answer[name].to_pylist() for name in ("cluster", "value", "support")), strict=True))


@pytest.mark.parametrize("query", [*HERE, *NARROWED], ids=NAMES.get)
def test_the_answer_is_that_of_the_query(query: str) -> None:
    with DuckDBEngine(threads=1) as engine:
        engine.read("member", MEMBER)

        @settings(max_examples=25, deadline=None)
        @given(st.integers(0, 2**32).map(Random), st.integers(0, 40))
        def is_the_same(draw: Random, many: int) -> None:
            table = requests(draw, many)
            engine.read("member_exchange", table)
            expected, asked = engine.query(query, **named_in(query, WANTED)), Requests(table, WANTED)
            if query in HERE:
                assert told(HERE[query](asked, MEMBER)) == told(expected)
            else:
                engine.read("member_exchange", narrowed(asked, query))
                assert told(NARROWED[query].answer(asked, engine.query(query))) == told(expected)

        is_the_same()


@pytest.mark.parametrize("tasks", [300, 9_000, 10_000_000])
def test_of_many_requests_as_fresh_a_share_is_counted_as_the_query_tells(tasks: int) -> None:
    draw = np.random.default_rng(tasks)
    table = pa.table(
        {
            "cluster": pa.array(draw.integers(0, 3, 60_000), pa.int32()),
            "prompt": pa.array(draw.integers(0, tasks, 60_000), pa.uint64()),
            "token": pa.array(draw.integers(0, 4, 60_000), pa.uint64()),
            "images": pa.array(draw.integers(0, 2, 60_000), pa.int32(), mask=draw.random(60_000) < 0.5),
            "opens": pa.array(draw.random(60_000) < 0.8),
        }
    )
    query = fresh_prompts.SIGNAL.query
    with DuckDBEngine(threads=1) as engine:
        engine.read("member_exchange", table)
        assert told(HERE[query](Requests(table), MEMBER)) == told(engine.query(query))


@pytest.mark.parametrize(
    "signal", [synchrony, hot_spare_pool, no_human_rhythm], ids=lambda one: one.SIGNAL.name
)
def test_one_request_at_the_beginning_of_time_takes_no_room_for_all_that_might_lie_between(signal) -> None:
    draw, many, clusters = np.random.default_rng(7), 20_000, 60
    account = draw.integers(0, 3_000, many)
    times = 1_780_000_000_000_000 + draw.integers(0, 30 * 24, many) * HOUR // 3
    times[5] = 0
    table = pa.table(
        {
            "account": pa.array(account, pa.int32()),
            "cluster": pa.array(account % clusters, pa.int32()),
            "ts": pa.array(times),
        }
    )
    query = signal.SIGNAL.query
    with DuckDBEngine(threads=1) as engine:
        engine.read("member_exchange", table)
        expected = told(engine.query(query))
    tracemalloc.start()
    try:
        assert told(HERE[query](Requests(table), MEMBER)) == expected
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()
