"""A casebook holds: two writers lose nothing, a killed one leaves it whole, what is none is refused with advice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from stillwatch.attribute.scanned import signed
from stillwatch.casebook import cases, chain
from stillwatch.casebook.door import casebook_room, confirmed, kept
from stillwatch.casebook.store import Casebook
from stillwatch.casebook.tables import DECISION, ENTRY, NOTE, SCAN
from stillwatch.errors import InputError, UsageError
from stillwatch.model.finding import Findings
from tests.casebook.conftest import ids
from tests.casebook.made import Group, accounts, findings
from tests.producers.postgresql import postgresql

DECIDES = """
import sys
from stillwatch.casebook import cases
from stillwatch.casebook.store import Casebook
book = Casebook(sys.argv[1])
for at in range(int(sys.argv[3])):
    with book.writing() as connection:
        cases.decide(connection, "UDC-2026-001", "cleared", who=sys.argv[2], reason=f"{at}", days=30)
        cases.note(connection, "UDC-2026-001", f"{sys.argv[2]} {at}", who=sys.argv[2])
    print(at, flush=True)
"""


@contextmanager
def opened(place: Path | str) -> Iterator[Casebook]:
    with closing(Casebook(place)) as book:
        yield book


def deciding(place: Path | str, who: str, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DECIDES, str(place), who, str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def begun(place: Path, keep: Callable[[Findings], Findings]) -> Path:
    keep(findings(Group(accounts("a", 0, 40))))
    return place


def test_two_processes_that_decide_on_one_case_at_once_lose_nothing(begun: Path) -> None:
    both = [deciding(begun, who, 25) for who in ("ana", "ben")]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    for process in both:
        process.stdout.close()
    with opened(begun) as book, book.reading() as connection:
        assert chain.count(connection, DECISION) == chain.count(connection, NOTE) == 50
        assert list(chain.faults(connection)) == []


def test_a_process_that_is_killed_leaves_a_whole_casebook(begun: Path) -> None:
    for _ in range(5):
        process = deciding(begun, "ana", 100_000)
        for _ in range(3):
            process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()
        with opened(begun) as book, book.writing() as connection:
            assert list(chain.faults(connection)) == []
            assert chain.count(connection, DECISION) == chain.count(connection, NOTE)
            cases.note(connection, "UDC-2026-001", "it goes on", who="ben")
            assert list(chain.faults(connection)) == []
            connection.rollback()


def test_a_scan_that_fails_leaves_no_trace(place: Path) -> None:
    found = findings(Group(accounts("a", 0, 40)))
    with pytest.raises(RuntimeError, match="the disk is full"), kept(found, place, signed):
        raise RuntimeError("the disk is full")
    with closing(Casebook(place, is_new_allowed=True)) as book, book.reading() as connection:
        assert chain.count(connection, SCAN) == chain.count(connection, ENTRY) == 0


def test_a_casebook_is_for_its_owner_alone(begun: Path) -> None:
    assert begun.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content", [b"no database at all, but a letter to the editor" * 40, os.urandom(4096)]
)
def test_what_is_no_database_is_refused(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    with pytest.raises(InputError, match="is no casebook, or a damaged one"):
        Casebook(place)


def test_a_casebook_that_was_cut_off_is_refused(begun: Path) -> None:
    begun.write_bytes(begun.read_bytes()[:3000])
    with pytest.raises(InputError, match="casebook"), opened(begun) as book, book.reading() as connection:
        cases.lines(connection)


def test_the_database_of_another_program_is_left_alone(place: Path) -> None:
    with closing(sqlite3.connect(place)) as other:
        other.execute("CREATE TABLE invoices (number INTEGER)")
        other.commit()
    with pytest.raises(InputError, match="other tables"):
        Casebook(place, is_new_allowed=True)


def test_a_casebook_of_a_newer_version_is_refused(begun: Path) -> None:
    with closing(sqlite3.connect(begun)) as other:
        other.execute("UPDATE casebook_version SET version = 99")
        other.commit()
    with pytest.raises(InputError, match="Update stillwatch"):
        Casebook(begun)


def test_a_casebook_of_the_first_version_is_brought_up_to_date(begun: Path) -> None:
    with closing(sqlite3.connect(begun)) as older:
        for (name,) in older.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            older.execute(f"DROP TRIGGER {name}")
        older.execute("UPDATE casebook_version SET version = 1")
        older.commit()
    with opened(begun) as book, pytest.raises(InputError, match="only grows"), book.writing() as connection:
        connection.execute(text("DELETE FROM entry"))


def test_a_place_where_no_casebook_is_says_how_to_begin_one(place: Path) -> None:
    with pytest.raises(UsageError, match="begins one"):
        Casebook(place)


def test_a_casebook_in_the_folder_that_a_scan_replaces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Keep it beside"):
        confirmed(tmp_path / "findings" / "deep" / "book.db", out=tmp_path / "findings")
    assert confirmed(None, out=tmp_path) == {}


def test_another_database_system_is_refused() -> None:
    with pytest.raises(UsageError, match="SQLite file or in PostgreSQL"):
        Casebook("mysql://nobody@nowhere/book")


def test_a_password_in_the_url_is_never_shown() -> None:
    with pytest.raises(UsageError) as refused:
        Casebook("postgresql://ana:secret-word@127.0.0.1:1/none")
    assert "secret-word" not in str(refused.value)


@pytest.mark.slow
def test_all_of_it_holds_in_postgresql_too() -> None:
    with postgresql() as database:
        found = findings(Group(accounts("a", 0, 40)))
        with kept(found, database.url, signed) as told:
            assert ids(told) == ["UDC-2026-001"]
        both = [deciding(database.url, who, 10) for who in ("ana", "ben")]
        assert [process.wait(timeout=120) for process in both] == [0, 0]
        for process in both:
            process.stdout.close()
        with opened(database.url) as book:
            with book.reading() as connection:
                assert chain.count(connection, DECISION) == 20
                assert list(chain.faults(connection)) == []
            with pytest.raises(InputError, match="only grows"), book.writing() as connection:
                connection.execute(text("DELETE FROM entry"))


def test_without_its_library_a_casebook_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "sqlalchemy"]:
        monkeypatch.setitem(sys.modules, name, None)
    for name in [name for name in sys.modules if name.startswith("stillwatch.casebook.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(UsageError, match=r"stillwatch\[cases\]"):
        casebook_room("keeping")
    with kept(findings(), None, signed) as told:
        assert told == findings()
