"""Strings with many escapes, at every place of the bytes that are looked at together: taken as the decoder takes them, or odd."""

from __future__ import annotations

import random

import msgspec
import numpy as np

from stillwatch.sources.lanes.columns import as_written
from stillwatch.sources.lanes.found import walked
from stillwatch.sources.lanes.shapes import ANY, Shape

SHAPE = Shape({"a": ANY})
GOOD = (
    "x",
    "yy",
    '\\"',
    "\\\\",
    "\\n",
    "\\u00e9",
    "\\ud83d\\ude00",
    "é",
    "z" * 30,
    "\\/",
    "w" * 7,
    "\\u0041",
)
BAD = ("\\", "\\q", "\\ud800", "\\u12", '"', "\x01")


def decoded(line):
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def test_strings_full_of_escapes_are_told_as_the_decoder_tells_them():
    rng, taken = random.Random(3), 0
    for _ in range(2_500):
        pieces = GOOD if rng.random() < 0.7 else GOOD + BAD
        inside = "".join(rng.choices(pieces, k=rng.choice((3, 10, 40))))
        line = f'{{"a":"{inside}"}}'.encode()
        behind = rng.choice((b"", b"\n" + b"q" * rng.randrange(80)))
        found, are_regular = walked(
            SHAPE, np.frombuffer(line + behind, np.uint8), np.array([0]), np.array([len(line)])
        )
        told = decoded(line)
        if are_regular[0]:
            taken += 1
            assert told is not None
            assert as_written(found, "a").to_pylist() == [told["a"]]
        else:
            assert told is None or len(told) != 1 or b"\\ud" in line
    assert taken > 1_200
