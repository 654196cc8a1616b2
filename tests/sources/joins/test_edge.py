"""Edge logs by their usual names, and exchanges filled from them without anything being overwritten."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.joins.edge import EDGE, edge_rows, read_edge
from stillwatch.sources.joins.headers import header_profile
from stillwatch.sources.joins.keys import keys_of
from stillwatch.sources.joins.with_edge import Joined, with_edge

JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"
ENVOY = {
    "downstream_remote_address": "203.0.113.9:64484", "response_code": 200, "start_time": "2026-03-02T09:20:46.847Z",
    "user-agent": "curl/8.7.1", "x-forwarded-for": "198.51.100.1", "x-request-id": "r-1", "ja4": JA4,
}  # fmt: skip
WAF = {
    "timestamp": 1_772_443_246_847, "responseCodeSent": None, "ja4Fingerprint": JA4, "httpRequest": {
        "clientIp": "203.0.113.9", "requestId": "r-1",
        "headers": [{"name": "Host", "value": "api.example.org"}, {"name": "User-Agent", "value": "curl/8.7.1"}],
    },
}  # fmt: skip
CLOUDFLARE = {
    "RayID": "r-1", "ClientIP": "2001:db8::9", "ClientRequestUserAgent": "curl/8.7.1", "JA4": JA4,
    "EdgeResponseStatus": 403, "EdgeStartTimestamp": 1_772_443_246_847_000_000,
}  # fmt: skip
CLOUDFRONT = {
    "date": "2026-03-02", "time": "09:20:46", "x-edge-request-id": "r-1", "c-ip": "203.0.113.9",
    "cs(User-Agent)": "curl%2F8.7.1%20(x+y)", "sc-status": "200", "cs-header-names": "Host%0AUser-Agent",
}  # fmt: skip


def row(record: dict) -> dict:
    return next(iter(edge_rows(record)))


def edge(*records: dict) -> pa.Table:
    columns = EDGE.arrow.names
    return pa.Table.from_pylist([{**dict.fromkeys(columns), **one} for one in records], schema=EDGE.arrow)


def filled(rows: list[dict], table: pa.Table, **options) -> tuple[list[dict], Joined]:
    joined = Joined()
    batches = [pa.RecordBatch.from_pylist([one]) for one in rows]
    found = [one for batch in with_edge(batches, table, joined, **options) for one in batch.to_pylist()]
    return found, joined


@pytest.mark.parametrize("record", [ENVOY, WAF, CLOUDFLARE, CLOUDFRONT])
def test_the_usual_logs_are_known_by_their_names(record):
    found = row(record)
    assert found["request_id"] == "r-1"
    assert found["client_ip"] in ("203.0.113.9", "2001:db8::9")
    assert found["user_agent"] in ("curl/8.7.1", "curl/8.7.1 (x+y)")
    assert found["ts"] // 1_000_000 == datetime(2026, 3, 2, 9, 20, 46, tzinfo=UTC).timestamp()
    assert found["ja4"] == (None if record is CLOUDFRONT else JA4)


def test_the_order_of_headers_is_hashed_by_small_names():
    assert (
        row(WAF)["header_profile"]
        == row(CLOUDFRONT)["header_profile"]
        == header_profile(["host", "USER-AGENT"])
    )
    assert (
        row({**ENVOY, "header_order": ["user-agent", "host"]})["header_profile"] != row(WAF)["header_profile"]
    )
    assert row({**ENVOY, "header_order": "host,user-agent"})["header_profile"] == row(WAF)["header_profile"]
    assert row({**ENVOY, "httpRequest": {"headers": {"host": "x"}}})["header_profile"] is None


def test_a_connection_from_the_inner_network_gives_way_to_the_forwarded_address():
    inner = {**ENVOY, "downstream_remote_address": "127.0.0.1:64484"}
    assert row(inner)["client_ip"] == "198.51.100.1"
    assert row({**inner, "x-forwarded-for": "-"})["client_ip"] == "127.0.0.1"


def test_an_address_that_a_client_writes_before_its_own_is_not_believed():
    inner = {**ENVOY, "downstream_remote_address": "127.0.0.1:64484"}
    forged = {**inner, "x-forwarded-for": "192.0.2.77, 198.51.100.1, 10.0.0.3"}
    assert row(forged)["client_ip"] == "198.51.100.1"


def test_a_log_is_read_and_what_has_no_request_id_is_counted(tmp_path):
    file = tmp_path / "edge.jsonl"
    lines = [
        json.dumps(ENVOY),
        json.dumps({"records": [WAF, {"x": 1}]}),
        "{broken",
        json.dumps({"request_id": "-"}),
    ]
    file.write_text("\n".join(lines), "utf-8")
    read = read_edge(file)
    assert read.table.num_rows == 2
    assert read.without == {"no request_id": 2, "malformed JSON": 1}
    assert read.failure == ""


def test_a_csv_log_is_read(tmp_path):
    file = tmp_path / "edge.csv"
    file.write_text("request_id,client_ip,ja4,status\nr-1,203.0.113.9,x,200\nr-2,-,,\n", "utf-8")
    assert read_edge(file).table.select(["request_id", "client_ip", "ja4", "status"]).to_pylist() == [
        {"request_id": "r-1", "client_ip": "203.0.113.9", "ja4": "x", "status": 200},
        {"request_id": "r-2", "client_ip": None, "ja4": None, "status": None},
    ]


def test_a_log_that_breaks_off_is_read_as_far_as_it_goes(tmp_path):
    file = tmp_path / "edge.jsonl.gz"
    packed = gzip.compress(
        "\n".join(json.dumps({**ENVOY, "x": str(n) * 50}) for n in range(9_000)).encode(), 1
    )
    file.write_bytes(packed[: len(packed) // 2])
    read = read_edge(file)
    assert 0 < read.table.num_rows < 9_000
    assert "breaks off" in read.failure


@pytest.mark.parametrize("odd", [None, 7, [], {}, "x", [7], {"name": 3}, True])
def test_odd_values_never_raise(odd):
    for record in (ENVOY, WAF, CLOUDFLARE, CLOUDFRONT):
        for key in record:
            assert len(list(edge_rows({**record, key: odd}))) == 1


def test_only_what_is_missing_is_filled_in():
    table = edge(
        {"request_id": "a", "client_ip": "203.0.113.9", "ja4": JA4, "user_agent": "curl", "status": 200}
    )
    rows = [
        {"exchange_id": "a", "account_id": "x", "client_ip": None, "status": 429, "user_agent": "own"},
        {"exchange_id": "b", "account_id": "x", "client_ip": None, "status": None, "user_agent": None},
    ]
    found, joined = filled([{**one} for one in rows], table)
    assert found[0] == {
        "exchange_id": "a", "account_id": "x", "client_ip": "203.0.113.9", "user_agent": "own", "ja4": JA4,
        "header_profile": None, "status": 429,
    }  # fmt: skip
    assert found[1]["ja4"] is None
    assert joined == Joined(matched=1, without_edge=1, without_exchange=0, repeated=0)


def test_what_does_not_match_and_what_repeats_is_counted():
    table = edge(
        {"request_id": "a", "ja4": "first"}, {"request_id": "a", "ja4": "second"}, {"request_id": "z"}
    )
    found, joined = filled([{"exchange_id": "a"}, {"exchange_id": "a2"}], table)
    assert [one["ja4"] for one in found] == ["first", None]
    assert joined == Joined(matched=1, without_edge=1, without_exchange=1, repeated=1)


def test_another_column_can_hold_the_request_id():
    table = edge({"request_id": "s-9", "ja4": "x"})
    found, joined = filled([{"exchange_id": "a", "session_id": "s-9"}, {"exchange_id": "b", "session_id": None}], table,
                           on="session_id")  # fmt: skip
    assert [one["ja4"] for one in found] == ["x", None]
    assert joined.matched == 1


def test_an_empty_edge_log_fills_nothing():
    found, joined = filled([{"exchange_id": "a"}], edge())
    assert found[0]["ja4"] is None
    assert joined == Joined(without_edge=1)


def test_encoded_columns_stay_encoded_and_all_batches_have_one_schema():
    kinds = [
        ("exchange_id", pa.string()),
        ("user_agent", EXCHANGE["user_agent"].encoded),
        ("ja4", pa.string()),
    ]
    schema = pa.schema(kinds)
    batches = [
        pa.RecordBatch.from_pylist([{"exchange_id": "a", "user_agent": None, "ja4": None}], schema=schema),
        pa.RecordBatch.from_pylist([{"exchange_id": "b", "user_agent": "own", "ja4": "x"}], schema=schema),
    ]
    table = edge({"request_id": "a", "user_agent": "curl", "ja4": "y"})
    found = list(with_edge(batches, table, Joined()))
    assert found[0].schema == found[1].schema
    assert found[0].schema.field("user_agent").type == EXCHANGE["user_agent"].encoded
    assert found[0].to_pylist()[0]["user_agent"] == "curl"


def test_keys_tell_texts_apart_whatever_their_length_and_place():
    texts = [f"{'x' * (n % 40)}{n}" for n in range(20_000)] + ["", "a", "a\0", "a\0\0"]
    keys = keys_of(pa.array(texts, pa.large_string()))
    assert len(set(keys.tolist())) == len(texts)
    part = pa.array(["no", *texts], pa.large_string()).slice(1)
    assert (keys_of(part) == keys).all()
    assert len(keys_of(pa.array([], pa.large_string()))) == 0
