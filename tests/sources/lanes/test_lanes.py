"""Lanes: what they tell is what the full reading tells, whatever stands in a log, and they take most of one."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.files import sources
from stillwatch.sources.nested.source import source

LOGS = Path(__file__).parents[1] / "logs_of"
ENVELOPES = {
    name: envelope
    for name, one in sources().items()
    if one.carries is not None
    and (envelope := getattr(one.read, "args", (None,))[0])
    and envelope.lane is not None
}
ODD = (
    None,
    True,
    0,
    1.5,
    2**40,
    "",
    "null",
    "x",
    [],
    {},
    [{"type": "text", "text": "a"}],
    {"type": "x"},
    "{}",
)
NOISE = b'"\\{}[]:,0-.eEtfnu \t\r\x00\xff\xc3\xa9'
ROW = {
    "exchange_id": "e1",
    "ts": 1_772_000_000_000_000,
    "account_id": "a1",
    "model": "m1",
    "prompt": "Why is the hinge loose?\nSay so – briefly.",
    "system_prompt": "Answer as a joiner.",
    "turns": 3,
    "images": 0,
    "tools": ["search"],
    "temperature": 0.5,
    "response": "The screw is missing.",
    "stop_reason": "stop",
    "input_tokens": 70,
    "output_tokens": 12,
    "cached_input_tokens": 3,
    "client_ip": "203.0.113.9",
    "user_agent": "x/1",
    "status": 200,
}


def read(envelope, log):
    chunks = list(source(envelope).read(log, EXCHANGE).chunks())
    assert not any(chunk.failure for chunk in chunks)
    rows = [row for chunk in chunks for row in with_numbers(chunk.batch).to_pylist()]
    rejected = sorted((one.line, one.reason) for chunk in chunks for one in chunk.rejected)
    excluded = [dict(chunk.excluded) for chunk in chunks if chunk.excluded]
    return rows, [int(line) for chunk in chunks for line in chunk.lines], rejected, excluded


def with_numbers(batch):
    """The batch with times as numbers, for Python's own end with the year 9999."""
    return batch.set_column(1, "ts", batch.column("ts").cast(pa.int64()))


def odd(value, rng):
    """The value with odd ones in some places, without some keys, and with some that nobody knows."""
    if rng.random() < 0.03:
        return rng.choice(ODD)
    if isinstance(value, dict):
        held = {key: odd(inside, rng) for key, inside in value.items() if rng.random() > 0.02}
        return (
            {**held, rng.choice(("new", "a-b", "log", "system")): rng.choice(ODD)}
            if rng.random() < 0.02
            else held
        )
    return [odd(one, rng) for one in value] if isinstance(value, list) else value


def records_of(envelope):
    """Records as the format writes them, and those of its small logs."""
    for number in range(40):
        told = {name: value for name, value in ROW.items() if number % (len(name) + 2)}
        yield envelope.record({**ROW, **told, "exchange_id": f"e{number}"})
    for log in LOGS.glob(f"{envelope.name}.*.jsonl"):
        yield from map(json.loads, log.read_text("utf-8").splitlines())


def written(records, log):
    log.write_bytes(b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records))
    return log


@pytest.mark.parametrize("name", sorted(ENVELOPES))
def test_a_lane_tells_what_the_full_reading_tells(name, tmp_path):
    envelope, rng = ENVELOPES[name], random.Random(5)
    records = list(records_of(envelope))
    records += [odd(one, rng) for _ in range(3) for one in records]
    log = written(records, tmp_path / "log.jsonl")

    assert read(envelope, log) == read(replace(envelope, lane=None), log)


@pytest.mark.slow
def test_lanes_tell_the_same_of_damaged_records_for_minutes(tmp_path):
    ends = time.monotonic() + 60 * float(os.environ.get("STILLWATCH_FUZZ_MINUTES", "1"))
    seed = random.SystemRandom().randrange(10**9)
    while time.monotonic() < ends:
        for name, envelope in sorted(ENVELOPES.items()):
            rng = random.Random(seed)
            log = tmp_path / "log.jsonl"
            lines = (json.dumps(odd(one, rng)).encode() for one in records_of(envelope))
            log.write_bytes(b"".join(damaged(line, rng) + b"\n" for line in lines))
            assert read(envelope, log) == read(replace(envelope, lane=None), log), (name, seed)
        seed += 1


def damaged(line, rng):
    """The line, in some of its places with other bytes."""
    held = bytearray(line)
    while rng.random() < 0.15:
        place = rng.randrange(len(held) + 1)
        held[place : place + rng.randrange(3)] = bytes(rng.choices(NOISE, k=rng.randrange(3)))
    return bytes(held)


@pytest.mark.parametrize("name", sorted(ENVELOPES))
def test_records_as_the_format_writes_them_are_in_the_lane(name):
    envelope = ENVELOPES[name]
    lines = [json.dumps(envelope.record(ROW)).encode()] * 3

    columns, odd_places = envelope.lane.columns(lines)

    assert odd_places == []
    assert columns["exchange_id"].to_pylist() == ["e1"] * 3


def test_rows_of_a_lane_and_others_stand_in_the_order_of_their_records(tmp_path):
    envelope = ENVELOPES["helicone"]
    listed = [{"type": "text", "text": "in parts"}]
    records = [envelope.record({**ROW, "exchange_id": f"e{number}"}) for number in range(9)]
    for one in records[1::3]:
        one["request_body"]["messages"][-1]["content"] = listed
    log = written([*records, {"no": "record"}], tmp_path / "log.jsonl")

    rows, lines, rejected, _ = read(envelope, log)

    assert [row["exchange_id"] for row in rows] == [f"e{number}" for number in range(9)]
    assert [row["prompt"] == "in parts" for row in rows] == [number % 3 == 1 for number in range(9)]
    assert lines == list(range(1, 10))
    assert rejected == [(10, "no account_id")]
