"""New-API's and One-API's logs: what is a call, whose tokens count, failed attempts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"


def read(name: str = "new_api.logs.jsonl") -> tuple[dict[str, dict], dict[str, int], int]:
    log, reject = open_input(LOGS / name), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, reject.count


def test_a_call_is_told_in_full_and_holds_no_text():
    row = read()[0]["101"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "101",
        "ts": datetime(2026, 3, 2, 9, 20, 6, tzinfo=UTC),
        "account_id": "17",
        "model": "house-large",
        "api_key_id": "9",
        "channel": "aggregator",
        "client_ip": "203.0.113.9",
        "reasoning": True,
        "input_tokens": 1200,
        "output_tokens": 300,
        "cached_input_tokens": 400,
        "status": 200,
        "source": "new_api/1",
        "raw_ref": "new_api.logs.jsonl:2",
        "content_state": "absent",
    }


def test_names_of_users_and_of_their_keys_do_not_enter():
    row = read()[0]["101"]
    assert not {"reader", "main"} & {value for value in row.values() if isinstance(value, str)}


def test_a_call_in_anthropics_dialect_counts_what_the_cache_gave_and_took_as_read():
    row = read()[0]["102"]
    assert (row["input_tokens"], row["cached_input_tokens"], row["api_key_id"]) == (1250, 1000, None)


def test_a_failed_call_has_the_status_that_it_tells_and_its_zeros_say_nothing():
    rows = read()[0]
    assert [rows[name]["status"] for name in ("103", "104")] == [429, None]
    assert rows["103"]["input_tokens"] is None


def test_payments_management_and_refunds_are_no_calls_and_embeddings_and_corrections_no_generation():
    rows, excluded, rejected = read()
    assert (sorted(rows), rejected) == (["101", "102", "103", "104", "110"], 0)
    assert excluded == {"no call of a model": 4, "no generation": 2}


def test_a_masked_address_is_none_and_further_values_that_are_no_json_are_passed_over():
    row = read()[0]["110"]
    assert (row["client_ip"], row["input_tokens"], row["reasoning"]) == (None, 7, None)


def test_one_apis_rows_come_as_csv_and_its_tests_of_channels_are_no_calls():
    rows, excluded, rejected = read("new_api.one_api.csv")
    assert (sorted(rows), excluded, rejected) == (["201", "203"], {"no call of a model": 1}, 0)
    assert (rows["203"]["account_id"], rows["203"]["output_tokens"]) == ("18", 6)
