"""Assays in the casebook: recorded for the campaign that was served, counted by two people, and read by no scan."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from stillwatch.casebook import assays, cases, chain
from stillwatch.casebook.migrations import STEPS
from stillwatch.casebook.store import Casebook
from stillwatch.errors import UsageError
from stillwatch.model.finding import Findings
from stillwatch.report.result import findings_json
from tests.assay.made import SET, report
from tests.casebook.made import Group, accounts, findings

LATER = "2026-04-05T00:00:00Z"


@pytest.fixture
def begun(place: Path, keep: Callable[[Findings], Findings]) -> Path:
    keep(findings(Group(accounts("a", 0, 40))))
    return place


@contextmanager
def writing(place: Path) -> Iterator[Connection]:
    with closing(Casebook(place)) as book, book.writing() as connection:
        yield connection


def test_an_assay_counts_once_somebody_else_agrees_and_nobody_disagrees(begun: Path) -> None:
    with writing(begun) as c:
        number = assays.keep(c, SET, report(), who="ana", reason="their model answers as ours")
        alone = assays.of_campaign(c, SET)[0].counts
        assays.review(c, SET, number, who="ben", agrees=True, reason="seen")
        both = assays.of_campaign(c, SET)[0].counts
        assays.review(c, SET, number, who="eve", agrees=False, reason="too few")
        (held,) = assays.of_campaign(c, SET)
    assert (alone, both, held.counts) == (False, True, False)
    assert held.report == report()
    assert (held.who, held.account_sets, held.agreed, held.disagreed) == ("ana", (SET,), ("ben",), ("eve",))


def test_nobody_agrees_to_their_own_assay(begun: Path) -> None:
    with writing(begun) as c:
        number = assays.keep(c, SET, report(), who="ana", reason="x")
        with pytest.raises(UsageError, match="Somebody else"):
            assays.review(c, SET, number, who=" ANA", agrees=True, reason="me too")


@pytest.mark.parametrize("word", ["trained on served text", "no finding", "uncalibrated"])
def test_keys_that_were_served_to_another_campaign_say_nothing_of_this_one(begun: Path, word: str) -> None:
    other = report(word, account_set="UDC-2026-002")
    with writing(begun) as c, pytest.raises(UsageError, match="served to UDC-2026-002, not to UDC-2026-001"):
        assays.keep(c, SET, other, who="ana", reason="x")


def test_the_same_report_is_recorded_once_and_an_unknown_campaign_is_refused(begun: Path) -> None:
    with writing(begun) as c:
        assays.keep(c, SET, report(), who="ana", reason="x")
        with pytest.raises(UsageError, match="recorded already: assay 2"):
            assays.keep(c, SET, report(), who="ben", reason="y")
        with pytest.raises(UsageError, match="Did you mean UDC-2026-001"):
            assays.keep(c, "UDC-2026-01", report(), who="ben", reason="y")


def test_assays_of_a_campaign_go_with_it_when_it_merges(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(Group(accounts("a", 0, 40)), Group(accounts("b", 0, 30))))
    with writing(place) as c:
        assays.keep(c, "UDC-2026-002", report(account_set="UDC-2026-002"), who="ana", reason="x")
    keep(findings(Group(accounts("a", 0, 40) + accounts("b", 0, 30)), end=LATER))
    with writing(place) as c:
        (held,) = assays.of_campaign(c, SET)
        with pytest.raises(UsageError, match="gone on as a part of UDC-2026-001"):
            assays.keep(c, "UDC-2026-002", report(account_set="UDC-2026-002"), who="ben", reason="x")
        number = assays.keep(
            c, SET, report(account_set="UDC-2026-002", suspect="another"), who="ben", reason="x"
        )
    assert held.campaign_id == "UDC-2026-002"
    assert number > held.entry


def test_no_assay_changes_what_the_next_scan_finds(place: Path, keep: Callable[[Findings], Findings]) -> None:
    group = Group(accounts("a", 0, 40))
    keep(findings(group))
    without = findings_json(keep(findings(group, end=LATER)))
    with writing(place) as c:
        number = assays.keep(c, SET, report(), who="ana", reason="x")
        assays.review(c, SET, number, who="ben", agrees=True, reason="y")
    assert findings_json(keep(findings(group, end=LATER))) == without


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE assay SET word = 'no finding'", "assay 2 is not what the log says"),
        ("UPDATE assay SET told = replace(told, '3e-10', '0.5')", "assay 2 is not what the log says"),
        ("DELETE FROM assay_review", "assay_review 3 is not what the log says"),
    ],
)
def test_an_assay_that_was_changed_is_named(begun: Path, statement: str, told: str) -> None:
    with writing(begun) as c:
        number = assays.keep(c, SET, report(), who="ana", reason="x")
        assays.review(c, SET, number, who="ben", agrees=True, reason="y")
        assert list(chain.faults(c)) == []
    with closing(sqlite3.connect(begun)) as other:
        with pytest.raises(sqlite3.DatabaseError, match="only grows"):
            other.execute(statement)
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {name}")
        other.execute(statement)
        other.commit()
    with writing(begun) as c:
        assert any(told in fault for fault in chain.faults(c))


def test_a_casebook_of_three_steps_takes_the_fourth(begun: Path) -> None:
    with closing(sqlite3.connect(begun)) as other:
        for statement in (
            "DROP TABLE assay_review",
            "DROP TABLE assay",
            "UPDATE casebook_version SET version = 3",
        ):
            other.execute(statement)
        other.commit()
    with writing(begun) as c:
        assert assays.keep(c, SET, report(), who="ana", reason="x") == 2
        assert list(chain.faults(c)) == []
        assert cases.lines(c)[0].campaign_id == SET
    with closing(sqlite3.connect(begun)) as other:
        assert other.execute("SELECT version FROM casebook_version").fetchone() == (len(STEPS),)
