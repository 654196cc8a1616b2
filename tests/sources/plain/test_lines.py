"""Lines taken by compiled code are the rows that the decoder of rows would give, whatever stands in them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.model.tables import ACCOUNT, EXCHANGE
from stillwatch.sources.plain.lines import PlainLines
from stillwatch.sources.rows import RowDecoder
from stillwatch.sources.textchunk import Growing

TEXTS = st.text(max_size=40) | st.sampled_from(
    ["", '"', "\\", "\\u", 'a"b\\', "\n\t", "é", "日本", "🙂", "\x7f", "a" * 70]
)
WHOLE = (
    st.integers(-(2**64), 2**64)
    | st.integers(-3, 300)
    | st.sampled_from([2**31 - 1, -(2**31), 2**31, 2**63, 10**18])
)
REAL = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 0.1, 5.0, 1e22, 1e-7, 123456.789, 2**53 + 1.0]
)
ANY = st.one_of(
    TEXTS, WHOLE, REAL, st.booleans(), st.none(), st.lists(TEXTS, max_size=3), st.lists(WHOLE, max_size=2),
    st.dictionaries(st.sampled_from("ab"), WHOLE, max_size=2),
)  # fmt: skip
FITTING = {"string": TEXTS, "int32": WHOLE, "int64": WHOLE, "double": REAL | WHOLE, "bool": st.booleans()}


def columns(table):
    return {
        c.name: FITTING.get(str(c.type), st.lists(TEXTS, max_size=3) if "list" in str(c.type) else TEXTS)
        for c in table.columns
    }


@st.composite
def lines(draw, table):
    """A line of that table: mostly well-formed, some with foreign keys, odd spaces, escapes, or a byte changed."""
    known = columns(table)
    names = draw(st.lists(st.sampled_from([*known, "beside", "other key", "n\u0301"]), max_size=8))
    pairs = [(name, draw(known.get(name, ANY) if draw(st.integers(0, 9)) else ANY)) for name in names]
    is_ascii, gap = draw(st.booleans()), draw(st.sampled_from(["", "", " ", "\t ", "\r"]))
    body = f",{gap}".join(
        f"{json.dumps(name, ensure_ascii=is_ascii)}{gap}:{gap}{json.dumps(value, ensure_ascii=is_ascii)}"
        for name, value in pairs
    )
    line = f"{gap}{{{gap}{body}{gap}}}{gap}".encode("utf-8", "surrogatepass")
    if not draw(st.integers(0, 5)) and line:
        at = draw(st.integers(0, len(line) - 1))
        line = line[:at] + bytes([draw(st.integers(0, 255).filter(lambda byte: byte != 10))]) + line[at + 1 :]
    return line


def by_rows(table, some):
    decoder = RowDecoder(table)
    growing = Growing(table, decoder)
    growing.add(some, range(1, len(some) + 1))
    return told(growing.chunk())


def by_places(table, some, *, ended=True):
    growing = PlainLines(table)
    piece = b"\n".join(some) + (b"\n" if ended else b"")
    assert sum(growing.add(piece, 1)) == len(some)
    return told(growing.chunk())


def told(chunk):
    return {
        "rows": chunk.batch.to_pylist(),
        "lines": chunk.lines.tolist(),
        "raw": [chunk.show(row) for row in range(chunk.batch.num_rows)],
        "rejected": sorted((one.line, one.reason, str(one.row)) for one in chunk.rejected),
        "unknown": dict(chunk.unknown),
    }


@pytest.mark.parametrize("table", [EXCHANGE, ACCOUNT], ids=["exchanges", "accounts"])
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_what_is_read_does_not_depend_on_the_way_it_is_read(table, data):
    some = data.draw(st.lists(lines(table), min_size=1, max_size=6))
    assert repr(by_places(table, some)) == repr(by_rows(table, some))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=5))
@example([b'{"turns":1,}'])
@example([b'{"sampling_rate":null,}'])
@example([b"{,}"])
@example([b'{"turns":}'])
@example([b'{"turns"'])
@example([b'{"turns":01}'])
@example([b'{"turns":1.}'])
@example([b'{"turns":1e2}'])
@example([b'{"top_p":.5}'])
@example([b'{"top_p":5.}'])
@example([b'{"top_p":-}'])
@example([b'{"top_p":-0}', b'{"top_p":-0.0}', b'{"turns":-0}'])
@example(
    [
        b'{"prompt":"\\ud83d\\ude42 \\u00e9 \\u0041\\/"}',
        b'{"prompt":"\\ude42"}',
        b'{"prompt":"\\ud83d\\u0041"}',
    ]
)
@example([b'{"prompt":"a\\"b\\\\"}', b'{"prompt":"a\\x"}', b'{"prompt":"a\\u12"}', b'{"prompt":"abc'])
@example(
    [
        b'{"pro\\u006dpt":"a"}',
        b'{"turns":1,"turns":2}',
        b'{"turns":null,"turns":2}',
        b'{"turns":2,"turns":null}',
    ]
)
@example([b'{"tools":["a","b\\n"],"turns":2}', b'{"tools":["a",]}', b'{"tools":[]}', b'{"tools":["a" "b"]}'])
@example([b'{"logprobs":truex}', b'{"logprobs":tru', b'{"logprobs":nul'])
def test_no_bytes_are_read_otherwise(some):
    assert repr(by_places(EXCHANGE, some)) == repr(by_rows(EXCHANGE, some))


def test_the_last_line_of_a_piece_needs_no_end():
    some = [b'{"turns":1}', b'{"turns":2}']
    assert by_places(EXCHANGE, some, ended=False) == by_rows(EXCHANGE, some)


def test_odd_lines_keep_their_places_among_many_plain_ones():
    some = [b'{"turns":%d%s}' % (number, b"x" if number % 7 == 0 else b"") for number in range(10_000)]
    found = by_places(EXCHANGE, some)
    assert [row["turns"] for row in found["rows"]] == [number for number in range(10_000) if number % 7]
    assert len(found["rejected"]) == len(range(0, 10_000, 7))


def test_a_foreign_key_is_learned_and_then_passed_over_in_compiled_code():
    growing = PlainLines(EXCHANGE)
    for start in (1, 1001):
        list(growing.add(b'{"turns":1,"beside":"x"}\n' * 1000, start))
    chunk = growing.chunk()
    assert chunk.unknown == {"beside": 2000}
    assert np.array_equal(chunk.lines, np.arange(1, 2001))
