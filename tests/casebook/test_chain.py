"""Whoever changes the past of a casebook is found out, and by which entry or row."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stillwatch.casebook import cases, chain
from stillwatch.casebook.store import Casebook
from stillwatch.model.finding import Findings
from tests.casebook.made import Group, accounts, findings


@pytest.fixture
def begun(place: Path, keep: Callable[[Findings], Findings]) -> Path:
    keep(findings(Group(accounts("a", 0, 40))))
    with closing(Casebook(place)) as book, book.writing() as connection:
        cases.note(connection, "UDC-2026-001", "seen on Monday", who="ana")
        cases.decide(connection, "UDC-2026-001", "cleared", who="ana", reason="ours", days=30)
        cases.review(connection, "UDC-2026-001", who="ben", agrees=True, reason="yes", decision=3)
    return place


def faults(place: Path, pinned: str | None = None) -> list[str]:
    with closing(Casebook(place)) as book, book.reading() as connection:
        return list(chain.faults(connection, pinned))


def tampered(place: Path, *statements: str) -> None:
    """Change the file as its owner can, past the triggers."""
    with closing(sqlite3.connect(place)) as other:
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            other.execute(statement)
        other.commit()


def test_a_casebook_that_nobody_touched_has_no_fault(begun: Path) -> None:
    assert faults(begun) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE entry SET who = 'eve' WHERE entry = 3", "entry 3 was changed"),
        ("UPDATE entry SET recorded = '2020-01-01T00:00:00Z' WHERE entry = 2", "entry 2 was changed"),
        ("DELETE FROM entry WHERE entry = 2", "entry 2 is missing"),
        ("UPDATE note SET text = 'never seen'", "note 2 is not what the log says"),
        ("DELETE FROM review", "review 4 is not what the log says"),
        ("UPDATE decision SET kind = 'confirmed'", "decision 3 is not what the log says"),
        ("UPDATE decision SET account_id = 'a-0001'", "decision 3 is not what the log says"),
        ("DELETE FROM member WHERE account_id = 'a-0001'", "scan 1 is not what the log says"),
        ("UPDATE appearance SET verdict = 'relay'", "scan 1 is not what the log says"),
        ("INSERT INTO member VALUES (1, 'planted', 0.99)", "scan 1 is not what the log says"),
    ],
)
def test_a_change_of_the_past_is_named(begun: Path, statement: str, told: str) -> None:
    tampered(begun, statement)
    assert any(told in fault for fault in faults(begun)), faults(begun)


def test_a_log_whose_end_was_cut_off_is_found_out_by_an_earlier_head(begun: Path) -> None:
    with closing(Casebook(begun)) as book, book.reading() as connection:
        pinned = chain.head(connection).hash
    assert faults(begun, pinned) == []
    tampered(begun, "DELETE FROM review WHERE entry = 4", "DELETE FROM entry WHERE entry = 4")
    assert faults(begun) == []
    assert any("cut off or replaced" in fault for fault in faults(begun, pinned))


@pytest.mark.parametrize("table", ["entry", "note", "decision", "review", "scan", "appearance", "member"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid + 100"])
def test_the_database_itself_refuses_to_change_the_past(begun: Path, table: str, act: str) -> None:
    with closing(sqlite3.connect(begun)) as other, pytest.raises(sqlite3.DatabaseError, match="only grows"):
        other.execute(act.format(table))
