from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.distil.authorisation import in_force, read_authorisation
from stillwatch.distil.manifest import PUBLIC, SIGNATURE, STATEMENT, altered, sign
from stillwatch.errors import InputError, UsageError

KEY = bytes(range(32))
DAY = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def student(tmp_path: Path) -> Path:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "shape.json").write_text("{}", "utf-8")
    sign(tmp_path, {"teacher": "small-teacher"}, KEY)
    return tmp_path


def test_what_was_signed_is_whole(student: Path) -> None:
    assert altered(student) == []


def test_what_was_altered_added_or_taken_is_named(student: Path) -> None:
    (student / "model.safetensors").write_bytes(b"other")
    (student / "shape.json").unlink()
    (student / "more.txt").write_text("x", "utf-8")
    assert altered(student) == [
        "model.safetensors was altered.",
        "shape.json is missing.",
        "more.txt was added.",
    ]


def test_a_statement_that_was_altered_or_signed_by_another_is_told(student: Path) -> None:
    public = bytes.fromhex((student / PUBLIC).read_text("ascii"))
    sign(student, {"teacher": "another"}, bytes(32))
    assert altered(student) == []
    assert len(altered(student, public)) == 1
    (student / STATEMENT).write_bytes((student / STATEMENT).read_bytes() + b" ")
    assert len(altered(student)) == 1
    (student / SIGNATURE).unlink()
    with pytest.raises(InputError, match="no signed statement"):
        altered(student)


def record(folder: Path, **changed: str) -> Path:
    (folder / "consent.txt").write_text("yes", "utf-8")
    told = {
        "teacher": '"t"',
        "teacher_owner": '"o"',
        "consent": '"consent.txt"',
        "consent_sha256": f'"{hashlib.sha256(b"yes").hexdigest()}"',
        "purpose": '"p"',
        "granted": "2026-01-01",
        "expires": "2027-01-01",
        **changed,
    }
    file = folder / "a.toml"
    file.write_text("[authorisation]\n" + "".join(f"{k} = {v}\n" for k, v in told.items() if v), "utf-8")
    return file


def test_a_record_in_force_allows_its_own_teacher(tmp_path: Path) -> None:
    assert in_force(read_authorisation(record(tmp_path)), "t", DAY).teacher_owner == "o"
    with pytest.raises(UsageError, match="allows the teacher"):
        in_force(read_authorisation(record(tmp_path)), "another", DAY)


@pytest.mark.parametrize(
    "lacking", ["teacher", "teacher_owner", "consent", "consent_sha256", "purpose", "granted", "expires"]
)
def test_a_record_that_lacks_anything_allows_nothing(tmp_path: Path, lacking: str) -> None:
    with pytest.raises(InputError, match=lacking):
        read_authorisation(record(tmp_path, **{lacking: ""}))


def test_an_expired_record_or_another_consent_allows_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="renewed"):
        in_force(read_authorisation(record(tmp_path, expires="2026-12-01")), "t", DAY)
    with pytest.raises(InputError, match="SHA-256"):
        read_authorisation(record(tmp_path, consent_sha256='"00"'))
