"""What a student is taught from is what the teacher said, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.distil.exchanges import Pair, read_pairs, read_prompts, written
from stillwatch.errors import InputError

ROWS = [
    {"model": "t", "prompt": "a", "response": "one", "status": 200},
    {"model": "other", "prompt": "b", "response": "two", "status": 200},
    {"model": "t", "prompt": "c", "response": "", "status": 200},
    {"model": "t", "prompt": "d", "response": "refused", "status": 429},
    {"model": "t", "prompt": None, "response": "three", "status": 200},
    {"model": None, "prompt": "e", "response": "four", "status": 200},
]
LEFT_OUT = {"of another model": 2, "without a prompt": 1, "without an answer": 2}


@pytest.fixture(params=["jsonl", "parquet"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / f"exchanges.{request.param}"
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), file)
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return file


def test_only_what_the_teacher_answered_is_taken_and_the_rest_is_counted(log: Path) -> None:
    taken = read_pairs(log, "t")
    assert (taken.pairs, taken.left_out) == ((Pair("a", "one"),), LEFT_OUT)


def test_a_log_without_an_answer_of_the_teacher_is_refused_and_names_whose_it_holds(log: Path) -> None:
    with pytest.raises(InputError, match="The models named there: other, t"):
        read_pairs(log, "nobody")


def test_a_file_that_names_no_model_is_taken_for_the_teachers(tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text('{"prompt": "a", "response": "one"}\n', "utf-8")
    assert read_pairs(tmp_path / "f.jsonl", "t").pairs == (Pair("a", "one"),)


def test_secrets_are_not_taught(tmp_path: Path) -> None:
    secret = "ghp_" + "a1" * 18
    (tmp_path / "f.jsonl").write_text(
        json.dumps({"prompt": f"use {secret}", "response": secret}) + "\n", "utf-8"
    )
    taken = read_pairs(tmp_path / "f.jsonl", "t")
    assert secret not in repr(taken)
    assert taken.left_out == {"secrets masked": 2}


def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(InputError, match="breaks off"):
        read_pairs(tmp_path / "f.jsonl.gz", "t")


def test_prompts_are_asked_once_each(tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text('{"prompt": "b"}\n{"prompt": "a"}\n{"prompt": "b"}\n', "utf-8")
    assert read_prompts(tmp_path / "f.jsonl") == ("b", "a")
    (tmp_path / "g.jsonl").write_text('{"response": "b"}\n', "utf-8")
    with pytest.raises(InputError, match="holds no prompt"):
        read_prompts(tmp_path / "g.jsonl")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    pairs = (Pair("a\u2028", "\ud7ff"), Pair("b", "two"))
    (tmp_path / "f.jsonl").write_bytes(written(pairs, "t"))
    assert read_pairs(tmp_path / "f.jsonl", "t").pairs == pairs
