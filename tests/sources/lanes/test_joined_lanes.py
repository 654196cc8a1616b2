"""Lanes of formats of which several records make one exchange: whatever comes between these, again or never, the rows are the same."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import replace

import pytest

from stillwatch.sources.nested.decoding import EnvelopeDecoder
from tests.sources.lanes.test_lanes import ENVELOPES, ROW, damaged, odd, read

NAMES = ("azure_apim", "sglang")
BOUNDS = {
    "azure_apim": (("OPEN", (2, 9, 20_000)), ("HELD", (900, 4_000, 1 << 27))),
    "sglang": (("MOST_WAITING", (2, 9, 20_000)), ("MOST_CHARACTERS", (40, 64_000_000))),
}


def said(role, rng):
    return {"role": role, "content": rng.choice(("a", "Why?", "é" * 9, "claude\\n" * 20))}


def of_azure(one, rng):
    """The records of an exchange: in one line, the other way round, in lines of their own, with a part missing or twice."""
    both = {"time": "2026-03-02T09:00:00Z", "correlationId": f"c{one}"}
    who = {"apimSubscriptionId": "s1", "responseCode": 200, "requestHeaders": {"user-agent": "x/1"}}
    model = {
        "modelName": rng.choice(("gpt-4o", "claude-9", None)),
        "deploymentName": rng.choice((None, "house")),
        "sequenceNumber": rng.randrange(2),
        "promptTokens": rng.choice((5, None, -1)),
        "promptCachedTokens": rng.choice((2, None)),
        "operationName": rng.choice(("ChatCompletions_Create", "Embeddings")) if one % 5 == 0 else None,
        "requestMessages": [said("system", rng), said("user", rng)],
        "responseMessages": [said("assistant", rng)] * rng.randrange(3),
    }
    first = {**both, "category": "GatewayLogs", "callerIpAddress": "203.0.113.9", "properties": who}
    second = {**both, "category": "GatewayLlmLogs", "properties": model}
    ways = ([[first, second]] * 6, [[second, first]], [[first], [second]], [[first]], [[second]])
    return [{"records": some} for some in rng.choice((ways[0], ways[0], *ways))[: rng.choice((1, 1, 2))]]


def of_sglang(one, rng):
    """The events of a request: in one line or in several, with one missing, twice or of another request."""
    rid = f"r{one}"
    told = {"rid": rid, "text": "t" * rng.randrange(9), "sampling_params": {"temperature": 0.5, "n": 1}}
    asked = {"rid": rid, "model": rng.choice(("m", None)), "messages": [said("user", rng)], "user": "u1"}
    out = {"text": "Yes", "meta_info": {"e2e_latency": 2.0, "finish_reason": {"type": "stop"}}}
    base = {"timestamp": "2026-03-02T09:00:10", "rid": rid, "headers": {"x-account-id": "a1"}}
    openai = {"timestamp": "2026-03-02T09:00:00", "event": "request.received.openai", "obj": asked}
    begun = {**base, "event": "request.received", "obj": told}
    ended = {**base, "event": "request.finished", "obj": rng.choice((told, {"rid": rid})), "out": out}
    ways = ([[openai, ended]], [[openai], [begun], [ended]], [[begun], [ended]], [[ended]], [[openai]])
    return [{"records": some} for some in rng.choice((ways[0], ways[0], ways[0], *ways))]


LINES = {"azure_apim": of_azure, "sglang": of_sglang}


def log_of(name, rng):
    """Lines of exchanges that are told among each other, some again, some of them odd."""
    groups = [LINES[name](number, rng) for number in range(40)]
    lines = []
    while groups:
        group = groups[min(len(groups) - 1, rng.choice((0, 0, 0, 1, 3)))]
        lines.append(group.pop(0))
        groups = [one for one in groups if one]
    again = [*lines, *(lines[rng.randrange(len(lines))] for _ in range(4))]
    return [odd(one, rng) if rng.random() < 0.1 else one for one in again]


def bound(name, rng, monkeypatch):
    """Little room or much, and few lines at once or many."""
    for setting, sizes in BOUNDS[name]:
        monkeypatch.setattr(f"stillwatch.sources.{name}.{setting}", rng.choice(sizes))
    monkeypatch.setattr("stillwatch.sources.nested.records._AT_ONCE", rng.choice((2_000, 1 << 23)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(8))
def test_records_told_among_each_other_make_the_same_exchanges(name, seed, tmp_path, monkeypatch):
    envelope, rng = ENVELOPES[name], random.Random(seed)
    bound(name, rng, monkeypatch)
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in log_of(name, rng)))

    assert read(envelope, log) == read(replace(envelope, lane=None), log)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_damaged_records_told_among_each_other_do_so_for_minutes(name, tmp_path, monkeypatch):
    ends = time.monotonic() + 60 * float(os.environ.get("STILLWATCH_FUZZ_MINUTES", "1"))
    seed = random.SystemRandom().randrange(10**9)
    while time.monotonic() < ends:
        envelope, rng = ENVELOPES[name], random.Random(seed)
        bound(name, rng, monkeypatch)
        log = tmp_path / "log.jsonl"
        lines = (json.dumps(one).encode() for one in log_of(name, rng))
        log.write_bytes(b"".join(damaged(line, rng) + b"\n" for line in lines))
        assert read(envelope, log) == read(replace(envelope, lane=None), log), (name, seed)
        seed += 1


def test_an_exchange_of_which_more_comes_in_another_batch_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr("stillwatch.sources.nested.records._AT_ONCE", 1_000)
    pairs = [
        {
            "records": [
                {**one, "correlationId": f"c{number}"}
                for one in ENVELOPES["azure_apim"].record(ROW)["records"]
            ]
        }
        for number in range(9)
    ]
    late = {**pairs[0]["records"][1], "properties": {"sequenceNumber": 1, "completionTokens": 77}}
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f"{json.dumps(one)}\n" for one in [*pairs, {"records": [late]}]))

    rows, *_ = read(ENVELOPES["azure_apim"], log)

    assert [row["output_tokens"] for row in rows] == [77] + [12] * 8
    assert rows[0]["prompt"] == rows[1]["prompt"]


def test_held_rows_and_others_that_alternate_become_columns_together(tmp_path, monkeypatch):
    made, envelope = [], ENVELOPES["azure_apim"]
    in_columns = EnvelopeDecoder._in_columns
    monkeypatch.setattr(EnvelopeDecoder, "_in_columns", lambda *given: made.append(1) or in_columns(*given))
    lines = []
    for number in range(40):
        both = envelope.record({**ROW, "exchange_id": f"c{number}"})["records"]
        lines += [{"records": both}] if number % 2 else [{"records": [one]} for one in both]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f"{json.dumps(one)}\n" for one in lines))

    rows, *_ = read(envelope, log)

    assert [row["exchange_id"] for row in rows] == [f"c{number}" for number in range(40)]
    assert len(made) < 5


@pytest.mark.parametrize("packed", ["in lists", "in output of a container"])
def test_records_share_the_bytes_of_their_line_however_they_are_packed(packed, tmp_path, monkeypatch):
    envelope = ENVELOPES["azure_apim"]
    pairs = [envelope.record({**ROW, "exchange_id": f"c{number}"})["records"] for number in range(20)]
    lines = [json.dumps(list(one)) for one in zip(*pairs, strict=True)]
    if packed == "in output of a container":
        lines = [json.dumps({"log": f'{{"records": {one}}}', "stream": "stdout"}) for one in lines]
    monkeypatch.setattr("stillwatch.sources.azure_apim.HELD", 2 * sum(map(len, lines)))
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines))

    rows, *_ = read(envelope, log)

    assert [(row["exchange_id"], row["model"], row["account_id"]) for row in rows] == [
        (f"c{number}", "m1", "a1") for number in range(20)
    ]
