"""Answers to what others told, and other views of what one tells oneself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from stix2validator import ValidationOptions, validate_string

from stillwatch.cli.main import stillwatch
from stillwatch.cli.sharing.views import views_in
from stillwatch.model.attributed import Attributed, Ranked, Review
from stillwatch.model.shared import Producer, View
from stillwatch.model.sighting import Sighting
from stillwatch.report.files import read, write
from stillwatch.share import ledger
from stillwatch.share.answer import answer
from stillwatch.share.blind import Blind
from stillwatch.share.bundle import taken_apart
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.share.sightings import sightings
from stillwatch.sources.privacy.key import Key
from stillwatch.testing import secrets
from tests.cli.handmade import campaign, findings
from tests.share.conftest import BLIND, EXPORTS, Told

THEIRS = Blind(Key(b"the house key of another"), Key(b"a circle key for tests"))
VIEWS = (
    View("finding", "neutral", "Not ruled out: class or hackathon."),
    View("attribution", "disagree", "1 of 2 reviews do not share it."),
)


def told_by_others(tier: int = 2) -> tuple[Sighting, ...]:
    shared = prepare(secrets.found(), Wish(Policy(tier), secrets.PRODUCER), THEIRS)
    return sightings(taken_apart(EXPORTS["stix"].render(shared, THEIRS), "it"), "partner").sightings


def answered(told: tuple[Sighting, ...], blind: Blind = BLIND) -> list[dict[str, Any]]:
    content = answer(told, secrets.found(), Producer("A reader"), blind)
    assert validate_string(content.decode(), ValidationOptions(version="2.1")).is_valid
    return [o for o in json.loads(content)["objects"] if o["type"] == "sighting"]


def test_an_answer_says_of_each_indicator_how_often_it_was_seen_or_that_it_was_not() -> None:
    told = told_by_others()
    unseen = replace(told[0], sighting_id="indicator--6a0f4a53-1f1c-4f8e-9b0a-0c2b5d3f7e11", told="0" * 32)
    counts = {o["sighting_of_ref"]: o["count"] for o in answered((*told, unseen))}
    assert counts.keys() == {s.sighting_id for s in (*told, unseen)}
    assert counts.pop(unseen.sighting_id) == 0
    assert min(counts.values()) >= 4


def test_what_cannot_be_compared_is_not_said_to_be_unseen() -> None:
    answers = answered(told_by_others(), Blind(Key(b"a house key for tests")))
    plain = {s.sighting_id for s in told_by_others() if not s.is_token}
    assert {o["sighting_of_ref"] for o in answers} == plain != set()


def test_an_answer_goes_no_further_than_what_it_answers() -> None:
    red = tuple(replace(s, tlp="red") for s in told_by_others())
    content = answer(red, secrets.found(), Producer("A reader"), BLIND)
    assert b"TLP:RED" in content
    assert b"TLP:AMBER" not in content


def test_answers_and_opinions_of_others_are_told_and_not_weighed(bundled: Told) -> None:
    content = answer(told_by_others(), secrets.found(), Producer("A reader"), BLIND)
    read_back = sightings(taken_apart(content, "it"), "reader")
    assert read_back.sightings == ()
    assert [p for p in read_back.problems if "saw it, 0 looked and did not see it" in p]
    opinion = {
        **bundled()[0],
        "type": "opinion",
        "id": "opinion--6a0f4a53-1f1c-4f8e-9b0a-0c2b5d3f7e11",
        "opinion": "disagree",
    }
    said = sightings(taken_apart(json.dumps({"objects": [*bundled(), opinion]}).encode(), "it"), "x").problems
    assert said == ("1 opinions (1 disagree) are not weighed; read them in the bundle",)


def test_other_views_go_out_as_opinions_and_nobody_is_told_about_actors_at_tier_0() -> None:
    found = replace(secrets.found(), views={"UDC-2026-001": VIEWS})
    for tier in (0, 2):
        content = EXPORTS["stix"].render(prepare(found, Wish(Policy(tier), secrets.PRODUCER), BLIND), BLIND)
        assert validate_string(content.decode(), ValidationOptions(version="2.1")).is_valid
        opinions = {o["explanation"]: o for o in json.loads(content)["objects"] if o["type"] == "opinion"}
        assert set(opinions) == {v.text for v in VIEWS if tier or v.on == "finding"}
        assert {r.partition("--")[0] for o in opinions.values() for r in o["object_refs"]} <= {
            "campaign",
            "intrusion-set",
        }


def test_rival_hypotheses_and_dissent_are_views_that_name_nobody(tmp_path: Path) -> None:
    said = Attributed(
        "UDC-2026-001", "L1", 0.5, (), (), (),
        (Ranked("H3", "a relay with ordinary users only", 1), Ranked("H1", "distillation by Example Labs", 2),
         Ranked("H7", "framing: somebody plants the marks of Example Labs", 2), Ranked("H4", "research", 3)),
        (), (Review("UDC-2026-001", "Example Labs", "jane", agrees=False), Review("UDC-2026-001", "Example Labs", "joe", agrees=True)),
    )  # fmt: skip
    write(findings(campaign()), tmp_path / "findings")
    filed = read(tmp_path / "findings")
    name = str(filed.campaigns[0]["campaign_id"])
    views = views_in(replace(filed, attributed=(replace(said, campaign_id=name),)))[name]
    told = [(v.stance, v.text) for v in views if v.on == "attribution"]
    assert told == [
        ("disagree", "As consistent with the evidence, or more: a relay with ordinary users only."),
        (
            "neutral",
            "As consistent with the evidence, or more: framing: somebody plants the marks of another.",
        ),
        ("disagree", "1 of 2 reviews do not share it."),
    ]


def test_earlier_numbers_of_a_finding_are_its_aliases(tmp_path: Path) -> None:
    wish = Wish(Policy(1), secrets.PRODUCER, only=("UDC-2026-001",))
    ledger.note(tmp_path / "ledger", prepare(secrets.found(), wish, BLIND), BLIND)
    found = secrets.found()
    anew = replace(
        found,
        campaigns=(replace(found.campaigns[0], campaign_id="UDC-2026-009"),),
        members={"UDC-2026-009": found.members["UDC-2026-001"]},
    )
    noted = ledger.lines(tmp_path / "ledger", secrets.PRODUCER.name, BLIND)
    shared = ledger.with_earlier_names(noted, prepare(anew, replace(wish, only=()), BLIND))
    objects = json.loads(EXPORTS["stix"].render(shared, BLIND))["objects"]
    assert {o["type"]: o["aliases"] for o in objects if "aliases" in o} == {
        "campaign": ["UDC-2026-001"], "intrusion-set": ["UDC-2026-001"],
    }  # fmt: skip


def test_every_cluster_says_goal_and_resources(bundled: Told) -> None:
    clusters = [o for o in bundled(tier=1) if o["type"] == "intrusion-set"]
    assert len(clusters) == 3
    assert all(o["goals"] and o["resource_level"] for o in clusters)


def test_an_answer_needs_findings_to_answer_from(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text("{}")
    words = ["share", "read", f"x={tmp_path / 'b.json'}", "--answer", str(tmp_path / "a.json")]
    result = CliRunner().invoke(stillwatch, words)
    assert (result.exit_code, "--against FINDINGS" in result.output) == (2, True)
