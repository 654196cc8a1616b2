"""Bodies that lie beside their log: found where they are, never where an address alone would lead."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.bedrock import SOURCE
from stillwatch.sources.files import sources
from stillwatch.sources.gather import open_logs
from stillwatch.sources.nested.beside import bodies_beside
from stillwatch.sources.rejected import Reject

KEY = "logs/AWSLogs/000000000017/BedrockModelInvocationLogs/eu-west-1/2026/03/02/09"
ASKED = {"messages": [{"role": "user", "content": [{"text": "What is a tide?"}]}]}
ANSWERED = {"output": {"message": {"role": "assistant", "content": [{"text": "The sea, rising."}]}}}
EVENTS = '{"contentBlockDelta":{"delta":{"text":"The sea, "}}}\n{"contentBlockDelta":{"delta":{"text":"rising."}}}\n'


def record(**told: object) -> bytes:
    held = {
        "schemaType": "ModelInvocationLog",
        "timestamp": "2026-03-02T09:20:46Z",
        "accountId": "000000000017",
        "requestId": "a1",
        "operation": "Converse",
        "modelId": "anthropic.claude",
        "input": {"inputBodyS3Path": f"s3://bucket/{KEY}/data/a1_input.json.gz"},
        "output": {"outputBodyS3Path": f"s3://bucket/{KEY}/data/a1_output.json.gz"},
    }
    return json.dumps(held | told).encode() + b"\n"


def bodies(folder: Path, answered: str = json.dumps(ANSWERED)) -> None:
    folder.mkdir(parents=True)
    (folder / "a1_input.json.gz").write_bytes(gzip.compress(json.dumps(ASKED).encode()))
    (folder / "a1_output.json.gz").write_bytes(gzip.compress(answered.encode()))


def only(where: str, scratch: Path) -> tuple[dict, tuple[str, ...]]:
    log = open_logs([where], sources(), None, scratch)
    (row,) = [row for batch in log.exchanges(Reject()) for row in batch.to_pylist()]
    return row, log.notes


@pytest.mark.parametrize("answered", [json.dumps(ANSWERED), EVENTS], ids=["whole", "events"])
def test_bodies_are_read_where_they_lie_beside_the_log(tmp_path, answered):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "20260302.json").write_bytes(record())
    bodies(tmp_path / "logs" / "data", answered)
    row, notes = only(str(tmp_path / "logs"), tmp_path)
    assert (row["prompt"], row["response"]) == ("What is a tide?", "The sea, rising.")
    assert row["content_state"] is None
    assert notes == ("2 files are named as bodies, which are read with the records that name them",)


def test_bodies_are_read_from_a_copy_of_the_whole_bucket(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "log.json").write_bytes(record())
    bodies(tmp_path / KEY / "data")
    assert only(str(tmp_path / "other" / "log.json"), tmp_path)[0]["response"] == "The sea, rising."


def test_a_body_that_is_not_there_is_said_to_be_missing(tmp_path):
    (tmp_path / "log.json").write_bytes(record(input={"inputBodyJson": ASKED}))
    row, _ = only(str(tmp_path / "log.json"), tmp_path)
    assert (row["prompt"], row["response"], row["content_state"]) == ("What is a tide?", None, "truncated")


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    held = fsspec.filesystem("memory")
    held.store.clear()
    yield held
    held.store.clear()


def test_bodies_of_a_remote_log_come_from_its_bucket_and_no_other(tmp_path, store):
    bodies(tmp_path / "there")
    for name in ("a1_input.json.gz", "a1_output.json.gz"):
        for bucket in ("bucket", "elsewhere"):
            store.pipe(f"/{bucket}/{KEY}/data/{name}", (tmp_path / "there" / name).read_bytes())
    store.pipe(f"/bucket/{KEY}/log.json", record())
    store.pipe(
        "/strange/log.json",
        record(output={"outputBodyS3Path": f"s3://elsewhere/{KEY}/data/a1_output.json.gz"}),
    )
    store.pipe(f"/bucket/{KEY}/readme.txt", b"no log")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    row, notes = only(f"memory://bucket/{KEY}", scratch)
    assert (row["prompt"], row["response"]) == ("What is a tide?", "The sea, rising.")
    assert notes == (
        f"/bucket/{KEY}/readme.txt: not read, its content is in no format that is known",
        "2 files are named as bodies, which are read with the records that name them",
    )
    assert only("memory://strange/log.json", scratch)[0]["response"] is None
    assert not list(scratch.iterdir())


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket/../data/a_input.json",
        "s3:///etc/passwd",
        "s3://bucket//etc/passwd",
        "s3://bucket/secret.json",
        "file:///etc/passwd",
        "/etc/passwd",
        "secret.json",
        "s3://bucket",
        "",
        "s3://bucket/a\0b/data/a_input.json",
        f"s3://bucket/{'x' * 300}/data/a_input.json",
        f"s3://bucket/data/{'x' * 300}_input.json",
    ],
)
def test_an_address_leads_nowhere_else_and_ends_nothing(tmp_path, address):
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    bodies(tmp_path / "data")
    assert bodies_beside(tmp_path / "inside" / "log.json")(address) is None


def test_a_body_without_bound_or_in_no_utf8_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    for name, held in (("a", b"\xff\xfe"), ("b", b"12345"), ("c", b"[,]"), ("d", b"123")):
        (tmp_path / "data" / f"{name}_input.json").write_bytes(held)
    monkeypatch.setattr("stillwatch.sources.nested.beside.LARGEST", 4)
    monkeypatch.setattr("stillwatch.sources.nested.beside.VALUES", 1)
    monkeypatch.setattr("stillwatch.sources.nested.beside.AT_ONCE", 5)
    beside = bodies_beside(tmp_path / "log.json")
    told = [beside(f"s3://bucket/data/{name}_input.json") for name in "abcdd"]
    assert told == [None, None, None, "123", None]


def test_a_body_that_could_not_be_read_is_not_unpacked_again(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a_input.json").write_bytes(b"12345")
    monkeypatch.setattr("stillwatch.sources.nested.beside.LARGEST", 4)
    beside = bodies_beside(tmp_path / "log.json")
    assert beside("s3://bucket/data/a_input.json") is None
    (tmp_path / "data" / "a_input.json").write_bytes(b"1234")
    assert beside("s3://bucket/data/a_input.json") is None
    assert bodies_beside(tmp_path / "log.json")("s3://bucket/data/a_input.json") == "1234"


def test_a_body_that_says_nothing_is_told_as_cut(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a1_input.json.gz").write_bytes(gzip.compress(b"garbage"))
    (tmp_path / "log.json").write_bytes(record(output={"outputBodyJson": ANSWERED}))
    row, _ = only(str(tmp_path / "log.json"), tmp_path)
    assert (row["prompt"], row["response"], row["content_state"]) == (None, "The sea, rising.", "truncated")


def test_a_log_that_is_named_like_a_body_is_read(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chat_output.json").write_bytes(record(input={"inputBodyJson": ASKED}))
    assert only(str(tmp_path), tmp_path)[0]["prompt"] == "What is a tide?"


def test_a_pattern_takes_no_body_for_a_log(tmp_path):
    (tmp_path / "20260302.json").write_bytes(record())
    bodies(tmp_path / "data")
    assert only(str(tmp_path / "**" / "*.json*"), tmp_path)[0]["response"] == "The sea, rising."


def test_a_body_that_cannot_be_fetched_leaves_nothing(tmp_path, store, monkeypatch):
    monkeypatch.setattr("stillwatch.sources.nested.beside.LARGEST", 4)
    bodies(tmp_path / "there")
    for name in ("a1_input.json.gz", "a1_output.json.gz"):
        store.pipe(f"/bucket/{KEY}/data/{name}", (tmp_path / "there" / name).read_bytes())
    store.pipe(f"/bucket/{KEY}/log.json", record())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert only(f"memory://bucket/{KEY}", scratch)[0]["content_state"] == "absent"
    assert not list(scratch.iterdir())


def test_a_log_read_by_itself_has_no_bodies(tmp_path):
    (tmp_path / "log.json").write_bytes(record())
    (chunk, *_) = SOURCE.read(tmp_path / "log.json", EXCHANGE).chunks()
    assert chunk.batch.column("content_state").to_pylist() == ["absent"]
