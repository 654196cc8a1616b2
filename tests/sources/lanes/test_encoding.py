"""Values that are written alike get one number, and others another."""

from __future__ import annotations

import random

import numpy as np
import pytest

from stillwatch.sources.lanes.columns import _different
from stillwatch.sources.lanes.found import walked
from stillwatch.sources.lanes.shapes import ANY, Shape
from stillwatch.sources.lines import Lines

SHAPE = Shape({"a": ANY})
LONG = "x" * 70


def different(values):
    lines = Lines.of([b'{"a":%b}' % value.encode() if value else b"{}" for value in values])
    found, _ = walked(SHAPE, np.frombuffer(lines.piece, np.uint8), lines.starts, lines.ends)
    codes, told = _different(found, found.slots("a"))
    return [told[code] for code in codes.tolist()], len(told)


@pytest.mark.parametrize("seed", range(5))
def test_each_value_is_told_once_and_stands_where_it_stood(seed):
    rng = random.Random(seed)
    some = [
        "",
        "null",
        "5",
        '"5"',
        "[5]",
        '""',
        f'"{LONG}"',
        f'"{LONG}y"',
        f'"y{LONG}"',
        *map(str, range(40)),
    ]
    values = rng.choices(some, k=rng.randrange(300))
    meant = {"": None, "null": None, '"5"': "5", "[5]": [5], '""': ""}
    meant |= {f'"{text}"': text for text in (LONG, f"{LONG}y", f"y{LONG}")}

    told, count = different(values)

    assert told == [meant.get(value, int(value) if value.isdigit() else None) for value in values]
    assert count == len({meant.get(value, value) and value for value in values})


def test_long_values_that_differ_within_are_told_apart():
    values = [f'"{LONG}{number:05}{LONG}"' for number in range(500)]

    told, count = different(values)

    assert count == 500
    assert told == [value[1:-1] for value in values]
