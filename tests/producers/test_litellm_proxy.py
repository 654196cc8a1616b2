"""What a real LiteLLM proxy logged is recognised, read in full, and the same in its three forms."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stillwatch import scan
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from tests.producers.allowed import allowed

SCRIPT = Path(__file__).with_name("litellm_proxy.py")
LOGS = {"callbacks.jsonl": "litellm", "spend.jsonl": "litellm_spend", "spend.csv": "litellm_spend"}
ASKED = 49
LONGEST_RUN = 900

pytestmark = [pytest.mark.slow, allowed("installs LiteLLM and starts a proxy and a PostgreSQL")]
log = pytest.mark.parametrize("name", LOGS)


@pytest.fixture(scope="module")
def produced(tmp_path_factory):
    """The folder of the three logs. STILLWATCH_LITELLM_PYTHON may name a Python that has LiteLLM's proxy."""
    out = tmp_path_factory.mktemp("litellm")
    command = [sys.executable, SCRIPT, "--out", out]
    if python := os.environ.get("STILLWATCH_LITELLM_PYTHON"):
        command += ["--python", python]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONGEST_RUN)
    assert done.returncode == 0, done.stderr[-4000:]
    return out


@pytest.fixture(scope="module")
def read(produced):
    """By log, the rows by what was asked with; of two that were asked with the same, the later."""
    return {name: rows_of(produced / name) for name in LOGS}


def rows_of(path: Path) -> dict[str, dict]:
    found, reject = open_input(path), Reject()
    rows = [row for batch in found.exchanges(reject) for row in batch.to_pylist()]
    assert not found.failures
    assert found.excluded == {"no generation": 1}
    assert found.rows_read["exchanges"] == len(rows) + reject.count + 1 == ASKED
    assert reject.count == 0
    return {row["prompt"] or str(row["status"]): row for row in rows}


@log
def test_a_log_is_recognised_without_a_hint(read, name):
    assert {row["source"].partition("/")[0] for row in read[name].values()} == {LOGS[name]}


@log
def test_accounts_are_users_else_teams_else_keys_and_each_holds_one_key(read, name):
    rows = read[name].values()
    accounts = {row["account_id"] for row in rows}
    assert accounts > {"user-lamp", "user-moss", "team-alone"}
    assert len(accounts) == len({(row["account_id"], row["api_key_id"]) for row in rows}) == 4
    assert not any("sk-" in str(row) for row in rows)


@log
def test_prompts_parameters_and_tokens_are_those_that_were_sent(read, name):
    row = read[name]["plain 3 of lamps"]
    told = ("system_prompt", "max_tokens", "turns", "model", "status", "input_tokens", "output_tokens")
    assert [row[one] for one in told] == ["Be brief.", 103, 1, "house-large", 200, 12, 6]
    assert (row["temperature"], row["response"]) == (pytest.approx(0.3), "Answer to: plain 3 of lamps")


@log
def test_streamed_answers_are_put_together_and_name_the_end_user(read, name):
    for told in ("with", "without"):
        row = read[name][f"streamed 2 {told} usage"]
        assert (row["response"], row["stop_reason"]) == (f"Answer to: streamed 2 {told} usage", "stop")
        assert (row["end_user_id"], row["input_tokens"], row["output_tokens"]) == ("visitor-3", 7, 6)


@log
def test_tools_are_named_and_their_calls_are_the_stop_reason(read, name):
    for said in ("use the tool on lamps", "use the tool in a stream"):
        assert (read[name][said]["tools"], read[name][said]["stop_reason"]) == (["look_up"], "tool_calls")
    for result in ("moss is green", "ferns are old", "reeds are wet"):
        assert (read[name][result]["turns"], read[name][result]["tools"]) == (3, ["look_up"])


@log
def test_failures_keep_the_status_and_the_account(read, name):
    told = {"fail 429 please": 429, "fail 400 please": 400, "fail 500 in a stream": 500}
    told["of an unknown model"] = 400
    assert {said: read[name][said]["status"] for said in told} == told
    assert read[name]["fail 500 in a stream"]["account_id"] == "user-moss"
    assert 401 in {row["status"] for row in read[name].values()}


@log
def test_only_sessions_that_the_client_named_are_sessions(read, name):
    sessions = {said: row["session_id"] for said, row in read[name].items() if row["session_id"]}
    assert sessions == {
        "in a session by header": "session-1",
        "in a session by body": "session-2",
        "with metadata": "session-3",
    }


@log
def test_the_client_is_the_first_address_that_was_forwarded(read, name):
    assert (read[name]["of a team"]["client_ip"], read[name]["of a team"]["end_user_id"]) == (
        "203.0.113.7",
        "visitor-4",
    )
    assert read[name]["of a program"]["user_agent"] == "OpenAI/Python 2.1.0"


@log
def test_odd_contents_are_read(read, name):
    rows = read[name]
    shaped = rows["in a shape"]
    assert (shaped["n"], shaped["seed"], shaped["response_format"]) == (2, 7, "json_schema")
    assert rows["what is in this picture"]["images"] == 1
    assert (rows["with a thought"]["reasoning"], rows["with a thought"]["reasoning_tokens"]) == (True, 5)
    assert 'signs: "häuser", 灯, \U0001f4a1,\n\ttwo lines; \\ and \'' in rows


@log
def test_other_dialects_tell_the_same(read, name):
    for how in ("whole", "streamed"):
        for said in ("message", "message to a claude", "chat with a claude", "response", "completion"):
            row = read[name][f"a {said} {how}"]
            assert row["response"] == f"Answer to: a {said} {how}"
            assert row["system_prompt"] == (None if said == "completion" else "Be brief.")
        assert read[name][f"a message {how}"]["max_tokens"] == 64
        assert read[name][f"a completion {how}"]["max_tokens"] == 16


@log
def test_times_are_utc_though_the_proxy_and_the_database_are_elsewhere(read, name):
    now = datetime.now(UTC)
    assert all(timedelta() < now - row["ts"] < timedelta(minutes=30) for row in read[name].values())


def test_the_table_cuts_out_the_middle_of_long_texts_and_says_so(read):
    (long,) = (row for said, row in read["spend.jsonl"].items() if said.startswith("a long one"))
    assert long["content_state"] == "truncated"


def test_the_two_exports_of_the_table_tell_the_same(read):
    apart = {"raw_ref": None}
    lines, texts = read["spend.jsonl"], read["spend.csv"]
    assert {said: row | apart for said, row in texts.items()} == {
        said: row | apart for said, row in lines.items()
    }


@log
def test_a_log_is_scanned_from_end_to_end(produced, name, tmp_path):
    run = scan(produced / name, out=tmp_path / "findings").run
    assert run.rows_scanned == ASKED - 1
