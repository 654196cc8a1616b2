"""Shapes: what is found in records that have one is what the decoder finds, and what it refuses is odd."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from stillwatch.sources.lanes.columns import as_written, flags, reals, turned, wholes
from stillwatch.sources.lanes.found import walked
from stillwatch.sources.lanes.kernels import DEEPEST
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import ANY, NEVER, TEXT, Needed, Shape
from stillwatch.sources.lines import Lines
from stillwatch.sources.nested.values import at

SHAPE = Shape({"a": ANY, "b": {"c": [{"d": TEXT, "é": ANY}]}, "no": NEVER, "e": Needed({"f": ANY})})
SIGNS = ("a", "é", "\u2028", "😀", '"', "\\", "/", "\n", "\x7f", "\x00", " ", "x" * 40)
NUMBERS = ("0", "-0", "7", "-12", "1.5", "-0.25", "1e5", "2E-3", "1e400", "01", "1.", "-", "1" * 30, ".5")
NOISE = tuple(b'"\\{}[]:,0-.eEtfnu \t\r\n\x00\x1f\xff\xc3\xa9')
SPACES = ("", "", "", " ", "\t", " \r ")


def sweep(lines, shape=SHAPE):
    some = Lines.of(lines)
    found, are_regular = walked(shape, np.frombuffer(some.piece, np.uint8), some.starts, some.ends)
    regular = np.flatnonzero(are_regular)[~found.is_odd]
    return found, sorted(set(range(len(lines))) - set(regular.tolist()))


def text_of(rng):
    told = json.dumps("".join(rng.choices(SIGNS, k=rng.randrange(6))), ensure_ascii=rng.random() < 0.5)
    return told if rng.random() > 0.1 else told.replace("a", rng.choice(("\\u0061", "\\ud83d", "\\x")))


def value_of(rng, depth):
    """A value as JSON, written in one of many ways, some of which are wrong."""
    kind, space = rng.random(), rng.choice(SPACES)
    if depth and kind < 0.3:
        keys = rng.choices(("a", "b", "c", "d", "e", "f", "x", "", "é"), k=rng.randrange(4))
        inside = [f'"{key}"{space}:{space}{value_of(rng, depth - 1)}' for key in keys]
        return "{" + space + f",{space}".join(inside) + space + "}"
    if depth and kind < 0.5:
        inside = [value_of(rng, depth - 1) for _ in range(rng.randrange(4))]
        return f"[{space}{f'{space},'.join(inside)}]"
    if kind < 0.75:
        return text_of(rng)
    return rng.choice(NUMBERS if kind < 0.9 else ("null", "true", "false", "nul", "True"))


def record_of(rng):
    elements = [f'{{"d":{text_of(rng)},"x":{value_of(rng, 2)}}}' for _ in range(rng.randrange(3))]
    keys = [
        f'"a":{value_of(rng, 2)}',
        f'"b":{{"c":[{",".join(elements)}]}}',
        f'"e":{{"f":{value_of(rng, 2)}}}',
    ]
    keys += [f'"x{rng.randrange(9)}":{value_of(rng, 3)}'] * (rng.random() < 0.6)
    rng.shuffle(keys)
    line = bytearray(("{" + ",".join(keys) + "}" + rng.choice(SPACES)).encode())
    while rng.random() < 0.3:
        place = rng.randrange(len(line))
        line[place : place + rng.randrange(2)] = bytes(rng.choices(NOISE, k=rng.randrange(2)))
    return bytes(line).replace(b"\n", b" ")


def decoded(line):
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_is_what_the_decoder_finds_and_what_it_refuses_is_odd(seed):
    rng = random.Random(seed)
    lines = [record_of(rng) for _ in range(3_000)]

    def told(found):
        offsets = pa.array([0, *found.ends("b/c")], pa.int32())
        return {
            "a": turned(repr, pa.string(), found, "a"),
            "f": turned(repr, pa.string(), found, "e/f"),
            "d": pa.ListArray.from_arrays(offsets, as_written(found_elements(found), "d")),
        }

    columns, odd = Lane(SHAPE.keys, told).columns(lines)

    objects = [decoded(line) for place, line in enumerate(lines) if place not in odd]
    assert None not in objects, seed
    assert len(objects) > len(lines) // 4, seed
    assert columns["a"].to_pylist() == [repr(one.get("a")) for one in objects]
    assert columns["f"].to_pylist() == [repr(one["e"].get("f")) for one in objects]
    assert columns["d"].to_pylist() == [
        [element.get("d") for element in at(one, "b", "c") or ()] for one in objects
    ]


def found_elements(found):
    """The elements of `b/c` as if they were records, of one list after the other."""
    return replace(found, path="b/c/*", is_odd=np.zeros(found.tables[1].kinds.shape[1], np.bool_))


def test_keys_that_are_not_named_are_passed_over_at_any_depth():
    found, odd = sweep([b'{"e":{"x":1},"b":{"y":2,"c":[{"d":"z","w":3}]},"v.w":4,"class":[{},[]]}'])

    assert odd == []
    assert as_written(found_elements(found), "d").to_pylist() == ["z"]


def test_lines_of_another_shape_are_odd():
    lines = (
        b'{"e":{}}',
        b'{"e":{},"no":1}',
        b"{}",
        b'{"e":{},"b":{"c":[{"d":5}]}}',
        b'["e"]',
        b"",
        None,
        b'{"e":{}',
        b'{"e":{},"a":1,"a":2}',
        b'{"e":{},"\\u0061":1}',
        b'{"e":null}',
        b'{"e":{}} {}',
    )

    assert sweep(lines)[1] == list(range(1, len(lines)))


def test_values_that_nobody_wants_are_checked_like_all_others():
    lines = [
        b'{"e":{},"x":%s}' % value for value in (b"1", b"1e400", b'"\xff"', b'"\\ud800"', b"[1,]", b"01")
    ]

    assert Lane(SHAPE.keys, lambda _: {}).columns(lines)[1] == [1, 2, 3, 4, 5]


def test_records_that_are_nested_too_deeply_are_odd():
    lines = [b'{"e":{},"x":' + b"[" * depth + b"]" * depth + b"}" for depth in (DEEPEST - 2, DEEPEST + 2)]

    assert sweep(lines)[1] == [1]


def test_long_lists_are_found_whole():
    line = json.dumps({"e": {}, "b": {"c": [{"d": str(number)} for number in range(5_000)]}}).encode()

    found, odd = sweep([line, line])

    assert odd == []
    assert found.ends("b/c").tolist() == [5_000, 10_000]


def test_numbers_and_truths_are_told_as_they_are_or_their_records_are_odd():
    lines = [
        b'{"e":{"f":%s}}' % one for one in (b"7", b"-3", b"5.0", b"1.5", b"true", b"null", b'"7"', b"3e9")
    ]

    for turn, told in (
        (wholes, [7, -3, 5, None, None, None, None, None]),
        (reals, [7.0, -3.0, 5.0, 1.5, None, None, None, None]),
        (flags, [None, None, None, None, True, None, None, None]),
    ):
        found, _ = sweep(lines)
        values = turn(found, "e/f").to_pylist()
        assert [None if odd else one for one, odd in zip(values, found.is_odd, strict=True)] == told


def test_texts_of_json_are_walked_again():
    inner = Shape({"p": ANY, "q": NEVER})
    lines = [
        json.dumps({"e": {}, "a": one}).encode()
        for one in ('{"p":"\\u00e9\\n"}', "", None, '{"q":1}', "{", 5)
    ]
    found, _ = sweep(lines)

    told = as_written(found.told("a", inner), "p").to_pylist()

    assert told[:3] == ["é\n", None, None]
    assert found.is_odd.tolist() == [False, False, False, True, True, True]
