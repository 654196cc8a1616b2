"""Portkey's export: whose metadata names the account, bodies in several wrappings, retries that share a trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parent / "logs_of" / "portkey.export.jsonl"


def read(path: Path = LOG) -> tuple[list[dict], dict[str, int], Reject]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, reject


def test_a_call_is_told_in_full():
    row = read()[0][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "pk-1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847000, UTC),
        "account_id": "org-4",
        "model": "gpt-4o-mini",
        "session_id": "trace-1",
        "channel": "aggregator",
        "system_prompt": "Be brief.",
        "prompt": "What is a tide?",
        "turns": 1,
        "tools": ["look_up"],
        "images": 1,
        "temperature": 0.3,
        "max_tokens": 200,
        "input_tokens": 10,
        "output_tokens": 5,
        "response": "The sea rises and falls.",
        "stop_reason": "stop",
        "status": 200,
        "source": "portkey/1",
        "raw_ref": "portkey.export.jsonl:1",
        "end_user_id": "visitor-9",
    }


def test_the_user_is_the_account_only_where_nothing_else_is_named():
    rows = read()[0]
    assert [row["account_id"] for row in rows] == ["org-4", "user-17", "user-17", "acct-7", "4711"]
    assert [row["end_user_id"] for row in rows] == ["visitor-9", None, None, None, None]


@pytest.mark.parametrize("metadata", [{}, {"environment": "prod"}, {"_user": ""}, "no JSON", None, [1]])
def test_a_record_that_names_nobody_is_rejected_as_such(tmp_path, metadata):
    log = tmp_path / "log.jsonl"
    record = {**json.loads(LOG.read_text("utf-8").splitlines()[0]), "metadata": metadata}
    log.write_text(json.dumps(record), "utf-8")
    rows, _, reject = read(log)
    assert (rows, reject.reasons) == ([], {"no account_id": 1})


def test_bodies_are_read_as_objects_or_texts_bare_or_wrapped_and_under_dotted_names():
    rows = read()[0]
    assert [row["prompt"] for row in rows] == [
        "What is a tide?",
        "Name three rivers.",
        "Name three rivers.",
        "Translate: lamp",
        None,
    ]
    assert [row["response"] for row in rows] == [
        "The sea rises and falls.",
        None,
        "Rhine, Rhone, Po.",
        "Lampe",
        None,
    ]


def test_bodies_that_an_administrator_keeps_out_are_absent():
    assert [row["content_state"] for row in read()[0]] == [None, None, None, None, "absent"]


def test_retries_are_exchanges_of_their_own_in_one_session():
    first, second = read()[0][1:3]
    assert first["session_id"] == second["session_id"] == "trace-shared"
    assert (first["status"], second["status"]) == (503, 200)
    assert first["ts"] == datetime(2026, 3, 2, 9, 21, 0, 500000, UTC)


def test_both_names_of_the_token_counts_are_read():
    row = read()[0][3]
    assert (row["input_tokens"], row["output_tokens"]) == (21, 3)


def test_embeddings_are_excluded():
    assert read()[1] == {"no generation": 1}
