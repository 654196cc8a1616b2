"""STIX bundles: valid, whole, marked, and the same object under the same identifier."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import stix2
from jsonschema import Draft202012Validator
from stix2.v21.vocab import ATTACK_MOTIVATION, ATTACK_RESOURCE_LEVEL, INDICATOR_TYPE
from stix2validator import ValidationOptions, validate_string

from stillwatch.errors import UsageError
from stillwatch.model.catalogue import catalogue
from stillwatch.model.shared import Handling
from stillwatch.share.blind import Blind
from stillwatch.share.bundle import taken_apart, when
from stillwatch.share.definitions import CAMPAIGN_EXTENSION, OBSERVABLE_EXTENSION, schema_text
from stillwatch.share.marking import TLP_IDS, refuse_unmarked
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.share.sightings import sightings
from stillwatch.share.stix import catalogue_bytes
from stillwatch.share.ways import together
from stillwatch.sources.privacy.key import Key
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS, Made, Told

RENDER = EXPORTS["stix"].render
FORMS = {"103", "302", "203", "213", "215"}


def of_type(objects: list[dict[str, Any]], *types: str) -> list[dict[str, Any]]:
    return [o for o in objects if o["type"] in types]


@pytest.mark.parametrize("tier", range(4))
@pytest.mark.parametrize("retraction", [None, "Somebody else's traffic"])
def test_every_bundle_is_valid(tier: int, retraction: str | None, made: Made) -> None:
    text = RENDER(made(tier=tier, retraction=retraction), BLIND).decode()
    found = validate_string(text, ValidationOptions(version="2.1"))
    assert found.is_valid, [str(e) for e in found.errors]


def test_the_catalogue_is_valid_and_tells_all_techniques() -> None:
    text = catalogue_bytes().decode()
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    patterns = of_type(json.loads(text)["objects"], "attack-pattern")
    assert len(patterns) == len(catalogue().techniques)


def test_another_reader_of_stix_takes_it_as_it_is(made: Made) -> None:
    content = RENDER(made(tier=3), BLIND)
    parsed = stix2.parse(content.decode(), allow_custom=True)
    assert len(parsed.objects) == len(json.loads(content)["objects"])


def test_a_campaign_is_told_with_all_that_belongs_to_it(bundled: Told) -> None:
    kinds = Counter(o["type"] for o in bundled(tier=3))
    wanted = (
        *(
            "identity",
            "intrusion-set",
            "campaign",
            "threat-actor",
            "infrastructure",
            "attack-pattern",
            "indicator",
        ),
        *(
            "observed-data",
            "user-account",
            "ipv4-addr",
            "llm-template",
            "llm-client",
            "llm-trait",
            "sighting",
            "note",
        ),
        *(
            "grouping",
            "report",
            "course-of-action",
            "marking-definition",
            "extension-definition",
            "relationship",
        ),
    )
    assert not [name for name in wanted if not kinds[name]]


def test_relations_say_how_sure_they_are(bundled: Told) -> None:
    told = of_type(bundled(tier=3), "relationship")
    kinds = {r["relationship_type"] for r in told}
    assert kinds == {"attributed-to", "uses", "targets", "indicates", "based-on", "consists-of", "mitigates"}
    assert all(0 < r["confidence"] <= 100 for r in told if r["relationship_type"] != "mitigates")


def test_every_object_is_marked_twice(bundled: Told) -> None:
    objects = bundled(tier=3)
    refuse_unmarked(objects)
    definitions = {o["id"] for o in of_type(objects, "marking-definition")}
    assert all(set(o.get("object_marking_refs", ())) <= definitions for o in objects)


def test_an_unmarked_object_is_refused(bundled: Told) -> None:
    objects = bundled()
    del of_type(objects, "campaign")[0]["object_marking_refs"]
    with pytest.raises(UsageError, match="carries no TLP marking"):
        refuse_unmarked(objects)


def test_an_object_that_says_nothing_of_what_may_be_done_is_refused(bundled: Told) -> None:
    objects = bundled()
    of_type(objects, "campaign")[0]["object_marking_refs"] = [TLP_IDS["amber"]]
    with pytest.raises(UsageError, match="what a reader may do"):
        refuse_unmarked(objects)


def test_every_indicator_ends(bundled: Told) -> None:
    told = of_type(bundled(tier=2), "indicator")
    assert told
    assert all(i["valid_from"] < i["valid_until"] for i in told)


def test_identifiers_do_not_come_from_values_alone(made: Made) -> None:
    other = Blind(Key(b"another house's key"))
    mine, theirs = (json.loads(RENDER(made(tier=3), b))["objects"] for b in (BLIND, other))
    fixed = {"attack-pattern", "course-of-action", "extension-definition", "marking-definition"}
    public = {o["id"] for o in mine if o["type"] in fixed or o.get("created_by_ref") is None}
    addresses = [{o["id"] for o in of_type(told, "ipv4-addr", "user-account")} for told in (mine, theirs)]
    assert public
    assert not addresses[0] & addresses[1]


def test_references_lead_to_objects_of_the_bundle_or_to_atlas(bundled: Told) -> None:
    objects = bundled(tier=3)
    known = {o["id"] for o in objects} | {a.stix_id for a in catalogue().atlas}
    for told in objects:
        for name, value in told.items():
            if name.endswith("_ref"):
                assert value in known
            elif name.endswith("_refs"):
                assert set(value) <= known


def test_a_retraction_revokes_the_same_objects_a_moment_later(bundled: Told) -> None:
    before = {o["id"]: o for o in bundled(tier=2)}
    after = {o["id"]: o for o in bundled(tier=2, retraction="Somebody else's traffic")}
    withdrawn = [o for o in after.values() if o.get("revoked")]
    assert {o["type"] for o in withdrawn} >= {"campaign", "indicator", "relationship", "report"}
    assert all(before[o["id"]]["modified"] < o["modified"] for o in withdrawn)
    assert any(o["content"] == "Somebody else's traffic" for o in of_type(list(after.values()), "note"))


def test_a_finding_that_is_numbered_anew_keeps_its_identifiers() -> None:
    found = secrets.found()
    renamed = replace(
        found,
        campaigns=(replace(found.campaigns[0], campaign_id="UDC-2026-009"),),
        members={"UDC-2026-009": found.members["UDC-2026-001"]},
    )
    wish = Wish(Policy(1), secrets.PRODUCER)
    ids = [
        {o["id"] for o in of_type(json.loads(RENDER(prepare(f, wish, BLIND), BLIND))["objects"], "campaign")}
        for f in (found, renamed)
    ]
    assert ids[0] == ids[1]


def test_extensions_keep_to_their_published_schema(bundled: Told) -> None:
    objects = bundled(tier=3)
    campaign = of_type(objects, "campaign")[0]["extensions"][CAMPAIGN_EXTENSION]
    Draft202012Validator(json.loads(schema_text(CAMPAIGN_EXTENSION))).validate(campaign)
    own = Draft202012Validator(json.loads(schema_text(OBSERVABLE_EXTENSION)))
    for told in of_type(objects, "llm-template", "llm-client", "llm-trait"):
        own.validate(told)


def test_open_vocabularies_are_used_where_they_have_a_word(bundled: Told) -> None:
    objects = bundled(tier=2)
    cluster = next(o for o in of_type(objects, "intrusion-set") if "resource_level" in o)
    assert cluster["resource_level"] in ATTACK_RESOURCE_LEVEL
    assert cluster["primary_motivation"] in ATTACK_MOTIVATION
    assert {t for i in of_type(objects, "indicator") for t in i["indicator_types"]} <= set(INDICATOR_TYPE)


def test_a_relay_is_infrastructure_and_no_campaign(bundled: Told) -> None:
    objects = bundled(only=["UDC-2026-002"])
    assert not of_type(objects, "campaign", "report")
    assert "llm-relay" in of_type(objects, "infrastructure")[0]["infrastructure_types"]


def test_an_actor_is_named_from_level_l3b_only_and_as_affiliated(bundled: Told) -> None:
    told = of_type(bundled(only=["UDC-2026-001"]), "threat-actor")
    assert [a["name"] for a in told] == ["Operators affiliated with actor-a"]


def test_nobody_is_named_to_the_public(bundled: Told) -> None:
    assert not of_type(bundled(tier=0), "threat-actor")


def test_objects_of_a_simulated_world_carry_a_label(made: Made) -> None:
    shared = replace(made(tier=2), simulated=True)
    told = [o for o in json.loads(RENDER(shared, BLIND))["objects"] if "created_by_ref" in o]
    mine = [o for o in told if o["type"] in ("indicator", "campaign", "infrastructure", "report", "grouping")]
    assert mine
    assert all(o["labels"] == ["simulated"] for o in mine)


def test_identifiers_are_the_same_with_and_without_a_circle() -> None:
    alone = Blind(Key(b"a house key for tests"))
    wish = Wish(Policy(2), secrets.PRODUCER)
    ids = [
        {o["id"] for o in json.loads(RENDER(prepare(secrets.found(), wish, b), b))["objects"]}
        for b in (alone, BLIND)
    ]
    assert ids[0] == ids[1]


def test_no_two_ways_of_telling_the_same_findings_are_one_version(made: Made) -> None:
    told = [
        (tier, tlp)
        for tier in (1, 2)
        for tlp in ("green", "amber", "amber+strict", "red")
        if tier == 1 or tlp != "green"
    ]
    bundles = [json.loads(RENDER(made(tier=tier, tlp=tlp), BLIND))["objects"] for tier, tlp in told]
    other = replace(made(tier=2, tlp="red"), handling=Handling("red", 2, "Ask us first."))
    bundles.append(json.loads(RENDER(other, BLIND))["objects"])
    bundles.append(
        json.loads(RENDER(made(tier=2, tlp="red"), Blind(Key(b"a house key for tests"))))["objects"]
    )
    for kind in ("identity", "campaign", "relationship"):
        versions = [
            next(
                o["modified"]
                for o in reversed(b)
                if o["type"] == kind and o["modified"].startswith("2026-03-29")
            )
            for b in bundles
        ]
        assert len(set(versions)) == len(versions)


def test_of_two_versions_the_stricter_is_the_newer_and_a_reader_keeps_it(made: Made) -> None:
    green, red = (
        sightings(taken_apart(RENDER(made(tlp=tlp), BLIND), "it"), "partner") for tlp in ("green", "red")
    )
    for parts in ((green, red), (red, green)):
        assert {s.tlp for s in together(parts).sightings} == {"red"}


def test_one_version_with_two_markings_in_one_bundle_keeps_the_stricter(bundled: Told) -> None:
    objects = bundled(tlp="green")
    twice = [
        *objects,
        *({**o, "object_marking_refs": [TLP_IDS["red"]]} for o in of_type(objects, "indicator")),
    ]
    told = sightings(taken_apart(json.dumps({"type": "bundle", "objects": twice}).encode(), "it"), "partner")
    assert {s.tlp for s in told.sightings} == {"red"}


def test_times_are_compared_whatever_digits_they_have() -> None:
    assert sorted(["2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z"], key=when) == [
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.5Z",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "   "])
def test_a_statement_without_words_does_not_count_as_one(text: str, bundled: Told) -> None:
    objects = bundled()
    for told in of_type(objects, "marking-definition"):
        if "definition" in told:
            told["definition"] = {"statement": text}
    with pytest.raises(UsageError, match="what a reader may do"):
        refuse_unmarked(objects)
