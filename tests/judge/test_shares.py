"""Shares of requests asked at once are those that each query by itself gives."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.judge.shares import apart, share_of, together
from stillwatch.registry import discover
from stillwatch.signals._base import Signal, share_of_prompts, share_of_requests

QUERIES = (
    share_of_prompts("(asks & 5) <> 0"),
    share_of_requests("turns <= 2", among="turns IS NOT NULL"),
    share_of_requests("thinking AND turns > 1", among="thinking"),
    share_of_prompts("capability = 6 OR (asks & 2) <> 0"),
    share_of_prompts("ln(words) > 1"),
    share_of_prompts("ASKS > 2"),
    share_of_prompts("member_exchange.asks > 2"),
    share_of_prompts("asks > 2 AND thinking"),
)
MAYBE = st.one_of(st.none(), st.integers(0, 4))
REQUEST = st.tuples(
    st.integers(0, 2), MAYBE, MAYBE, st.one_of(st.none(), st.booleans()), MAYBE, st.integers(0, 7)
)


def member_exchange(requests: list[tuple[object, ...]]) -> pa.Table:
    schema = pa.schema(
        {
            "cluster": pa.int32(),
            "turns": pa.int32(),
            "words": pa.int32(),
            "thinking": pa.bool_(),
            "capability": pa.int8(),
            "asks": pa.int64(),
        }
    )
    rows = [dict(zip(schema.names, request, strict=True)) for request in requests]
    return pa.Table.from_pylist(rows, schema)


def told(answer: pa.Table) -> list[tuple[object, ...]]:
    return sorted(zip(*(answer[name].to_pylist() for name in ("cluster", "value", "support")), strict=True))


def test_shares_asked_at_once_are_the_same_as_one_by_one() -> None:
    shares = [share for query in QUERIES if (share := share_of(query)) is not None]
    assert len(shares) == len(QUERIES)
    with DuckDBEngine(threads=1) as engine:

        @settings(max_examples=30)
        @given(st.lists(REQUEST, max_size=30))
        def are_the_same(requests: list[tuple[object, ...]]) -> None:
            engine.read("member_exchange", member_exchange(requests))
            at_once = list(apart(engine.query(together(shares)), len(shares)))
            assert [told(one) for one in at_once] == [told(engine.query(query)) for query in QUERIES]

        are_the_same()


def test_what_is_no_share_of_requests_is_asked_by_itself() -> None:
    assert share_of("SELECT cluster, 1.0 AS value, 1 AS support FROM member_exchange") is None
    assert share_of(QUERIES[0] + " ORDER BY cluster") is None


def test_the_queries_of_signals_that_are_shares_are_known_by_their_words() -> None:
    signals = discover("signals", Signal)
    assert {"single_turn", "training_value", "pretexts"} <= {
        n for n, s in signals.items() if share_of(s.query)
    }
    assert not share_of(signals["framed_prompts"].query)
