"""Spans that real instrumentations write of real clients are read alike, whichever names they use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from tests.producers.allowed import allowed
from tests.producers.stand_in_model import stand_in_model

SCRIPT = Path(__file__).with_name("instrumented_client.py")
PACKAGES = (
    *(
        "openai>=3",
        "anthropic>=2",
        "httpx",
        "wrapt<2",
        "opentelemetry-sdk",
        "opentelemetry-exporter-otlp-json-file",
    ),
    *("opentelemetry-instrumentation-openai", "opentelemetry-instrumentation-anthropic"),
    *("openinference-instrumentation-openai", "openinference-instrumentation-anthropic"),
    "opentelemetry-instrumentation-openai-v2==2.3b0",
)
WITH_WORDS = ("openllmetry", "openinference")
LONGEST_RUN = 300

pytestmark = [pytest.mark.slow, allowed("installs clients and their instrumentations")]


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> str:
    """A Python that has the clients: the one that STILLWATCH_INSTRUMENTED_PYTHON names, else one made for this."""
    if named := os.environ.get("STILLWATCH_INSTRUMENTED_PYTHON"):
        return named
    place = tmp_path_factory.mktemp("clients") / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    made = str(place / "bin" / "python")
    subprocess.run([made, "-m", "pip", "install", "-q", *PACKAGES], check=True, timeout=LONGEST_RUN)
    return made


@pytest.fixture(scope="module")
def read(python, tmp_path_factory):
    """By instrumentation, the rows in order and what was excluded."""
    out, found = tmp_path_factory.mktemp("spans"), {}
    with stand_in_model() as port:
        for by in ("opentelemetry", *WITH_WORDS):
            log = out / f"{by}.jsonl"
            command = [python, SCRIPT, by, str(port), log]
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, timeout=LONGEST_RUN, env=environment
            )
            assert done.returncode == 0, done.stderr[-4000:]
            assert "sk-not-to-be-logged" not in log.read_text()
            found[by] = rows_of(log)
    return found


def rows_of(path: Path) -> tuple[list[dict], dict[str, int]]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    assert not reject.count
    assert not log.failures
    return rows, log.excluded


@pytest.mark.parametrize("by", WITH_WORDS)
def test_each_call_is_read_once_with_its_words(read, by):
    rows, excluded = read[by]
    assert [(row["prompt"], row["response"], row["turns"], row["status"]) for row in rows] == [
        ("plain 灯 häuser", "Answer to: plain 灯 häuser", 1, 200),
        ("in a stream", "Answer to: in a stream", 1, 200),
        ("use the tool on lamps", None, 1, 200),
        ("fail 429 please", None, 1, 429),
        ("And fern?", "Answer to: And fern?", 3, 200),
        ("a message to a claude", "Answer to: a message to a claude", 1, 200),
    ]
    assert excluded == {"inside another call": 1, "no generation": 1}
    assert {row["account_id"] for row in rows} == {"org-2"}
    assert [row["system_prompt"] for row in rows] == [*(["Be brief."] * 4), None, "Be kind."]
    assert (rows[0]["temperature"], rows[0]["max_tokens"], rows[0]["input_tokens"]) == (0.25, 64, 11)
    assert rows[2]["tools"] == ["look_up"]


def test_without_words_the_same_is_read_but_what_was_said(read):
    (rows, excluded), (others, _) = read["opentelemetry"], read["openllmetry"]
    columns = ("model", "temperature", "max_tokens", "input_tokens", "output_tokens", "status")
    assert [[row[one] for one in columns] for row in rows] == [
        [row[one] for one in columns] for row in others[:5]
    ]
    assert {row["content_state"] for row in rows} == {"absent"}
    assert excluded == {"no generation": 1}
