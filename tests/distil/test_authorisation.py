"""A record allows one teacher, one student, some ways and a time; everything else is refused."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.distil.authorisation import (
    EXAMPLE,
    Wanted,
    asked_at,
    bound,
    in_force,
    read_authorisation,
)
from stillwatch.errors import InputError, UsageError
from tests.distil.made import TOLD, key, record

DAY = datetime(2026, 12, 1, tzinfo=UTC)
ASKED = Wanted("small-teacher", "small-student")


def test_a_record_in_force_allows_its_own_teacher_and_student(tmp_path: Path) -> None:
    assert in_force(read_authorisation(record(tmp_path)), ASKED, DAY).granted_to == "us"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Wanted("another", "small-student"), "allows the teacher"),
        (Wanted("small-teacher", "another"), "allows the student"),
    ],
)
def test_another_teacher_or_student_is_refused(tmp_path: Path, asked: Wanted, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        in_force(read_authorisation(record(tmp_path)), asked, DAY)


def test_scores_are_refused_where_answers_alone_are_allowed(tmp_path: Path) -> None:
    told = read_authorisation(record(tmp_path, ways='["text"]'))
    with pytest.raises(UsageError, match="--way logit"):
        in_force(told, Wanted("small-teacher", "small-student", "logit"), DAY)


def test_a_way_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="weights"):
        read_authorisation(record(tmp_path, ways='["weights"]'))


@pytest.mark.parametrize("lacking", [name for name in TOLD if name != "teacher_host"])
def test_a_record_that_lacks_anything_allows_nothing(tmp_path: Path, lacking: str) -> None:
    with pytest.raises(InputError, match=lacking):
        read_authorisation(record(tmp_path, **{lacking: ""}))


def test_what_a_record_says_beyond_the_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not known: note"):
        read_authorisation(record(tmp_path, note='"and so on"'))


def test_an_expired_record_or_another_consent_allows_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="renewed"):
        in_force(read_authorisation(record(tmp_path, expires="2026-12-01")), ASKED, DAY)
    with pytest.raises(InputError, match="SHA-256"):
        read_authorisation(record(tmp_path, consent_sha256='"00"'))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[authorisation", b"authorisation = 3", b""])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(InputError, match="--example"):
        read_authorisation(tmp_path / "a.toml")


def test_weights_and_files_that_a_record_names_bind_it(tmp_path: Path) -> None:
    told = read_authorisation(record(tmp_path, teacher_sha256='"AA"', data_sha256='["bb"]'))
    assert bound(told, teacher="aa", data="bb") is told
    with pytest.raises(UsageError, match="the teacher with the SHA-256"):
        bound(told, teacher="cc", data="bb")
    with pytest.raises(UsageError, match="no folder with weights"):
        bound(told, teacher="", data="bb")
    with pytest.raises(UsageError, match="the files with the SHA-256"):
        bound(told, teacher="aa", data="cc")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_signature_is_checked_where_there_is_a_key(tmp_path: Path) -> None:
    file, owner, stranger = record(tmp_path), key(tmp_path, "owner"), key(tmp_path, "stranger")
    with pytest.raises(InputError, match="openssl pkeyutl -sign -rawin"):
        read_authorisation(file, owner.with_suffix(".pub"))
    command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", owner, "-in", file, "-out", f"{file}.sig"]
    subprocess.run(command, check=True)
    assert len(read_authorisation(file, owner.with_suffix(".pub")).signed_by) == 16
    assert read_authorisation(file).signed_by == ""
    with pytest.raises(InputError, match="somebody else signed it"):
        read_authorisation(file, stranger.with_suffix(".pub"))
    file.write_text(file.read_text("utf-8").replace("a test", "another purpose"), "utf-8")
    with pytest.raises(InputError, match="altered"):
        read_authorisation(file, owner.with_suffix(".pub"))


def test_the_example_names_all_that_a_record_needs() -> None:
    assert all(f"{name} = " in EXAMPLE for name in TOLD)


def test_a_record_that_is_nested_too_deeply_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text(f"x = {'[' * 5000}{']' * 5000}\n")
    with pytest.raises(InputError, match="is no authorisation record"):
        read_authorisation(tmp_path / "deep.toml")


def test_a_teacher_is_asked_only_where_its_record_says(tmp_path: Path) -> None:
    held = read_authorisation(record(tmp_path, teacher_host='"API.example"', teacher_model='"m"'))
    assert asked_at(held, "api.example", "m") == held
    for host, model in (("else.example", "m"), ("api.example", "other")):
        with pytest.raises(UsageError, match=r"allows to ask the teacher at api\.example, model m"):
            asked_at(held, host, model)
    with pytest.raises(UsageError, match="at no host"):
        asked_at(read_authorisation(record(tmp_path, teacher_host="")), "api.example", "m")
