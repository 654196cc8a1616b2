"""What others told is kept once, as it came, and shows if it was changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from stillwatch.casebook import chain, sightings
from stillwatch.casebook.store import Casebook
from stillwatch.model.corroborated import Corroboration
from stillwatch.model.finding import Findings
from stillwatch.model.sighting import Retraction, Told
from tests.casebook.made import Group, accounts, findings
from tests.judge.test_sighted import sighting

BACK = Retraction("indicator--1", "identity--a", "alpha", "2026-02-01T00:00:00Z")


def faults(place: Path) -> list[str]:
    with closing(Casebook(place)) as book, book.reading() as connection:
        return list(chain.faults(connection))


def test_what_is_read_twice_is_kept_once(place: Path) -> None:
    assert sightings.keep(place, Told((sighting(),))) == 1
    assert sightings.keep(place, Told((sighting(),), (BACK,))) == 1
    assert sightings.keep(place, Told((sighting(),), (BACK,))) == 0
    assert sightings.all_told(place)[0] == (Told((sighting(),)), Told((), (BACK,)))
    assert faults(place) == []


def test_a_sighting_that_names_nobody_is_kept_as_older_versions_kept_it(place: Path) -> None:
    sightings.keep(place, Told((sighting(),)))
    sightings.keep(place, Told((replace(sighting(), sighting_id="indicator--2", names="actor-a"),)))
    with closing(sqlite3.connect(place)) as connection:
        kept = [row[0] for row in connection.execute("SELECT told FROM sighting ORDER BY entry")]
    assert ["names" in row for row in kept] == [False, True]
    assert [s.names for part in sightings.all_told(place)[0] for s in part.sightings] == ["", "actor-a"]


@pytest.mark.parametrize(
    "act", ["UPDATE sighting SET number = 7", "DELETE FROM sighting", "DELETE FROM spoken"]
)
def test_nothing_is_changed_or_taken_away(
    act: str, place: Path, keep: Callable[[Findings], Findings]
) -> None:
    sightings.keep(place, Told((sighting(),)))
    keep(corroborated())
    with (
        closing(sqlite3.connect(place)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only grows"),
    ):
        connection.execute(act)


def test_a_change_behind_the_triggers_shows(place: Path) -> None:
    sightings.keep(place, Told((sighting(),)))
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("DROP TRIGGER sighting_no_update")
        connection.execute("UPDATE sighting SET told = replace(told, 'Alpha', 'Gamma')")
        connection.commit()
    assert faults(place) == ["the sightings of entry 1 are not what the log says of them"]


def test_an_older_casebook_is_brought_up_to_date(place: Path, keep: Callable[[Findings], Findings]) -> None:
    keep(findings(Group(accounts("a", 0, 40))))
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(
            "DROP TABLE assay_review; DROP TABLE assay; DROP TABLE sighting; DROP TABLE spoken; UPDATE casebook_version SET version = 2;"
        )
    assert sightings.keep(place, Told((sighting(),))) == 1
    assert faults(place) == []


def corroborated() -> Findings:
    said = Corroboration(
        campaign_id="UDC-2026-001", makers=("Alpha",), sources=("alpha",), sighted_as="distillation", admiralty="B2",
        signals=("shared_template",), sightings=("indicator--1",), bits=2.0, training_set_alone=0.4, is_needed=True,
    )  # fmt: skip
    return replace(findings(Group(accounts("a", 0, 40))), corroborated=(said,))


def test_which_sightings_spoke_for_a_campaign_is_kept_under_its_lasting_id(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(Group(accounts("b", 0, 40))))
    told = keep(corroborated())
    assert [c.campaign_id for c in told.corroborated] == ["UDC-2026-002"]
    assert sightings.all_told(place)[1] == {"UDC-2026-002": {"indicator--1": "Alpha"}}
    assert faults(place) == []


def test_what_spoke_is_part_of_what_the_log_says_of_a_scan(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(corroborated())
    with closing(Casebook(place)) as book, book.writing() as connection:
        connection.execute(text("INSERT INTO spoken VALUES (1, 'indicator--9', 'Nobody')"))
    assert faults(place) == ["scan 1 is not what the log says of it"]
