"""`stillwatch distill`: refuses without leave, teaches from a folder, an endpoint or a log, and leaves nothing half done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.responses import JSONResponse

from stillwatch.cli.main import stillwatch
from stillwatch.distil.authorisation import read_authorisation
from stillwatch.distil.exchanges import read_pairs
from stillwatch.distil.verified import checks
from stillwatch.mark.keys import commitment
from stillwatch.mark.policy import EXAMPLE
from tests.assay.endpoint import Server, serving
from tests.distil.made import key, models, record

needs_torch = pytest.mark.skipif(
    find_spec("torch") is None, reason="torch is not installed: stillwatch[assay]"
)


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def place(cast: Path, tmp_path: Path) -> Path:
    """A folder with models, prompts, a record and a key."""
    shutil.copytree(cast, tmp_path, dirs_exist_ok=True)
    record(tmp_path)
    key(tmp_path, "mine")
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


def arguments(place: Path, *more: object, teacher: object = None) -> list[str]:
    told = [
        *("--teacher", teacher or f"small-teacher={place / 'teacher'}"),
        *("--student", f"small-student={place / 'base'}"),
        *("--authorisation", place / "authorisation.toml", "--sign-key", place / "mine.pem"),
        *("--out", place / "student", "--epochs", 2, *more),
    ]
    return ["distill", *map(str, told)]


def call(place: Path, *more: object, teacher: object = None, status: int = 0) -> Result:
    done = CliRunner().invoke(stillwatch, arguments(place, *more, teacher=teacher))
    assert done.exit_code == status, done.output
    return done


def prompts(place: Path) -> tuple[str, Path]:
    return "--prompts", place / "prompts.jsonl"


def made(place: Path) -> dict:
    return json.loads((place / "student" / "provenance.json").read_text("utf-8"))["predicate"]


def left_behind(place: Path) -> list[str]:
    return sorted(file.name for file in place.iterdir() if "student" in file.name)


def test_the_example_is_a_record_that_can_be_filled_in() -> None:
    output = CliRunner().invoke(stillwatch, ["distill", "--example"]).stdout
    assert output.startswith("[authorisation]")


def test_nothing_begins_without_a_record() -> None:
    done = CliRunner().invoke(stillwatch, ["distill", "--teacher", "t=x", "--student", "s=y"])
    assert (done.exit_code, "--authorisation" in done.stderr, "--example" in done.stderr) == (2, True, True)


@needs_torch
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"expires": "2026-01-02"}, "renewed"),
        ({"teacher": '"another"'}, "allows the teacher 'another'"),
        ({"student": '"another"'}, "allows the student 'another'"),
        ({"ways": '["logit"]'}, "allows logit"),
        ({"teacher_sha256": '"00"'}, "the teacher with the SHA-256 00"),
        ({"data_sha256": '["00"]'}, "the files with the SHA-256 00"),
        ({"granted_to": ""}, "lacks granted_to"),
    ],
)
def test_what_the_record_does_not_allow_is_refused_and_leaves_nothing(
    place: Path, changed: dict[str, str], told: str
) -> None:
    record(place, **changed)
    assert told in call(place, *prompts(place), status=2).stderr
    assert left_behind(place) == []


@needs_torch
def test_a_record_must_be_signed_where_the_owners_key_is_given(place: Path) -> None:
    key(place, "owner")
    wanted = call(place, *prompts(place), "--authorisation-key", place / "owner.pub", status=2)
    assert "authorisation.toml.sig" in wanted.stderr


@needs_torch
@pytest.mark.parametrize("way", ["text", "logit"])
def test_a_student_of_a_folder_is_signed_and_can_be_checked(place: Path, way: str) -> None:
    done = call(place, *prompts(place), "--way", way, "--seed", 3)
    assert "its owner allows us to teach small-student from small-teacher" in done.stdout
    assert not [check for check in checks(place / "student", [place / "mine.pub"]) if check.is_bad]
    assert left_behind(place) == ["student", "student.exchanges.jsonl"]
    assert (place / "student.exchanges.jsonl").stat().st_mode & 0o077 == 0
    told = made(place)
    assert (told["recipe"]["way"], told["recipe"]["seed"], told["material"]["exchanges"]) == (way, 3, 40)
    assert told["authorisation"]["digest"] == read_authorisation(place / "authorisation.toml").digest


@needs_torch
def test_the_same_seed_makes_the_same_student(place: Path) -> None:
    weights = []
    for seed in (1, 1, 2):
        call(place, *prompts(place), "--seed", seed, "--quiet")
        weights.append((place / "student" / "model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


@needs_torch
def test_a_dry_run_tells_what_would_be_done_and_does_nothing(place: Path) -> None:
    done = call(place, *prompts(place), "--dry-run")
    assert "SHA-256" in done.stdout
    assert left_behind(place) == []


@needs_torch
def test_marks_that_were_in_force_are_told_by_their_commitments_and_never_by_a_key(place: Path) -> None:
    (place / "policy.toml").write_text(EXAMPLE.replace("2027-01-31", "2126-01-31"), "utf-8")
    how = ["--keys", str(place / "keys.json"), "--registry", str(place / "registry.jsonl")]
    planned = CliRunner().invoke(stillwatch, ["mark", "plan", str(place / "policy.toml"), *how])
    assert planned.exit_code == 0
    call(place, *prompts(place), "--registry", place / "registry.jsonl")
    (mark,) = made(place)["marks"]
    secrets = json.loads((place / "keys.json").read_text("utf-8"))["UDC-2026-001"]
    assert mark["watermark"] == commitment(bytes.fromhex(secrets["watermark"]), "UDC-2026-001")
    assert not [secret for secret in secrets.values() if secret in json.dumps(made(place))]


@needs_torch
def test_a_log_teaches_with_the_teachers_answers_alone(place: Path) -> None:
    rows = [
        {"model": model, "prompt": f"{number}", "response": "blue and old"}
        for number in range(6)
        for model in ("small-teacher", "other")
    ]
    (place / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    teacher = f"small-teacher={place / 'log.jsonl'}"
    done = call(place, teacher=teacher)
    assert "taught from 6 exchanges" in done.stdout
    assert made(place)["material"]["left_out"] == {"of another model": 6}
    assert left_behind(place) == ["student"]
    assert "give texts only" in call(place, "--way", "logit", teacher=teacher, status=2).stderr
    assert "Leave --prompts out" in call(place, *prompts(place), teacher=teacher, status=2).stderr


@needs_torch
def test_an_endpoint_is_asked_for_each_prompt_and_what_it_does_not_answer_is_counted(
    place: Path, server: Server
) -> None:
    server.asked.clear()
    refused = {"3: the sea of", "4: the sea of"}
    server.behave = lambda _number, body: (
        JSONResponse({}, 403) if body["messages"][0]["content"] in refused else None
    )
    teacher = f"small-teacher={server.url},model=m"
    done = call(place, *prompts(place), "--per-second", 5000, teacher=teacher)
    assert "To ask: up to 40 queries" in done.stdout
    assert "status 403: 2" in done.stdout
    assert len(read_pairs(place / "student.exchanges.jsonl", "small-teacher").pairs) == 38
    assert made(place)["teacher"] == {
        "name": "small-teacher", "kind": "endpoint", "host": "127.0.0.1", "model": "m",
    }  # fmt: skip


@needs_torch
def test_an_endpoint_that_answers_nothing_makes_no_student(place: Path, server: Server) -> None:
    server.behave = lambda *_: JSONResponse({}, 403)
    teacher = f"small-teacher={server.url}"
    done = call(place, *prompts(place), "--per-second", 5000, teacher=teacher, status=2)
    assert "answered none of 40 prompts (status 403: 40)" in done.stderr
    assert left_behind(place) == ["student.unfinished"]
    assert "--budget" in call(place, *prompts(place), "--budget", 39, teacher=teacher, status=2).stderr


def cut_at_ten(number: int, _body: object) -> None:
    """Interrupts at the tenth question, and is slow from then on: a busy machine hears of the interruption late."""
    if number == 10:
        os.kill(os.getpid(), signal.SIGINT)
    if number >= 10:
        time.sleep(0.1)


@needs_torch
def test_a_run_that_was_cut_keeps_the_earlier_student_and_goes_on(place: Path, server: Server) -> None:
    teacher = f"small-teacher={server.url}"
    how = (*prompts(place), "--per-second", 5000, "--threads", 1)
    call(place, *prompts(place), "--quiet")
    earlier = [(place / name).read_bytes() for name in ("student/provenance.json", "student.exchanges.jsonl")]
    server.asked.clear()
    server.behave = cut_at_ten
    assert "goes on from there" in call(place, *how, teacher=teacher, status=130).stderr
    assert 10 <= len(server.asked) < 40
    assert earlier == [
        (place / name).read_bytes() for name in ("student/provenance.json", "student.exchanges.jsonl")
    ]
    assert left_behind(place) == ["student", "student.exchanges.jsonl", "student.unfinished"]
    other = call(place, *how, "--seed", 9, teacher=teacher, status=2)
    assert "begun with other recipe" in other.stderr
    server.behave = lambda *_: None
    call(place, *how, teacher=teacher)
    assert len(server.asked) == 40
    assert left_behind(place) == ["student", "student.exchanges.jsonl"]


@needs_torch
def test_a_run_can_be_begun_anew(place: Path, server: Server) -> None:
    server.behave = lambda *_: JSONResponse({}, 403)
    how = (*prompts(place), "--per-second", 5000)
    call(place, *how, teacher=f"small-teacher={server.url}", status=2)
    assert "--start-over" in call(place, *how, status=2).stderr
    call(place, *how, "--start-over")
    assert made(place)["teacher"]["kind"] == "folder"


@needs_torch
def test_what_is_no_teacher_student_or_key_is_told(place: Path) -> None:
    for arguments_, told in (
        (("--teacher", "nothing"), "names nothing that is there"),
        (("--teacher", place / "prompts.jsonl"), "Say whose answers"),
        (("--teacher", "small-teacher=http://192.0.2.1/v1"), "not behind https"),
        (("--student", f"small-student={place / 'prompts.jsonl'}"), "is no folder"),
        (("--student", f"small-student={place}"), "holds no model"),
        (("--sign-key", place / "mine.pub"), "cannot be read"),
    ):
        assert told in call(place, *prompts(place), *arguments_, status=2).stderr
    assert "needs prompts" in call(place, status=2).stderr
    assert "student" not in left_behind(place)


@needs_torch
@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_student_and_goes_on(place: Path) -> None:
    command = [sys.executable, "-c", "from stillwatch.cli import main; main()"]
    command += arguments(place, *prompts(place), "--epochs", 300)
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (place / "student.unfinished" / "lesson.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.kill()
    running.wait()
    assert not (place / "student").exists()
    call(place, *prompts(place), "--epochs", 300)
    assert left_behind(place) == ["student", "student.exchanges.jsonl"]
    assert not [check for check in checks(place / "student") if check.is_bad]
