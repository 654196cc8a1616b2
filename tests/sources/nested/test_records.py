"""Files that do not begin or end as they should, and documents that are larger inside than outside."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from stillwatch.sources.layout import open_input
from stillwatch.sources.nested import records
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parents[1] / "logs_of" / "litellm.callbacks.jsonl"


def read(path: Path, log_format: str | None = None) -> tuple[list[str], Reject, dict[str, str]]:
    log, reject = open_input(path, log_format=log_format), Reject()
    rows = [row["exchange_id"] for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, reject, log.failures


@pytest.mark.parametrize("begins", [0.2, 0.5, 0.999])
def test_a_log_that_begins_in_the_middle_of_a_line_loses_that_line_alone(tmp_path, begins):
    first, rest = LOG.read_bytes().split(b"\n", 1)
    path = tmp_path / "rotated.log.1"
    path.write_bytes(first[int(len(first) * begins) :] + b"\n" + rest)
    rows, reject, _ = read(path)
    assert rows == read(LOG)[0][1:]
    assert reject.count == 1


def test_a_first_line_that_was_cut_off_costs_itself_alone(tmp_path):
    first, rest = LOG.read_bytes().split(b"\n", 1)
    path = tmp_path / "log"
    path.write_bytes(first[:300] + b"\n" + rest)
    assert read(path)[0] == read(LOG)[0][1:]


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_a_document_is_read_however_it_is_laid_out(tmp_path, indent):
    path = tmp_path / "log.json"
    path.write_text(json.dumps([json.loads(line) for line in LOG.read_bytes().splitlines()], indent=indent))
    assert read(path)[0] == read(LOG)[0]


def test_a_document_with_a_record_a_line_is_read(tmp_path):
    path = tmp_path / "log.json"
    path.write_bytes(b"[\n" + b",\n".join(LOG.read_bytes().splitlines()) + b"\n]\n")
    assert read(path)[0] == read(LOG)[0]


def test_a_small_file_that_unpacks_to_a_vast_document_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "VALUES", 10_000)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b"[\n" + b"[],\n" * 20_000 + b"[]]"))
    rows, reject, failures = read(path, "litellm")
    assert rows == []
    assert "values; write it as JSON lines" in failures["bomb.json.gz"]
    assert reject.count == 0


def test_an_endless_line_that_is_no_json_is_told_and_not_held(tmp_path):
    path = tmp_path / "endless.jsonl"
    path.write_bytes(b"a" * 20_000_000)
    rows, reject, failures = read(path, "otel")
    assert rows == []
    assert reject.count == 0
    assert "first line is no header row" in failures["endless.jsonl"]


PREFIXES = {
    "a logger's time": b"[2026-03-02 09:20:46] ",
    "a container runtime's": b"2026-03-02T09:20:46.669794202Z stdout F ",
    "compose's": b"gateway-1  | ",
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("name", ["litellm.callbacks.jsonl", "sglang.requests.jsonl", "envoy.access.jsonl"])
def test_records_stand_behind_what_a_logger_puts_before_them(tmp_path, prefix, name):
    log = LOG.with_name(name)
    path = tmp_path / "log"
    lines = [b"server started", *log.read_bytes().splitlines(), b"{bye"]
    path.write_bytes(b"".join(prefix + line + b"\n" for line in lines))
    rows, reject, failures = read(path)
    assert rows == read(log)[0]
    assert reject.reasons == {"malformed JSON": 1, "no JSON object": 1}
    assert not failures


@pytest.mark.parametrize(
    "name", ["litellm.callbacks.jsonl", "sglang.requests.jsonl", "bedrock.converse.jsonl"]
)
def test_records_stand_in_what_a_container_runtime_wraps_lines_in(tmp_path, name):
    log = LOG.with_name(name)
    path = tmp_path / "log"
    lines = [*log.read_text("utf-8").splitlines(), "server stopped"]
    held = [
        json.dumps({"log": f"{line}\n", "stream": "stdout", "time": "2026-03-02T09:20:46Z"}) for line in lines
    ]
    path.write_text("\n".join(held))
    rows, reject, _ = read(path)
    assert rows == read(log)[0]
    assert reject.reasons == {"no JSON object": 1}


def test_a_runtime_wraps_banners_and_prefixes_too(tmp_path):
    log = LOG.with_name("sglang.requests.jsonl")
    path = tmp_path / "log"
    lines = [
        "INFO starting",
        *(f"[2026-03-02 09:20:46] {line}" for line in log.read_text("utf-8").splitlines()),
    ]
    held = [
        json.dumps({"log": f"{line}\n", "stream": "stdout", "time": "2026-03-02T09:20:46Z"}) for line in lines
    ]
    path.write_text("\n".join(held))
    assert read(path)[0] == read(log)[0]


def test_an_indented_document_holds_no_prefixed_lines(tmp_path):
    found = [
        json.loads(line) | {"extra": {"a": 1}, "none": {}} for line in LOG.read_text("utf-8").splitlines()
    ]
    for text in (
        json.dumps(found, indent=2),
        "[\n" + ",\n".join(f"  {json.dumps(one)}" for one in found) + "\n]",
    ):
        (tmp_path / "log").write_text(text)
        assert read(tmp_path / "log")[0] == read(LOG)[0]


def test_a_table_with_braces_in_its_texts_is_a_table(tmp_path):
    (tmp_path / "log").write_text('a,b\n1,"fix this\nint main() {""x"": 1}\n {}\nplease"\n')
    assert list(records.first_record((tmp_path / "log").read_bytes())) == ["a", "b"]
    assert records.records_of(tmp_path / "log").parse is not records._prefixed


def test_a_text_with_a_brace_is_no_record(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"a,b\n1,{x}\n")
    assert records.first_record(path.read_bytes()) == {"a": "1", "b": "{x}"}
