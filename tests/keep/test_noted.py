"""A file is read for its digest unless it lies there as it did when that was noted."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stillwatch.keep import noted as module
from stillwatch.keep.noted import NOTED, Digests, KeepSettings, noted
from stillwatch.keep.sealed import seal
from stillwatch.settings import load
from tests.keep.conftest import DAYS, Log, rows_of


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once."""
    monkeypatch.setattr(module, "SETTLED", -3_600_000_000_000)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files that are read for their digest."""
    names: list[str] = []
    usual = hashlib.file_digest

    def watched(file: object, kind: str) -> object:
        names.append(Path(file.name).name)  # type: ignore[attr-defined]
        return usual(file, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", watched)
    return names


def logged(*days: str) -> list[str]:
    return [f"{day}.jsonl" for day in days]


@pytest.mark.usefixtures("settled")
def test_a_file_that_lies_there_as_it_did_is_read_once(log: Log, read: list[str]) -> None:
    assert log.scanned().counts == (0, 3)
    assert read == logged(*DAYS)
    log.write("2026-03-05", rows_of("2026-03-05"))
    assert log.scanned().counts == (3, 1)
    assert read == logged(*DAYS, "2026-03-05")
    assert log.scanned().counts == (4, 0)
    assert len(read) == 4


def test_a_file_that_changed_a_moment_ago_is_read_again_each_time(log: Log, read: list[str]) -> None:
    log.scanned()
    assert read == [name for name in logged(*DAYS) for _ in range(2)]
    assert log.scanned().counts == (3, 0)
    assert read[6:] == logged(*DAYS)
    assert not (log.keep / NOTED).exists()


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def other(path: Path) -> None:
    """Other bytes of the same size with the times that the file had."""
    lies = path.stat()
    path.write_bytes(path.read_bytes().replace(b"thing 1", b"thang 1"))
    os.utime(path, ns=(lies.st_atime_ns, lies.st_mtime_ns))


def another(path: Path) -> None:
    """Another file of that name, size and time."""
    lies = path.stat()
    path.rename(path.with_name(".aside"))
    path.write_bytes(path.with_name(".aside").read_bytes().replace(b"thing 1", b"thang 1"))
    os.utime(path, ns=(lies.st_atime_ns, lies.st_mtime_ns))


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("change", [longer, other, another])
def test_a_file_that_changed_is_read_whatever_its_time_says(
    log: Log, change: Callable[[Path], None], read: list[str]
) -> None:
    log.scanned()
    time.sleep(0.02)  # a change time has a grain
    change(log.path(DAYS[1]))
    assert log.scanned().counts == (2, 1)
    assert read[3:] == logged(DAYS[1])


@pytest.mark.usefixtures("settled")
def test_touched_or_renamed_files_are_read_and_known(log: Log, read: list[str]) -> None:
    log.scanned()
    time.sleep(0.02)
    log.path(DAYS[0]).touch()
    log.path(DAYS[1]).rename(log.path("archived"))
    assert log.scanned().counts == (3, 0)
    assert sorted(read[3:]) == logged(DAYS[0], "archived")


@pytest.mark.usefixtures("settled")
def test_digests_are_taken_anew_where_times_are_not_trusted(log: Log, read: list[str]) -> None:
    log.scanned()
    anew = load(overrides={"keep.trusts_times": "false"})
    assert log.scanned(settings=anew).counts == (3, 0)
    assert read[3:] == logged(*DAYS)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "held", [b"", b"{}", b"{}\n00000000\n", seal(b"[1]"), seal(b'{"a":[[1,2,3],"x"]}'), b"\xff" * 80]
)
def test_notes_that_are_damaged_or_of_another_form_are_passed_over(
    log: Log, held: bytes, read: list[str]
) -> None:
    log.scanned()
    (log.keep / NOTED).write_bytes(held)
    assert log.scanned().counts == (3, 0)
    assert read[3:] == logged(*DAYS)
    log.scanned()
    assert len(read) == 6


@pytest.mark.usefixtures("settled")
def test_a_file_that_grows_while_its_digest_is_taken_is_not_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digests, usual = tmp_path / "log", Digests(), hashlib.file_digest
    path.write_text("one\n")

    def growing(file: object, kind: str) -> object:
        with path.open("a") as more:
            more.write("two\n")
        return usual(file, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", growing)
    digests.of(path)
    assert not digests.notes


@pytest.mark.usefixtures("settled")
def test_what_no_partial_is_kept_of_is_noted_no_longer(log: Log) -> None:
    log.scanned()
    gone = log.partials()[0]
    for file in gone.iterdir():
        file.unlink()
    gone.rmdir()
    log.write("2026-03-05", rows_of("2026-03-05"))
    for day in DAYS:
        log.path(day).unlink()
    log.scanned()
    assert len(noted(log.keep, KeepSettings()).notes) == 3


@pytest.mark.usefixtures("settled")
def test_no_path_is_told(log: Log) -> None:
    log.scanned()
    assert DAYS[0].encode() not in (log.keep / NOTED).read_bytes()


def test_a_time_to_come_is_never_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLED", 0)
    path, digests = tmp_path / "log", Digests()
    path.write_text("one\n")
    os.utime(path, (time.time() + 3_600,) * 2)
    digests.of(path)
    assert not digests.notes
