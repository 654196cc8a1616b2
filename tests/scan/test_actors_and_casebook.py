"""A scan with actors and a casebook, end to end on a simulated world."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from stillwatch.casebook import cases
from stillwatch.casebook.store import Casebook
from stillwatch.casebook.tables import CAMPAIGN, SCAN
from stillwatch.errors import InputError
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("named") / "world"
    build("easy", seed=21, exchanges=40_000, out=place)
    return place


@pytest.fixture(scope="module")
def actors(world: Path) -> Path:
    return world.with_name("world.prior") / "actors.json"


def test_an_organisation_is_named_only_after_two_people_recorded_that_they_agree(
    world: Path, actors: Path, tmp_path: Path
) -> None:
    book = tmp_path / "book.db"
    first = scan(world, actors=actors, casebook=book)
    (lead,) = [(c.campaign_id, a) for c in first.campaigns for a in c.attribution if a.level == "L2"]
    assert lead[1].actor == "Lab Aster"
    for who in ("ana", "ben"):
        with closing(Casebook(book)) as opened, opened.writing() as connection:
            cases.review(connection, lead[0], who=who, agrees=True, reason="read it", actor="Lab Aster")
        told = scan(world, actors=actors, casebook=book)
        named = [a.actor for c in told.campaigns for a in c.attribution if a.level == "L3b"]
        assert named == (["Lab Aster"] if who == "ben" else [])


def test_the_contract_keeps_its_form_and_no_payment_token_is_told(
    world: Path, actors: Path, tmp_path: Path
) -> None:
    scan(world, actors=actors, out=tmp_path / "findings")
    text = (tmp_path / "findings" / "findings.json").read_text("utf-8")
    document = json.loads(text)
    keys = {"actor", "level", "probability", "confidence"}
    assert all(set(a) == keys for c in document["campaigns"] for a in c["attribution"])
    tokens = [t for a in json.loads(actors.read_text("utf-8"))["actors"] for t in a["payment_fingerprints"]]
    assert tokens
    assert not [token for token in tokens if token in text]


def test_without_actors_nothing_of_attribution_is_written(world: Path, tmp_path: Path) -> None:
    scan(world, out=tmp_path / "findings")
    document = json.loads((tmp_path / "findings" / "findings.json").read_text("utf-8"))
    assert not {"attributed", "cleared"} & set(document)
    assert all(c["attribution"] == [] for c in document["campaigns"])


def test_the_same_log_actors_and_casebook_give_the_same_bytes(
    world: Path, actors: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        scan(world, actors=actors, casebook=tmp_path / "book.db", out=tmp_path / name)
    one, two = ((tmp_path / name / "findings.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_an_actors_file_that_cannot_be_read_stops_the_scan_before_anything_is_read(
    world: Path, tmp_path: Path
) -> None:
    (tmp_path / "actors.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="cannot be read as JSON"):
        scan(world, actors=tmp_path / "actors.json")


def test_people_who_confirm_every_innocent_group_have_none_of_them_called(tmp_path: Path) -> None:
    world, book = tmp_path / "world", tmp_path / "book.db"
    build("coordinated-only", seed=21, exchanges=60_000, out=world)
    first = scan(world, casebook=book)
    assert first.campaigns, "a world of innocents in which some group is told"
    assert not first.of_verdict("distillation")
    with closing(Casebook(book)) as opened, opened.writing() as connection:
        for campaign in first.campaigns:
            name = campaign.campaign_id
            number = cases.decide(connection, name, "confirmed", who="eve", reason="because", days=90)
            cases.review(connection, name, who="mal", agrees=True, reason="because", decision=number)
    second = scan(world, casebook=book)
    assert len(second.campaigns) >= len(first.campaigns)
    assert not second.of_verdict("distillation")
    more = {c.campaign_id: c.distillation.log10_bayes_factor for c in first.campaigns}
    assert any(
        c.distillation.log10_bayes_factor > more.get(c.campaign_id, 99) + 0.5 for c in second.campaigns
    )


def test_what_is_compared_with_innocents_over_scans_goes_by_the_lasting_ids(
    world: Path, tmp_path: Path
) -> None:
    book, out = tmp_path / "book.db", tmp_path / "findings"
    with closing(Casebook(book, is_new_allowed=True)) as opened, opened.writing() as connection:
        scan_row = {"scan_id": 1, "recorded": "", "log_end": "2026-01-01", "digest": "d", "exchanges": 0}
        connection.execute(SCAN.insert().values(**scan_row, version="0", is_simulated=True))
        connection.execute(CAMPAIGN.insert().values(campaign_id="UDC-2026-041", first_scan=1))
    first = scan(world, casebook=book, out=out)
    second = scan(world, casebook=book, out=out, since=out)
    names = [c.campaign_id for c in second.campaigns]
    assert names == [c.campaign_id for c in first.campaigns]
    assert names[0] == "UDC-2026-042"
    assert [g.campaign_id for g in second.false_alarms.groups if g.campaign_id] == names
    followed = second.false_alarms.sequence.seen_now
    assert {g.campaign_id for g in followed} == {g.earlier_id for g in followed} <= {*names, None}
