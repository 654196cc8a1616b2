from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.sources import rows
from tests.sources.logs import exchange, jsonl, scan

GOOD = exchange(0)

BROKEN = {
    "missing id": (exchange(exchange_id=None), "no exchange_id"),
    "null id": (
        b'{"exchange_id":null,"ts":"2026-01-01T00:00:00Z","account_id":"a","model":"m"}',
        "no exchange_id",
    ),
    "empty id": (exchange(exchange_id=""), "no exchange_id"),
    "missing time": (exchange(ts=None), "no ts"),
    "missing account": (exchange(account_id=None), "no account_id"),
    "missing model": (exchange(model=None), "no model"),
    "time without zone": (exchange(ts="2026-01-02T03:04:05"), "no ISO 8601 time with a zone: ts"),
    "day alone": (exchange(ts="2026-01-02"), "no ISO 8601 time with a zone: ts"),
    "empty time": (exchange(ts=""), "no ISO 8601 time with a zone: ts"),
    "impossible day": (exchange(ts="2026-02-30T00:00:00Z"), "no ISO 8601 time with a zone: ts"),
    "time as a number": (exchange(ts=1767323045), "wrong type: ts"),
    "time before 1970": (exchange(ts="0001-01-01T00:00:00+14:00"), "time out of range: ts"),
    "time far ahead": (exchange(ts="9999-12-31T00:00:00Z"), "time out of range: ts"),
    "number for text": (exchange(account_id=7), "wrong type: account_id"),
    "text for number": (exchange(input_tokens="many"), "wrong type: input_tokens"),
    "truth for number": (exchange(turns=True), "wrong type: turns"),
    "number for truth": (exchange(logprobs=1), "wrong type: logprobs"),
    "fraction for whole": (exchange(turns=1.5), "wrong type: turns"),
    "text for list": (exchange(tools="search"), "wrong type: tools"),
    "null in list": (exchange(tools=["a", None]), "wrong type: tools"),
    "object for text": (exchange(prompt={"a": 1}), "wrong type: prompt"),
    "negative tokens": (exchange(output_tokens=-1), "number out of range: output_tokens"),
    "too many tokens": (exchange(output_tokens=2**31), "number out of range: output_tokens"),
    "huge number": (exchange(seed=10**30), "number out of range: seed"),
    "seed beyond 64 bits": (exchange(seed=2**63), "number out of range: seed"),
    "status 99": (exchange(status=99), "number out of range: status"),
    "status 600": (exchange(status=600), "number out of range: status"),
    "temperature": (exchange(temperature=-0.1), "number out of range: temperature"),
    "top_p": (exchange(top_p=1.1), "number out of range: top_p"),
    "sampling rate": (exchange(sampling_rate=2), "number out of range: sampling_rate"),
    "infinite": (
        json.dumps(exchange()).replace('"m"', '"m","top_p":1e999').encode(),
        "number out of range: top_p",
    ),
    "not a number": (json.dumps(exchange(top_p=float("nan"))).encode(), "malformed JSON"),
    "Infinity": (json.dumps(exchange(temperature=float("inf"))).encode(), "malformed JSON"),
    "no UTF-8": (json.dumps(exchange(prompt="~")).encode().replace(b"~", b"\xff"), "no UTF-8"),
    "no UTF-8 beside": (json.dumps(exchange(beside="~")).encode().replace(b"~", b"\xff"), "no UTF-8"),
    "half a pair": (json.dumps(exchange(prompt="~")).encode().replace(b"~", b"\\ud800"), "malformed JSON"),
    "raw null byte": (json.dumps(exchange(prompt="~")).encode().replace(b"~", b"\0"), "null byte"),
    "escaped null byte": (exchange(prompt="a\0b"), "null byte in prompt"),
    "null byte in list": (exchange(tools=["ok", "a\0b"]), "null byte in tools"),
    "truncated": (json.dumps(exchange()).encode()[:-5], "truncated line"),
    "bomb": (b"[" * 100_000, "no JSON object"),
    "bomb in text": (b'{"prompt":' + b"[" * 100_000, "wrong type: prompt"),
    "bomb beside": (b'{"beside":' + b"[" * 100_000, "nested too deeply"),
    "bomb of objects": (b'{"a":' * 100_000, "nested too deeply"),
    "array": (b"[1]", "no JSON object"),
    "null": (b"null", "no JSON object"),
    "words": (b"not json", "malformed JSON"),
    "two objects": (b"{} {}", "malformed JSON"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_row_is_rejected_with_line_and_reason_and_its_neighbours_are_kept(tmp_path, kind):
    row, reason = BROKEN[kind]
    got = scan(jsonl(tmp_path / "exchanges.jsonl", GOOD, row, exchange(2)))
    assert got.ids == ["x0", "x2"]
    assert got.reasons == {2: reason}
    assert got.rejected[0]["file"] == "exchanges.jsonl"
    assert got.rejected[0]["row"]


def test_all_kinds_of_broken_rows_in_one_file_add_up(tmp_path):
    rows_of_all_kinds = [row for row, _ in BROKEN.values()]
    mixed = [
        line for row in rows_of_all_kinds for line in (row, exchange(f"after {len(str(row))} {id(row)}"))
    ]
    got = scan(jsonl(tmp_path / "exchanges.jsonl", *mixed))
    assert [row["reason"] for row in got.rejected] == [reason for _, reason in BROKEN.values()]
    assert [row["line"] for row in got.rejected] == list(range(1, 2 * len(BROKEN), 2))


def test_all_columns_come_in_contract_types(tmp_path):
    full = exchange(
        turns=3, tools=["a", "b"], temperature=1, logprobs=True, seed=-(2**63), sampling_rate=0.5, status=200
    )
    row = scan(jsonl(tmp_path / "exchanges.jsonl", full)).rows[0]
    assert row["ts"] == datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert {name: row[name] for name in full if name != "ts"} == {n: v for n, v in full.items() if n != "ts"}


def test_a_missing_key_and_null_mean_the_same(tmp_path):
    line = json.dumps({**GOOD, "prompt": None}).encode()
    assert (
        scan(jsonl(tmp_path / "exchanges.jsonl", line)).rows == scan(jsonl(tmp_path / "b.jsonl", GOOD)).rows
    )


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-01-02T03:04:05Z", 0),
        ("2026-01-02T05:04:05+02:00", 0),
        ("2026-01-02 03:04:05.123456789Z", 123456),
        ("2026-01-02T03:04:05.5z", 500_000),
        ("2026-01-02T03:04:05+0000", 0),
    ],
)
def test_times_with_a_zone_are_understood(tmp_path, text, micros):
    got = scan(jsonl(tmp_path / "exchanges.jsonl", exchange(ts=text)))
    assert got.rows[0]["ts"] == datetime(2026, 1, 2, 3, 4, 5, micros, tzinfo=UTC)


def test_whether_a_time_is_understood_does_not_depend_on_its_neighbours(tmp_path):
    texts = ["2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05z", "2026-01-02T03:04Z", "2026-01-02T03Z"]
    alone = [scan(jsonl(tmp_path / "a.jsonl", exchange(1, ts=text))).table.num_rows for text in texts]
    lines = [exchange(number, ts=text) for number, text in enumerate([*texts, "never"])]
    together = {row["exchange_id"] for row in scan(jsonl(tmp_path / "b.jsonl", *lines)).rows}
    assert [int(f"x{number}" in together) for number in range(len(texts))] == alone


def test_a_whole_number_may_be_written_with_a_zero_fraction(tmp_path):
    assert (
        scan(jsonl(tmp_path / "exchanges.jsonl", exchange(turns=5.0, seed=2.0, beside=1))).rows[0]["turns"]
        == 5
    )


def test_empty_lines_are_no_rows_but_count_as_lines(tmp_path):
    got = scan(jsonl(tmp_path / "exchanges.jsonl", GOOD, b"", b"  \r", b"broken", exchange(2)))
    assert got.ids == ["x0", "x2"]
    assert got.reasons == {4: "malformed JSON"}


def test_a_byte_order_mark_and_windows_line_ends_are_passed_over(tmp_path):
    lines = [json.dumps(exchange(number)).encode() + b"\r" for number in (1, 2)]
    assert scan(jsonl(tmp_path / "exchanges.jsonl", b"\xef\xbb\xbf" + lines[0], lines[1])).ids == ["x1", "x2"]


def test_the_last_line_needs_no_end(tmp_path):
    path = jsonl(tmp_path / "exchanges.jsonl", exchange(1), exchange(2))
    path.write_bytes(path.read_bytes()[:-1])
    assert scan(path).ids == ["x1", "x2"]


def test_an_empty_file_holds_no_rows(tmp_path):
    assert scan(jsonl(tmp_path / "exchanges.jsonl")).rows == []


def test_unknown_columns_are_kept_out_and_counted_row_by_row(tmp_path):
    lines = [
        exchange(n, **({"beside": n} if n % 2 else {}), **({"rare": [1]} if n == 7 else {}))
        for n in range(1000)
    ]
    got = scan(jsonl(tmp_path / "exchanges.jsonl", *lines))
    assert got.input.unknown_columns == {"exchanges.beside": 500, "exchanges.rare": 1}
    assert len(got.rows) == 1000
    assert "beside" not in got.rows[1]


@pytest.mark.parametrize("name", ["a\nline", 'a "quote"', "a\\b", "\x01"])
def test_an_unknown_column_may_have_any_name(tmp_path, name):
    got = scan(
        jsonl(tmp_path / "exchanges.jsonl", exchange(1), exchange(2, **{name: 1}), exchange(3, beside=1))
    )
    assert got.ids == ["x1", "x2", "x3"]
    assert got.input.unknown_columns == {f"exchanges.{name}": 1, "exchanges.beside": 1}


def test_very_many_unknown_columns_are_counted_without_growing(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "MOST_NAMED", 100)
    lines = [exchange(n, **{f"k{n}": 1, "always": None}) if n else exchange(n, always=1) for n in range(300)]
    lines = [{**line, "always": 1} for line in lines]
    unknown = scan(jsonl(tmp_path / "exchanges.jsonl", *lines)).input.unknown_columns
    assert unknown["exchanges.always"] == 300
    assert sum(unknown.values()) == 300 + 299
    assert len(unknown) <= 100 + rows.MOST_LEARNED + 1


def test_a_duplicate_within_and_between_batches_is_rejected_where_it_comes_later(tmp_path):
    got = scan(
        jsonl(tmp_path / "exchanges.jsonl", exchange(1), exchange(2), exchange(1, model="other"), exchange(3))
    )
    assert got.ids == ["x1", "x2", "x3"]
    assert got.reasons == {3: "duplicate exchange_id"}
    assert json.loads(got.rejected[0]["row"])["model"] == "other"


def test_the_id_of_a_rejected_row_is_free(tmp_path):
    got = scan(jsonl(tmp_path / "exchanges.jsonl", exchange(1, status=1), exchange(1)))
    assert got.ids == ["x1"]
    assert got.reasons == {1: "number out of range: status"}


def test_present_columns_are_those_that_held_a_value(tmp_path):
    got = scan(jsonl(tmp_path / "exchanges.jsonl", exchange(1, turns=1), exchange(2, prompt="p", status=1)))
    assert got.input.present["exchanges"] == {"exchange_id", "ts", "account_id", "model", "turns"}


@settings(max_examples=60, deadline=None)
@example([b"\0\0\0", json.dumps(GOOD).encode()])
@given(st.lists(st.one_of(st.binary(max_size=60), st.just(json.dumps(GOOD).encode())), max_size=8))
def test_no_garbage_stops_the_reader_and_every_line_is_accounted_for(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("garbage") / "exchanges.jsonl"
    path.write_bytes(b"\n".join(pieces))
    got = scan(path)
    lines = [line for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert len(got.rows) + len(got.rejected) == len(lines)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=10,
    ),
    st.sampled_from(
        ["exchange_id", "ts", "prompt", "tools", "turns", "seed", "temperature", "logprobs", "beside"]
    ),
)
def test_any_value_in_any_column_is_read_or_rejected(tmp_path_factory, value, name):
    path = jsonl(tmp_path_factory.mktemp("value") / "exchanges.jsonl", {**GOOD, name: value}, exchange(2))
    got = scan(path)
    assert "x2" in got.ids
    assert len(got.rows) + len(got.rejected) == 2
