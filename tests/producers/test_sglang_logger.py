"""What SGLang's own request logger wrote is recognised and read, at each of its levels."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stillwatch import scan
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

SCRIPT = Path(__file__).with_name("sglang_logger.py")
PYTHON = os.environ.get("STILLWATCH_SGLANG_PYTHON", "")
LONGEST_RUN = 300
STATUS = {"chat-1": 200, "chat-2": 200, "native": 200, "aborted": 429, "cut-off": None}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON,
        reason="needs a Python that has SGLang (pip install sglang, 11 GB): name it in STILLWATCH_SGLANG_PYTHON",
    ),
]
level = pytest.mark.parametrize("level", range(4))


@pytest.fixture(scope="module")
def produced(tmp_path_factory):
    """The folder of the logs, one folder for each level."""
    out = tmp_path_factory.mktemp("sglang")
    command = [PYTHON, SCRIPT, out]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONGEST_RUN)
    assert done.returncode == 0, done.stderr[-4000:]
    return {at: next((out / f"level-{at}").iterdir()) for at in range(4)}


def read(path: Path) -> dict[str, dict]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    assert not reject.count
    assert not log.failures
    assert log.rows_read["exchanges"] == len(rows) + sum(log.excluded.values())
    assert {row["source"] for row in rows} == {"sglang/1"}
    return {row["exchange_id"]: row for row in rows}


@level
def test_every_exchange_is_there_once_with_its_account_and_status(produced, level):
    rows = read(produced[level])
    assert {rid: row["status"] for rid, row in rows.items() if rid in STATUS} == STATUS
    assert len(rows) == len(STATUS) + 1
    assert {rid: rows[rid]["account_id"] for rid in ("chat-1", "chat-2", "cut-off")} == {
        "chat-1": "acct-1",
        "chat-2": "acct-2",
        "cut-off": "acct-3",
    }
    assert "sk-not-to-be-logged" not in produced[level].read_text()


@pytest.mark.parametrize("level", [0, 1])
def test_without_texts_the_counts_are_read(produced, level):
    row = read(produced[level])["chat-1"]
    told = ("prompt", "response", "content_state", "input_tokens", "output_tokens", "cached_input_tokens")
    assert [row[name] for name in told] == [None, None, "absent", 5, 3, 2]
    assert row["temperature"] == (0.5 if level == 1 else None)


@pytest.mark.parametrize("level", [2, 3])
def test_with_texts_prompts_and_answers_are_those_that_were_said(produced, level):
    rows = read(produced[level])
    chat, alone, native = rows["chat-1"], next(rows[rid] for rid in rows if rid not in STATUS), rows["native"]
    assert [chat[name] for name in ("system_prompt", "prompt", "turns", "response", "model")] == [
        *("Be brief.", "What is a tide?", 1),
        *("The sea, rising.", "tiny"),
    ]
    assert (alone["prompt"], alone["response"]) == ("<|user|>What is a tide?\n", "Without an id.")
    assert (native["prompt"], native["max_tokens"], native["stop_reason"]) == ("Count to three", 8, "length")
    assert rows["chat-2"]["response"] == "Too long: 灯 häuser."
    assert rows["chat-2"]["content_state"] == ("truncated" if level == 2 else None)


def test_the_log_is_scanned(produced, tmp_path):
    assert scan(produced[3], out=tmp_path / "findings").run.rows_scanned == len(STATUS) + 1
