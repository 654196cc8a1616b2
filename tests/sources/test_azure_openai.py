"""Azure OpenAI's RequestResponse log: ticks, negative durations, masked addresses, properties as a text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.azure_openai import SOURCE, address
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
LOG = LOGS / "azure_openai.diagnostics.jsonl"
RESOURCE = "/subscriptions/0a0a/resourcegroups/rg-a/providers/microsoft.cognitiveservices/accounts/house-a"


def read(path: Path = LOG) -> tuple[dict[str, dict], dict[str, int]]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    assert not reject.count
    return {row["exchange_id"]: row for row in rows}, log.excluded


def test_a_call_is_told_in_full_as_far_as_the_log_goes():
    row = read()[0]["call-a1"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "call-a1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847123, UTC),
        "account_id": "obj-17",
        "model": "gpt-35-turbo",
        "channel": "foundry",
        "status": 200,
        "source": "azure_openai/1",
        "raw_ref": "azure_openai.diagnostics.jsonl:1",
        "content_state": "absent",
    }


def test_times_are_counted_from_the_year_one_and_durations_below_zero_change_nothing():
    rows = read()[0]
    assert rows["call-a1"]["ts"] == datetime(2026, 3, 2, 9, 20, 46, 847123, UTC)
    assert rows["call-e5"]["ts"] == datetime(2026, 3, 2, 9, 22, tzinfo=UTC)


def test_a_call_without_ticks_is_at_the_time_of_its_record():
    assert read()[0]["call-f6"]["ts"] == datetime(2026, 3, 2, 9, 23, 0, 123456, UTC)


def test_properties_as_a_text_are_read_and_a_call_with_a_bare_key_is_the_resources():
    row = read()[0]["call-b2"]
    assert (row["account_id"], row["model"], row["status"]) == (RESOURCE, "gpt-4o", 429)
    assert row["ts"] == datetime(2026, 3, 2, 9, 21, 0, 1, UTC)


def test_a_masked_address_is_none_and_a_whole_one_is_kept():
    rows = read()[0]
    assert [rows[f"call-{one}"]["client_ip"] for one in ("a1", "b2", "e5", "f6")] == [
        None,
        "2001:db8::7",
        "203.0.113.9",
        None,
    ]
    assert address("203.0.113.***") is None


def test_the_deployments_name_stands_in_where_no_model_is_named():
    assert read()[0]["call-e5"]["model"] == "ours"


def test_a_result_that_is_no_number_is_no_status():
    assert read()[0]["call-e5"]["status"] is None


def test_rows_of_the_older_table_are_read_under_its_names():
    row = read()[0]["call-f6"]
    assert (row["account_id"], row["model"], row["status"]) == (RESOURCE, "gpt-5", 200)


def test_other_categories_and_embeddings_are_excluded_with_their_reasons():
    rows, excluded = read()
    assert excluded == {"another category of log": 1, "no generation": 1}
    assert sorted(rows) == ["call-a1", "call-b2", "call-e5", "call-f6"]


def test_a_document_of_records_is_known_even_if_it_begins_with_another_category():
    rows, excluded = read(LOGS / "azure_openai.packed.json")
    assert sorted(rows) == ["call-h8", "call-i9"]
    assert excluded == {"another category of log": 1}
    assert rows["call-i9"]["client_ip"] is None


def test_a_record_of_a_gateway_is_not_taken_for_one_of_the_service():
    assert not SOURCE.sniff(b'{"category": "GatewayLogs", "correlationId": "c", "properties": {"url": ""}}\n')
