"""A copy of a casebook holds what it holds, and nothing that is done to the copy reaches it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from stillwatch.attribute.scanned import signed
from stillwatch.casebook import cases, chain
from stillwatch.casebook.copied import copied
from stillwatch.casebook.door import kept
from stillwatch.casebook.store import Casebook
from stillwatch.errors import UsageError
from tests.casebook.made import Group, accounts, findings
from tests.producers.postgresql import postgresql

ID = "UDC-2026-001"


def filled(place: Path | str) -> None:
    for end in ("2026-03-29T23:00:00Z", "2026-04-05T23:00:00Z"):
        with kept(findings(Group(accounts("a", 0, 40), (("template", "s: t"),)), end=end), place, signed):
            pass
    with closing(Casebook(place)) as book, book.writing() as connection:
        number = cases.decide(connection, ID, "confirmed", who="ana", reason="seen", days=30)
        cases.review(connection, ID, who="ben", agrees=True, reason="so it is", decision=number)
        cases.note(connection, ID, "a note", who="ana")


def held(place: Path | str) -> object:
    with closing(Casebook(place)) as book, book.reading() as connection:
        assert list(chain.faults(connection)) == []
        return cases.everything(connection)


def test_a_copy_of_a_file_is_the_same_and_a_note_in_it_stays_there(tmp_path: Path) -> None:
    filled(tmp_path / "book.db")
    copied(tmp_path / "book.db", tmp_path / "copy.db")
    before = held(tmp_path / "book.db")
    assert held(tmp_path / "copy.db") == before
    with closing(Casebook(tmp_path / "copy.db")) as book, book.writing() as connection:
        cases.note(connection, ID, "only here", who="ana")
    assert held(tmp_path / "book.db") == before


@pytest.mark.slow
def test_a_copy_of_a_database_is_the_same_and_a_scan_goes_on_from_it(tmp_path: Path) -> None:
    with postgresql() as database:
        filled(database.url)
        copied(database.url, tmp_path / "copy.db")
        before = held(database.url)
        assert held(tmp_path / "copy.db") == before
        more = findings(Group(accounts("a", 0, 42)), end="2026-04-12T23:00:00Z")
        with kept(more, tmp_path / "copy.db", signed) as told:
            assert [c.campaign_id for c in told.campaigns] == [ID]
        assert held(database.url) == before


def test_a_casebook_that_is_not_there_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no casebook"):
        copied(tmp_path / "none.db", tmp_path / "copy.db")
    assert not list(tmp_path.iterdir())
