"""Rows of LiteLLM's table, read straight from a PostgreSQL, are those of its export."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from stillwatch.errors import InputError
from stillwatch.sources.layout import open_input
from stillwatch.sources.litellm_database import AT_A_TIME, addressed, spend_rows
from stillwatch.sources.rejected import Reject
from tests.producers.allowed import allowed
from tests.producers.postgresql import postgresql

MANY = 3 * AT_A_TIME + 1
TABLE = """
    CREATE TABLE "LiteLLM_SpendLogs" (
        request_id text PRIMARY KEY, call_type text, api_key text, spend float8, "startTime" timestamp(3), model text,
        "user" text, prompt_tokens int, completion_tokens int, metadata jsonb, status text, proxy_server_request jsonb
    );
    INSERT INTO "LiteLLM_SpendLogs"
    SELECT 'row-' || n, 'acompletion', '9f8e', 0.5, timestamp '2026-03-02 09:00:00.25' + n * interval '1 second',
        'house-large', 'user-' || n % 7, 3, 4, '{"status": null}', 'success',
        jsonb_build_object('messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'lamp ' || n)))
    FROM generate_series(1, MANY) n;
"""
needs_a_database = allowed("starts a PostgreSQL")


@pytest.fixture(scope="module")
def database():
    pytest.importorskip("psycopg")
    with postgresql() as started:
        started.run(TABLE.replace("MANY", str(MANY)))
        yield started


@pytest.mark.slow
@needs_a_database
def test_rows_come_in_order_as_the_export_has_them(database):
    rows = list(spend_rows(database.url))
    exported = database.run('SELECT row_to_json(t) FROM "LiteLLM_SpendLogs" t ORDER BY "startTime";')
    assert rows == [json.loads(line) for line in exported.splitlines()]
    assert len(rows) == MANY


@pytest.mark.slow
@needs_a_database
def test_rows_are_read_from_a_time_on_whatever_its_zone(database):
    since = datetime(2026, 3, 2, 9, 25, 0, tzinfo=UTC)
    assert len(list(spend_rows(database.url, since))) == MANY - 1499
    assert len(list(spend_rows(database.url, since.astimezone(timezone(timedelta(hours=9)))))) == MANY - 1499


@pytest.mark.slow
@needs_a_database
def test_what_was_read_is_a_log_of_the_format(database, tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f"{json.dumps(row)}\n" for row in spend_rows(f"{database.url}&schema=public")))
    reject = Reject()
    rows = [row for batch in open_input(log).exchanges(reject) for row in batch.to_pylist()]
    assert (len(rows), reject.count, rows[0]["prompt"]) == (MANY, 0, "lamp 1")
    assert rows[0]["ts"] == datetime(2026, 3, 2, 9, 0, 1, 250000, UTC)


@pytest.mark.slow
@needs_a_database
def test_a_schema_without_the_table_is_told(database):
    with pytest.raises(InputError, match="LiteLLM_SpendLogs"):
        list(spend_rows(f"{database.url}&schema=elsewhere"))


def test_what_prisma_adds_to_an_address_is_not_passed_on():
    told = (
        "postgresql://u:p%40ss@db:5432/litellm?schema=house&connection_limit=5&sslmode=require&pgbouncer=true"
    )
    assert addressed(told) == ("postgresql://u:p%40ss@db:5432/litellm?sslmode=require", "house")
    assert addressed("postgresql://db/litellm") == ("postgresql://db/litellm", "public")
