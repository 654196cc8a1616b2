"""Damaged and odd logs of every format: nothing raises, and every record is read, rejected or excluded.

`STILLWATCH_FUZZ_MINUTES=60 pytest -m slow tests/sources/test_fuzzed_logs.py` goes on for as long; its seed is printed.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from stillwatch.errors import StillwatchError
from stillwatch.sources.files import sources
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = sorted(
    p for p in Path(__file__).with_name("logs_of").iterdir() if p.suffix in {".jsonl", ".json", ".csv"}
)
ODD = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        1e308,
        2**31,
        2**63,
        -(2**70),
        "",
        " ",
        "null",
        "None",
        "{}",
        "[]",
        "nan",
        "Infinity",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"": {}},
        "2026-03-02",
        "2026-03-02T09:20:46Z",
        "999999-01-01",
        1772443246847,
        "é\u0000x",
        "x" * 5000,
    ),
    *(
        '{"a": [1, {"b": null}]}',
        '[{"role": 5}]',
        "data: {}\n\ndata: [DONE]",
        "\u202e",
        "data:",
        [{"type": "text", "text": 5}],
    ),
)


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The bytes with some of them changed, doubled, cut out, or cut off."""
    held = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(held) + 1)
        size = rng.choice((1, 1, 2, 8, 200))
        way = rng.randrange(4)
        if way == 0:
            held[start : start + size] = rng.randbytes(size)
        elif way == 1:
            del held[start : start + size]
        elif way == 2:
            held[start:start] = held[start : start + size]
        else:
            held[start : start + size] = rng.choice(
                (b"\n", b"{", b"}", b'"', b"[" * 200, b"\\ud800", b"\0", b",", b"\xff")
            )
    return bytes(held)


def odd(value: object, rng: random.Random, depth: int = 0) -> object:
    """A JSON value with odd values in some of its places."""
    if rng.random() < 0.04 * (depth > 0):
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {k: odd(v, rng, depth + 1) for k, v in value.items() if rng.random() > 0.03}
    if isinstance(value, list):
        return [odd(v, rng, depth + 1) for v in value for _ in range(rng.choice((1, 1, 1, 1, 0, 2)))]
    return value


def mutated(log: Path, rng: random.Random) -> bytes:
    content = log.read_bytes()
    if log.suffix == ".csv" or rng.random() < 0.4:
        return damaged(content, rng)
    lines = [content] if log.suffix == ".json" else content.splitlines()
    return b"\n".join(json.dumps(odd(json.loads(line), rng)).encode() for line in lines if line.strip())


def check(log: Path, place: Path, rng: random.Random) -> None:
    """Read a mutated log; what is wrong with it may be refused, and never surprises."""
    name = log.name.partition(".")[0]
    place.write_bytes(mutated(log, rng))
    for source in (name, rng.choice(sorted(n for n, s in sources().items() if s.carries is not None))):
        reject = Reject()
        try:
            read = open_input(place, log_format=source)
            rows = sum(batch.num_rows for batch in read.exchanges(reject))
        except StillwatchError:
            continue
        assert read.rows_read["exchanges"] == rows + reject.count + sum(read.excluded.values())


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_mutated_log_never_surprises(log, tmp_path):
    for seed in range(12):
        check(log, tmp_path / f"log{log.suffix}", random.Random(f"{log.name} {seed}"))


@pytest.mark.slow
def test_mutated_logs_never_surprise_for_minutes(tmp_path):
    ends = time.monotonic() + 60 * float(os.environ.get("STILLWATCH_FUZZ_MINUTES", "1"))
    start, tried = random.SystemRandom().randrange(10**9), 0
    while time.monotonic() < ends:
        seed = f"{start} {tried}"
        log = LOGS[tried % len(LOGS)]
        try:
            check(log, tmp_path / f"log{log.suffix}", random.Random(seed))
        except Exception as error:
            raise AssertionError(f"{log.name}, seed {seed!r}: {error!r}") from error
        tried += 1
    assert tried
