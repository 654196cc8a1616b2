from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.check import broken_rows

piece = st.sampled_from(
    [b"a", b"\0", "é".encode(), "例".encode(), b"\xa9", b"\xc3", b"\xff", b"", b"a" * 61, b"a" * 64]
)
text = st.lists(piece, max_size=4).map(b"".join)


def plain_reason(value: bytes | None, name: str) -> str | None:
    """The first reason to reject a text, as one would write it down."""
    if value is None:
        return None
    if b"\0" in value:
        return f"null byte in {name}"
    try:
        value.decode()
    except UnicodeDecodeError:
        return f"no UTF-8 in {name}"
    return None


def reasons(values: list[bytes | None], name: str) -> dict[int, str]:
    told = ((row, plain_reason(value, name)) for row, value in enumerate(values))
    return {row: reason for row, reason in told if reason}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.none() | text, max_size=12), st.integers(0, 3))
def test_texts_are_told_apart_as_if_each_were_asked_alone(values, cut):
    column = pa.array(values, pa.binary()).view(pa.string())[cut:]
    batch = pa.RecordBatch.from_arrays([column], ["prompt"])
    assert broken_rows(batch, EXCHANGE) == reasons(values[cut:], "prompt")


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(text, max_size=3) | st.none(), max_size=6), st.integers(0, 3))
def test_lists_are_broken_where_one_of_their_texts_is(lists, cut):
    items = pa.array([one for some in lists for one in some or []], pa.binary()).view(pa.string())
    ends = np.cumsum([0, *(len(some or []) for some in lists)], dtype=np.int32)
    mask = pa.array([some is None for some in lists], pa.bool_())
    column = pa.ListArray.from_arrays(pa.array(ends), items, mask=mask)[cut:]
    expected = {}
    for row, some in enumerate(lists[cut:]):
        told = set(filter(None, (plain_reason(one, "tools") for one in some or [])))
        if told:
            expected[row] = max(told)
    assert broken_rows(pa.RecordBatch.from_arrays([column], ["tools"]), EXCHANGE) == expected


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.none() | st.integers(-3, 700), max_size=8),
    st.lists(st.none() | st.floats(-1, 2) | st.just(float("nan")), max_size=8),
)
def test_numbers_are_broken_where_they_are_outside_their_range(statuses, shares):
    of_status = broken_rows(pa.record_batch([pa.array(statuses, pa.int32())], ["status"]), EXCHANGE)
    assert sorted(of_status) == [
        row for row, value in enumerate(statuses) if value is not None and not 100 <= value <= 599
    ]
    of_share = broken_rows(pa.record_batch([pa.array(shares, pa.float64())], ["top_p"]), EXCHANGE)
    assert sorted(of_share) == [
        row for row, value in enumerate(shares) if value is not None and not 0 <= value <= 1
    ]
