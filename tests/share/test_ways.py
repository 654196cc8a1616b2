"""Several ways of one sighting: nobody speaks for another way, takes back for it, or silences it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from stillwatch.casebook import sightings
from stillwatch.cli.main import stillwatch
from stillwatch.cli.sharing.standing import standing_table
from stillwatch.model.sighting import Retraction, Sighting, Told
from stillwatch.share.ways import together
from tests.judge.test_sighted import sighting
from tests.share.conftest import Told as Bundled

FORGED = "somebody else's text"


def by(source: str, *, maker_name: str = "A provider", **changes: object) -> Told:
    return Told((sighting(source=source, maker_name=maker_name, **changes),))  # type: ignore[arg-type]


def back(source: str, modified: str = "2026-02-01T00:00:00Z") -> Told:
    return Told((), (Retraction("indicator--1", "identity--a", source, modified),))


def standing(*parts: Told) -> list[tuple[str, str]]:
    return [(s.source, s.told) for s in together(parts).sightings]


def said(*parts: Told) -> str:
    return "; ".join(together(parts).problems)


def test_who_relays_cannot_take_back_in_the_name_of_the_maker() -> None:
    parts = (by("alpha"), by("mallory"), back("mallory"))
    assert standing(*parts) == [("alpha", "t")]
    assert "of A provider by way of mallory were taken back" in said(*parts)
    assert "count all the same: alpha, which leads, tells them still" in said(*parts)


def test_what_its_maker_takes_back_falls_with_all_who_relayed_it_whenever_they_did() -> None:
    for parts in ((by("alpha"), by("mallory"), back("alpha")), (by("alpha"), back("alpha"), by("mallory"))):
        assert standing(*parts) == []
        assert "of A provider by way of alpha were taken back" in said(*parts)
        assert "by way of mallory fell, too" in said(*parts)


def test_who_relays_cannot_keep_standing_what_was_taken_back_by_dating_it_later() -> None:
    assert standing(by("alpha"), by("mallory", modified="2026-12-01T00:00:00Z"), back("alpha")) == []


def test_the_way_that_bears_the_makers_name_leads_though_another_was_read_first() -> None:
    first, second = (by(source, maker_name="Alpha") for source in ("mallory", "alpha"))
    assert standing(first, second, back("mallory")) == [("alpha", "t")]
    assert standing(first, second, back("alpha")) == []


def test_two_contents_of_one_identifier_are_told_and_neither_silences_the_other() -> None:
    parts = (by("mallory", told=FORGED), by("alpha"))
    assert standing(*parts) == [("mallory", FORGED), ("alpha", "t")]
    assert "told otherwise by way of mallory under the same identifier: each counts by its own way" in said(
        *parts
    )
    assert standing(*parts, back("mallory")) == [("alpha", "t")]


def test_of_two_contents_that_of_the_way_with_the_makers_name_counts() -> None:
    parts = (by("mallory", maker_name="Alpha", told=FORGED), by("alpha", maker_name="Alpha"))
    assert standing(*parts) == [("alpha", "t")]
    assert "by way of mallory are told otherwise by way of alpha" in said(*parts)


def test_nobody_takes_the_lead_by_giving_the_maker_a_name_of_its_own() -> None:
    parts = (
        by("alpha", maker_name="Alpha"),
        by("mallory", maker_name="Mallory", told=FORGED),
        back("mallory"),
    )
    assert standing(*parts) == [("alpha", "t")]


def test_what_one_source_changes_or_takes_back_is_named() -> None:
    anew = by("shared", told=FORGED, modified="2026-01-02T00:00:00Z")
    assert "of A provider by way of shared were told anew and otherwise" in said(by("shared"), anew)
    assert "told in one version with two contents" in said(by("shared"), by("shared", told=FORGED))


def test_a_version_that_comes_with_two_markings_keeps_the_strictest() -> None:
    for parts in ((by("a", tlp="green"), by("a", tlp="red")), (by("a", tlp="red"), by("b", tlp="green"))):
        assert [s.tlp for s in together(parts).sightings] == ["red"]


def test_the_table_shows_each_way_that_counts_and_what_was_taken_back_once() -> None:
    columns = standing_table((by("mallory", told=FORGED), by("alpha"), back("mallory"))).columns
    assert [str(cell) for c in columns for cell in c.cells][1::5] == ["alpha", "1"]


def test_relays_of_an_older_version_are_no_other_word() -> None:
    told: list[Sighting] = list(
        together(
            (by("alpha"), by("alpha", told="t2", modified="2026-01-02T00:00:00Z"), by("relay"))
        ).sightings
    )
    assert [(s.source, s.told) for s in told] == [("alpha", "t2")]


def test_the_commands_keep_what_another_took_back_in_the_makers_name(
    bundled: Bundled, tmp_path: Path
) -> None:
    (tmp_path / "house.key").write_text("the key of a reader")
    book = ["--casebook", str(tmp_path / "cases.db")]
    for number, (source, retraction) in enumerate(
        (("alpha", None), ("mallory", None), ("mallory", "a mistake"))
    ):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({"type": "bundle", "objects": bundled(tier=2, retraction=retraction)}))
        words = ["share", "read", f"{source}={path}", *book, "--key-file", str(tmp_path / "house.key")]
        result = CliRunner().invoke(stillwatch, words)
        assert result.exit_code == 0, result.output
    assert "by way of mallory were taken back" in result.output
    listed = CliRunner().invoke(stillwatch, ["case", "sightings", *book]).output
    assert "by way of mallory were taken back" in listed
    told = together(sightings.all_told(tmp_path / "cases.db")[0]).sightings
    assert len(told) == sum(o["type"] == "indicator" for o in bundled(tier=2))
    assert {s.source for s in told} == {"alpha"}
