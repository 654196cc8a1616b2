"""`stillwatch provenance verify`: the exit status says whether anything speaks against a student, the table says what."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from stillwatch.cli.main import stillwatch
from stillwatch.distil.manifest import STATEMENT
from stillwatch.distil.signing import sign
from tests.distil.made import key, made_by_us


@pytest.fixture
def student(tmp_path: Path) -> Path:
    folder = tmp_path / "student"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    sign(folder, made_by_us(tmp_path), [key(tmp_path, "mine")])
    return folder


def verify(runner: CliRunner, *arguments: object) -> tuple[int, str]:
    done = runner.invoke(stillwatch, ["provenance", "verify", *map(str, arguments)])
    return done.exit_code, done.output


def test_what_is_whole_ends_with_0_and_says_what_was_not_checked(runner: CliRunner, student: Path) -> None:
    status, output = verify(runner, student, "--public-key", student.parent / "mine.pub")
    unchecked = output.partition("Not checked: ")[2]
    assert (status, "authorisation record" in unchecked, "forgery" in output) == (0, True, False)


def test_the_key_in_the_folder_shows_accidents_and_no_forgery(runner: CliRunner, student: Path) -> None:
    status, output = verify(runner, student)
    assert (status, "accidents, not forgery" in output) == (0, True)


def test_what_was_altered_ends_with_1_and_is_named(runner: CliRunner, student: Path) -> None:
    (student / "model.safetensors").write_bytes(b"other")
    (student / "more\x1b[31m.txt").write_text("x", "utf-8")
    status, output = verify(runner, student)
    assert (status, "model.safetensors (altered)" in output, "(added)" in output) == (1, True, True)
    assert "\x1b" not in output


def test_the_checks_come_as_json(runner: CliRunner, student: Path) -> None:
    (student / "model.safetensors").unlink()
    status, output = verify(runner, student, "--json")
    told = {check["name"]: check["outcome"] for check in json.loads(output)}
    assert (status, told["model.safetensors"]) == (1, "missing")


def test_a_record_that_is_given_is_compared(runner: CliRunner, student: Path) -> None:
    record = student.parent / "authorisation.toml"
    assert (
        "authorisation record"
        not in verify(runner, student, "--authorisation", record)[1].partition("Not checked")[2]
    )
    record.write_text(record.read_text("utf-8") + "\n", "utf-8")
    assert verify(runner, student, "--authorisation", record)[0] == 1


def test_what_holds_no_statement_ends_with_2(runner: CliRunner, tmp_path: Path) -> None:
    assert verify(runner, tmp_path)[0] == 2


SLIPS = {
    "signatures as a number": lambda told: told["predicate"].update(signatures=5),
    "signatures as lists": lambda told: told["predicate"].update(signatures=[[1]]),
    "signatures as a list of numbers": lambda told: told["predicate"].update(signatures=[5]),
    "a digest as a number": lambda told: told["subject"][0]["digest"].update(sha256=5),
    "a name as a list": lambda told: told["subject"][0].update(name=["a"]),
    "a predicate as a list": lambda told: told.update(predicate=[]),
    "a predicate as a text": lambda told: told.update(predicate="x"),
    "subjects as a number": lambda told: told.update(subject=5),
    "subjects as texts": lambda told: told.update(subject=["x"]),
    "a type as a list": lambda told: told.update(predicateType=[]),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_statement_of_other_kinds_of_values_is_refused_in_words(
    runner: CliRunner, student: Path, slip: str
) -> None:
    told = json.loads((student / STATEMENT).read_bytes())
    SLIPS[slip](told)
    (student / STATEMENT).write_text(json.dumps(told))
    status, output = verify(runner, student)
    assert (status, "Error: " in output) == (2, True), output


@pytest.mark.parametrize(
    "name", ["pipe", "sub/pipe", STATEMENT, "bom.cdx.json", "provenance.dsse.json", "model.sig"]
)
def test_a_pipe_is_named_and_nobody_waits_for_it(runner: CliRunner, student: Path, name: str) -> None:
    (student / name).unlink(missing_ok=True)
    (student / name).parent.mkdir(exist_ok=True)
    os.mkfifo(student / name)
    status, output = verify(runner, student)
    assert (status, "neither a file nor a folder" in output.replace("\n", " ")) == (2, True)
