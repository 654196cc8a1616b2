"""Batches of spans: what is said of many at once is what is said of one after the other."""

from __future__ import annotations

import json
import os
import random
import time
import tracemalloc
from dataclasses import replace

import pyarrow as pa
import pytest

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.nested.source import source
from stillwatch.sources.otel import SOURCE
from stillwatch.sources.telemetry.aliases import aliases

ENVELOPE = SOURCE.read.args[0]
TRACES = ("ab" * 16, "cd" * 16, "AB" * 16, "0" * 32, "", None, "x")
IDS = tuple(f"{number:016x}" for number in range(1, 9))
QUIET = min(aliases().quiet)
USUAL_MESSAGES = 4
MESSAGES = (
    [{"role": "user", "parts": [{"type": "text", "content": "Why is the sky\nblue? – „So“"}]}],
    [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "A"}, {"type": "blob", "content": "QUJD"}]},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "It rains."}]},
    ],
    [{"role": "user", "parts": "Only a text"}, {"role": "model", "parts": None}],
    [],
    [{"role": "tool", "parts": [{"type": "tool_call_response", "response": {"rain": True}}]}],
    [{"role": "user", "content": "Not in parts"}],
    [{"role": 5, "parts": [{"content": "a", "text": "b"}, {"type": "x", "content": "c"}, "d"]}],
    [{"role": "user", "parts": [{"role": "user", "content": "inside"}]}],
)
ANSWERS = (
    [{"role": "assistant", "parts": [{"type": "text", "content": "Because."}], "finish_reason": "stop"}],
    [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "I"}],
        }
    ]
    * 2,
    [{"role": "assistant", "parts": [], "finish_reason": None}],
)
BROKEN = (
    "[",
    "[]]",
    '[],"b":[]',
    '{"role": "user"}',
    "null",
    "5",
    " []",
    "Hello?",
    '[{"a": 1}',
    "__REDACTED__",
)
USUAL_VALUES = 11
VALUES = (
    *("a", "org-1", "200", "None", "-", "é\u2028", '["stop"]', "chat", "embeddings", "", None),
    *("007", "__REDACTED__", 0, 1, -1, 7, 404, 2**31, 2**63, 0.5, 1.0, 1e300, True, False),
    *(["stop"], ["a", 1.5], [], {"a": 1}),
)
STRANGE = (
    *({}, None, 5, "x", {"stringValue": 5}, {"stringValue": None}, {"intValue": "1.0"}, {"intValue": "0x1"}),
    *({"stringValue": "a", "intValue": "1"}, {"doubleValue": "0.5"}, {"boolValue": "true"}, {"new": "a"}),
    *({"arrayValue": None}, {"arrayValue": {}}, {"bytesValue": "QQ=="}, {"intValue": 12}, {"doubleValue": 3}),
)
NAMES = sorted(
    {name for names in aliases().columns.values() for name in names}
    | {name for name, _ in aliases().operations}
    | {*aliases().marks, aliases().internal, *aliases().redactable, "error.type", "service.name", ""}
)
USUAL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "house-large",
    "account.id": "org-1",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.request.temperature": 0.5,
    "gen_ai.response.finish_reasons": ["stop"],
}


def typed(value):
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [typed(one) for one in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": pairs(value)}}
    return {"stringValue": value}


def pairs(attributes):
    return [{"key": name, "value": typed(value)} for name, value in attributes.items()]


def one_of(rng, some, usual):
    """One of the first ones mostly, which are as most programs write them."""
    return rng.choice(some[:usual] if rng.random() < 0.97 else some)


def words(rng):
    told = {}
    if rng.random() < 0.8:
        told["gen_ai.input.messages"] = json.dumps(
            one_of(rng, MESSAGES, USUAL_MESSAGES), ensure_ascii=rng.random() < 0.5
        )
    if rng.random() < 0.8:
        told["gen_ai.output.messages"] = json.dumps(rng.choice(ANSWERS))
    if rng.random() < 0.2:
        told["gen_ai.system_instructions"] = json.dumps([{"type": "text", "content": "Answer as a joiner."}])
    if rng.random() < 0.2:
        tools = ('[{"type":"function","name":"f"}]', "[]", "{}", "x", "[")
        told["gen_ai.tool.definitions"] = one_of(rng, tools, 3)
    if rng.random() < 0.2:
        given = (
            '{"tool_choice":"auto","seed":5}',
            "5",
            '{"temperature":"x"}',
            '{"messages":[]}',
            "{",
            '{"n":1.5}',
        )
        told["llm.invocation_parameters"] = one_of(rng, given, 2)
    if rng.random() < 0.03:
        told[rng.choice(list(aliases().messages.values()))[0]] = rng.choice(
            (*BROKEN, ["a"], {"a": "b"}, 5, True)
        )
    return told


def numbered(rng):
    """Words under names as OpenLLMetry and OpenInference have them, and a few that look so."""
    fields = (
        *("role", "content", "finish_reason", "message.role", "message.content", "name", "tool_calls.0.name"),
        *("message.contents.0.message_content.text", "tool.name", "tool.json_schema", ""),
    )
    prefixes = [prefix for some in aliases().numbered.values() for prefix in some]
    told = {}
    for prefix in rng.sample(prefixes, 2):
        usual = 5 if "message" in prefix else 3
        for number in range(rng.choice((1, 1, 2, 4))):
            for field in (
                "role",
                "content",
                *one_of(rng, [(), ("finish_reason",), (one_of(rng, fields, usual),)], 2),
            ):
                index = one_of(rng, (number, 0, "00", "x", "", 10**7, "\u0663"), 1)
                said = one_of(
                    rng,
                    (
                        "user",
                        "assistant",
                        "system",
                        "Why?",
                        "",
                        None,
                        "[a]",
                        '[{"type":"text","text":"a"}]',
                        5,
                    ),
                    6,
                )
                inside = (
                    "message."
                    if prefix.startswith("llm.") and "tool" not in prefix and rng.random() < 0.98
                    else ""
                )
                told[
                    f"{prefix}.{index}.{'name' if 'tool' in prefix or 'func' in prefix else inside + field}"
                ] = said
    return told


def attributes(rng, *, is_call):
    told = {**USUAL, **words(rng)} if is_call else {}
    for _ in range(rng.choice((0, 0, 1, 3)) if is_call else rng.choice((0, 2))):
        told[rng.choice(NAMES)] = one_of(rng, VALUES, USUAL_VALUES)
    if rng.random() < 0.2:
        told |= numbered(rng)
    listed = [pair for pair in pairs(told) if rng.random() > 0.01]
    if rng.random() < 0.01:
        listed.append({"key": rng.choice(NAMES), "value": rng.choice(STRANGE)})
    if rng.random() < 0.01 and listed:
        listed.append(rng.choice((listed[0], None, {}, {"key": 5}, {"key": "account.id"}, [])))
    rng.shuffle(listed)
    return listed


def span(rng, place):
    is_call = rng.random() < 0.7
    parent = rng.choice((*IDS, "", "", None))
    told = {
        "traceId": TRACES[0]
        if rng.random() < 0.8
        else TRACES[1]
        if rng.random() < 0.96
        else rng.choice(TRACES),
        "spanId": IDS[place] if rng.random() < 0.99 else rng.choice((*IDS, "", None, 5)),
        "parentSpanId": parent if rng.random() < 0.5 else "ff" * 8,
        "name": "any",
        "kind": rng.choice((1, 2, 2, 3, "SPAN_KIND_SERVER", None)),
        "startTimeUnixNano": rng.choice(
            ("1772443246847371000", str(1772443246000000000 + rng.randrange(10**9)))
        ),
        "attributes": attributes(rng, is_call=is_call),
        "status": rng.choice(({}, {"code": 1}, {"code": 2}, {"code": "STATUS_CODE_ERROR"}, None)),
    }
    if rng.random() < 0.02:
        told["startTimeUnixNano"] = rng.choice(
            (0, "0", "", None, 5, "5.0", -5, 1.5e18, 1772443246847371999, "9" * 22)
        )
    if rng.random() < 0.1:
        raised = {"name": "exception", "attributes": pairs({"exception.type": "openai.RateLimitError"})}
        told["events"] = rng.choice(
            ([raised], [{"name": "gen_ai.choice"}], [{}], [{"name": "x"}, raised], None, [5])
        )
    return {name: value for name, value in told.items() if rng.random() > 0.005}


def batch(rng):
    """A line of a collector's file: a few spans in several scopes and resources."""
    places = rng.sample(range(len(IDS)), rng.choice((1, 1, 2, 4)))
    groups = []
    while places:
        cut = rng.randrange(len(places)) + 1
        spans, places = [span(rng, place) for place in places[:cut]], places[cut:]
        scope = {"name": QUIET if rng.random() < 0.0005 else rng.choice(("a.b", "", None))}
        resource = pairs({"service.name": "gateway"})
        if rng.random() < 0.2:
            resource += pairs({rng.choice(NAMES): one_of(rng, VALUES, USUAL_VALUES)})
        groups.append(
            {"resource": {"attributes": resource}, "scopeSpans": [{"scope": scope, "spans": spans}]}
        )
    told = {"resourceSpans": groups}
    if rng.random() < 0.01:
        odd = (
            {"resourceSpans": None},
            {"resourceLogs": []},
            {"resourceSpans": []},
            {"resourceMetrics": []},
            {},
            [],
        )
        told = rng.choice(odd)
    return told


def read(envelope, log):
    chunks = list(source(envelope).read(log, EXCHANGE).chunks())
    batches = (one.batch.set_column(1, "ts", one.batch.column("ts").cast(pa.int64())) for one in chunks)
    rows = [row for some in batches for row in some.to_pylist()]
    rejected = [(one.line, one.reason) for chunk in chunks for one in chunk.rejected]
    excluded = [dict(chunk.excluded) for chunk in chunks if chunk.excluded]
    return rows, [int(line) for chunk in chunks for line in chunk.lines], sorted(rejected), excluded


def written(records, log):
    log.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in records))
    return log


def test_batches_are_told_as_their_spans_are_one_by_one(tmp_path):
    rng = random.Random(11)
    log = written([batch(rng) for _ in range(1_500)], tmp_path / "log.jsonl")

    assert read(ENVELOPE, log) == read(replace(ENVELOPE, lane=None), log)


@pytest.mark.slow
def test_batches_are_told_alike_for_minutes(tmp_path):
    ends = time.monotonic() + 60 * float(os.environ.get("STILLWATCH_FUZZ_MINUTES", "1"))
    seed = random.SystemRandom().randrange(10**9)
    while time.monotonic() < ends:
        rng = random.Random(seed)
        log = written([batch(rng) for _ in range(300)], tmp_path / "log.jsonl")
        assert read(ENVELOPE, log) == read(replace(ENVELOPE, lane=None), log), seed
        seed += 1


def call(place=0, attributes=None, **fields):
    told = {**USUAL, **(attributes or {})}
    return {
        "traceId": TRACES[0],
        "spanId": IDS[place],
        "startTimeUnixNano": "1772443246847371000",
        "attributes": pairs({name: value for name, value in told.items() if value is not None}),
        **fields,
    }


def of_scope(*spans, scope="a.b", **resource):
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": pairs(resource)},
                "scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}],
            }
        ]
    }


def told(*batches):
    return ENVELOPE.lane.told([json.dumps(one).encode() for one in batches])


def test_a_batch_of_several_spans_gives_its_calls_in_their_order():
    work = {"traceId": TRACES[0], "spanId": IDS[7], "attributes": pairs({"http.route": "/v1"})}
    several = of_scope(work, call(0, {"gen_ai.response.id": "r1"}), work | {"spanId": IDS[6]}, call(1))

    found = told(of_scope(call(2)), several, of_scope(work))

    assert found.odd == []
    assert found.places.tolist() == [0, 1, 1]
    assert found.columns["exchange_id"].to_pylist() == [
        f"{TRACES[0]}-{IDS[2]}",
        "r1",
        f"{TRACES[0]}-{IDS[1]}",
    ]
    assert found.excluded == {"no generation": 3}


def test_the_server_span_and_the_resource_say_who_called():
    served = {"account.id": "org-9", "client.address": "203.0.113.9"}
    server = {"traceId": TRACES[0], "spanId": IDS[5], "kind": 2, "attributes": pairs(served)}
    nobody = {"account.id": None}

    found = told(of_scope(server, call(0, nobody)), of_scope(call(0, nobody), **{"organization.id": "org-2"}))

    assert found.odd == []
    assert found.columns["account_id"].to_pylist() == ["org-9", "org-2"]
    assert found.columns["client_ip"].to_pylist() == ["203.0.113.9", None]


def test_a_call_inside_a_call_is_excluded_and_one_that_an_agent_made_is_not():
    work = {"gen_ai.operation.name": "invoke_agent"}
    spans = [
        call(0, parentSpanId=""),
        call(1, {"gen_ai.operation.name": None}, parentSpanId=IDS[0]),
        call(2, parentSpanId=IDS[1]),
        call(3, work, parentSpanId=IDS[0]),
        call(4, parentSpanId=IDS[3]),
    ]

    found = told(of_scope(*spans))

    assert found.odd == []
    assert [text[-1] for text in found.columns["exchange_id"].to_pylist()] == ["1", "5"]
    assert found.excluded == {"inside another call": 1, "no generation": 2}


def test_calls_of_which_nothing_was_told_of_words_are_in_the_lane():
    found = told(of_scope(call(0)))

    assert found.odd == []
    assert found.columns["content_state"].to_pylist() == ["absent"]


@pytest.mark.parametrize("given", BROKEN)
@pytest.mark.parametrize(
    "name", ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"]
)
def test_messages_that_are_no_list_or_more_than_one_are_odd(name, given):
    assert told(of_scope(call(0, {name: given}))).odd == [0]


def test_words_under_numbered_names_are_in_the_lane():
    several = {
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.content": "Why is it blue?",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.completion.0.content": "Because.",
        "gen_ai.completion.0.finish_reason": "stop",
        "llm.request.functions.0.name": "look_up",
        "llm.request.functions.0.parameters": "{}",
    }
    other = {"llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": "Hello"}
    both = {**several, "gen_ai.input.messages": json.dumps(MESSAGES[0])}

    found = told(*(of_scope(call(0, one)) for one in (several, other, both)))
    columns = {
        name: found.columns[name].to_pylist() for name in ("system_prompt", "turns", "images", "tools")
    }

    assert found.odd == []
    assert found.columns["prompt"].to_pylist()[:2] == ["Why is it blue?", "Hello"]
    assert found.columns["response"].to_pylist() == ["Because.", None, "Because."]
    assert columns == {
        "system_prompt": ["Be brief.", None, None],
        "turns": [1, 1, 1],
        "images": [0, 0, 0],
        "tools": [["look_up"], None, ["look_up"]],
    }


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.prompt.1.content": "a", "gen_ai.prompt.0.content": "b"},
        {"gen_ai.prompt.0.content": "a", "llm.input_messages.0.message.content": "b"},
        {"gen_ai.prompt.0.content": '[{"type":"text","text":"a"}]'},
        {"gen_ai.prompt.0.content": 5},
        {"gen_ai.prompt.00.content": "a"},
        {"llm.input_messages.0.message.contents.0.message_content.text": "a"},
        {"llm.tools.0.tool.json_schema": "{}"},
    ],
)
def test_numbered_names_of_unusual_kinds_are_odd(attributes):
    assert told(of_scope(call(0, attributes))).odd == [0]


PLAIN = ({}, {"stringValue": None}, {"intValue": 12}, {"new": "a"})


@pytest.mark.parametrize("value", [one for one in STRANGE if isinstance(one, dict)])
def test_values_of_strange_types_are_odd_where_they_are_wanted(value):
    spans = [call(0), call(0)]
    spans[0]["attributes"].append({"key": "client.address", "value": value})
    spans[1]["attributes"].append({"key": "server.address", "value": value})

    assert told(*map(of_scope, spans)).odd == ([] if value in PLAIN else [0])


def test_lines_after_one_that_may_be_told_twice_are_left_to_the_full_reading(tmp_path):
    inner = of_scope(call(0, {"gen_ai.response.id": "r1"}), scope=QUIET)
    outer = of_scope(call(1, {"gen_ai.response.id": "r1", **words(random.Random(1))}))
    others = [of_scope(call(2, {"gen_ai.response.id": f"x{number}"})) for number in range(3)]
    raw = [json.dumps(one).encode() for one in (others[0], inner, others[1], outer, others[2])]
    raw[1] = raw[1].replace(b"com.anth", b"\\u0063om.anth")
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(raw))

    rows, lines, _, excluded = read(ENVELOPE, log)

    assert ENVELOPE.lane.told(raw).odd == [1, 2, 3, 4]
    assert [row["exchange_id"] for row in rows] == ["x0", "x1", "r1", "x2"]
    assert (lines, excluded) == ([1, 3, 4, 5], [{"inside another call": 1}])


def test_no_lane_is_taken_while_a_call_waits_for_another(tmp_path):
    inner, outer = (
        of_scope(call(number, {"gen_ai.response.id": "r1"}), scope=name)
        for number, name in enumerate((QUIET, "a.b"))
    )
    filler = of_scope(call(2, {"padding": "x" * 200_000}))
    log = written([inner, *[filler] * 30, outer], tmp_path / "log.jsonl")

    assert (
        read(ENVELOPE, log)[3] == read(replace(ENVELOPE, lane=None), log)[3] == [{"inside another call": 1}]
    )


def test_nothing_of_long_parameters_is_kept_once_a_batch_is_told():
    def given(number):
        return of_scope(call(0, {"llm.invocation_parameters": f'{{"x":"{number:0300000}","seed":5}}'}))

    assert told(given(0)).columns["seed"].to_pylist() == [5]
    tracemalloc.start()
    try:
        for number in range(20):
            told(given(number + 1))
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
