"""Bundles of others: read within bounds, believed in nothing, counted once."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.cli.main import stillwatch
from stillwatch.errors import InputError
from stillwatch.model.sighting import Told as WhatWasTold
from stillwatch.share.blind import Blind
from stillwatch.share.bundle import MOST_OBJECTS, taken_apart
from stillwatch.share.compare import agreements
from stillwatch.share.marking import TLP_IDS
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.share.sightings import sightings
from stillwatch.share.ways import together
from stillwatch.sources.privacy.key import Key
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS, Told

MOST_SECONDS, MOST_KIB = 30, 1024 * 1024
IDENTITY = "identity--6a0f4a53-1f1c-4f8e-9b0a-0c2b5d3f7e11"


def read(objects: Any, source: str = "partner") -> Any:
    return sightings(taken_apart(json.dumps({"type": "bundle", "objects": objects}).encode(), "it"), source)


def indicator(objects: list[dict[str, Any]]) -> dict[str, Any]:
    return next(o for o in objects if o["type"] == "indicator")


def test_what_a_provider_shares_another_reads(bundled: Told) -> None:
    objects = bundled(tier=2)
    told = read(objects)
    assert len(told.sightings) == sum(o["type"] == "indicator" for o in objects)
    assert {s.sighted_as for s in told.sightings} == {"distillation", "relay", "coordinated"}
    assert {(s.maker_name, s.tlp, s.admiralty) for s in told.sightings} == {
        ("Example provider", "amber+strict", "B2")
    }
    assert not told.problems


def test_whom_a_provider_names_is_read_from_a_campaign_that_leads_to_it_and_from_nothing_else(
    bundled: Told,
) -> None:
    objects = bundled(tier=2)
    told = read(objects).sightings
    assert {s.sighted_as: s.names for s in told if s.names} == {"distillation": "actor-a"}
    unled = [o for o in objects if o["type"] != "threat-actor"]
    assert {s.names for s in read(unled).sightings} == {""}


def test_providers_of_one_circle_find_what_both_have() -> None:
    theirs = Blind(Key(b"the house key of another"), Key(b"a circle key for tests"))
    shared = prepare(secrets.found(), Wish(Policy(2), secrets.PRODUCER), theirs)
    told = sightings(taken_apart(EXPORTS["stix"].render(shared, theirs), "it"), "partner").sightings
    found = agreements(told, secrets.found().campaigns, BLIND)
    assert {a.campaign_id for a in found} == set(secrets.EVERYTHING)
    assert found[0].signals["shared_template"] >= 1


def test_without_the_key_of_the_circle_only_plain_values_agree() -> None:
    theirs = Blind(Key(b"the house key of another"), Key(b"the key of another circle"))
    shared = prepare(secrets.found(), Wish(Policy(2), secrets.PRODUCER), theirs)
    told = sightings(taken_apart(EXPORTS["stix"].render(shared, theirs), "it"), "partner").sightings
    found = agreements(told, secrets.found().campaigns, BLIND)
    assert set(found[0].signals) == {"header_profile", "shared_prefix", "tls_client"}


def test_a_sighting_counts_once_however_often_it_is_relayed(bundled: Told) -> None:
    first, relayed = read(bundled(), "partner"), read(bundled(), "somebody else")
    both = together([first, relayed])
    assert both.sightings == first.sightings
    assert any("count once" in problem for problem in both.problems)


def test_a_retraction_of_the_maker_by_the_same_way_withdraws(bundled: Told) -> None:
    told = together([read(bundled()), read(bundled(retraction="wrong"))])
    assert told.sightings == ()
    assert told.retractions


def test_a_retraction_withdraws_whatever_order_it_is_read_in(bundled: Told) -> None:
    assert together([read(bundled(retraction="wrong")), read(bundled())]).sightings == ()


def test_a_retraction_that_comes_by_another_way_is_passed_over(bundled: Told) -> None:
    before = read(bundled())
    told = together([before, read(bundled(retraction="wrong"), "an impostor")])
    assert told.sightings == before.sightings
    assert any("retractions were passed over" in problem for problem in told.problems)


def test_a_retraction_in_the_name_of_another_maker_is_passed_over(bundled: Told) -> None:
    objects = bundled(tier=2)
    forged = {
        **indicator(objects),
        "revoked": True,
        "created_by_ref": IDENTITY,
        "modified": "2027-01-01T00:00:00.000Z",
    }
    told = read([*objects, forged])
    assert indicator(objects)["id"] in {s.sighting_id for s in told.sightings}
    assert any("another maker" in problem for problem in told.problems)


def test_an_old_retraction_does_not_withdraw_what_was_told_anew(bundled: Told) -> None:
    anew = [
        {**o, "modified": "2027-01-01T00:00:00.000Z"} if o["type"] == "indicator" else o for o in bundled()
    ]
    assert together([read(bundled(retraction="wrong")), read(anew)]).sightings


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "a\u202eb\u0000c", "x" * 10_000, "\n\nFree: text"]
)
def test_a_name_does_nothing(name: str, bundled: Told) -> None:
    objects = [{**o, "name": name} if o["type"] == "identity" else o for o in bundled()]
    told = read(objects).sightings
    assert told
    assert all(len(s.maker_name) <= 120 and s.maker_name.isprintable() for s in told)
    assert not [s for s in told if set("<>&") & set(s.maker_name)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"object_marking_refs": None}, "no TLP marking"),
        ({"valid_until": None}, "no end"),
        ({"pattern": "[file:name = 'x']"}, "a pattern that is not ours"),
        ({"pattern": "[llm-client:signal = 'x' AND llm-client:token = 'y'] OR [a:b = 'c']"}, "not ours"),
        ({"created_by_ref": None}, "no maker"),
        ({"modified": "yesterday"}, "no time"),
        ({"spec_version": "2.0"}, "is not of STIX 2.1"),
        ({"id": "indicator--1"}, "no identifier of its type"),
    ],
)
def test_an_indicator_of_another_form_is_left_out_and_told(
    change: dict[str, Any], said: str, bundled: Told
) -> None:
    objects = copy.deepcopy(bundled())
    told = indicator(objects)
    told.update(change)
    for gone in [n for n, v in change.items() if v is None]:
        del told[gone]
    found = read(objects)
    assert any(said in problem for problem in found.problems), found.problems


def test_types_that_are_not_known_are_passed_over_and_counted(bundled: Told) -> None:
    odd = {"type": "x-odd", "spec_version": "2.1", "id": "x-odd--6a0f4a53-1f1c-4f8e-9b0a-0c2b5d3f7e11"}
    found = read([*bundled(), odd])
    assert found.sightings
    assert any("types that are not known" in problem for problem in found.problems)


def test_the_strictest_of_several_markings_holds(bundled: Told) -> None:
    objects = copy.deepcopy(bundled())
    for told in objects:
        if told["type"] == "indicator":
            told["object_marking_refs"].append(TLP_IDS["red"])
    assert {s.tlp for s in read(objects).sightings} == {"red"}


def test_objects_in_a_ring_are_left_out(bundled: Told) -> None:
    ids = [f"grouping--6a0f4a53-1f1c-4f8e-9b0a-0c2b5d3f7e1{n}" for n in range(3)]
    ring = [
        {"type": "grouping", "spec_version": "2.1", "id": mine, "object_refs": [other]}
        for mine, other in zip(ids, ids[1:] + ids[:1], strict=True)
    ]
    found = read([*bundled(), *ring])
    assert found.sightings
    assert "3 left out: refers to itself in a ring" in found.problems


def test_an_identity_that_made_itself_is_no_ring(bundled: Told) -> None:
    objects = [{**o, "created_by_ref": o["id"]} if o["type"] == "identity" else o for o in bundled()]
    found = read(objects)
    assert {s.maker_name for s in found.sightings} == {"Example provider"}
    assert not found.problems


HOSTILE: dict[str, Callable[[], bytes]] = {
    "ten megabytes of nesting": lambda: b'{"type":"bundle","objects":[' + b"[" * 10_000_000,
    "nesting that closes": lambda: (
        b'{"type":"bundle","objects":[' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}"
    ),
    "a million objects": lambda: (
        b'{"type":"bundle","objects":[' + b",".join([b'{"type":"x"}'] * 1_000_000) + b"]}"
    ),
    "forty megabytes": lambda: b'{"type":"bundle","objects":["' + b"x" * 40_000_000 + b'"]}',
    "one large object": lambda: b'{"type":"bundle","objects":[{"id":"' + b"x" * 20_000_000 + b'"}]}',
    "a ring of all": lambda: ring(MOST_OBJECTS),
    "all with all": lambda: web(600),
    "no objects": lambda: b'{"type":"bundle"}',
    "no bundle": lambda: b'{"type":"report","objects":[]}',
    "no JSON": lambda: b"<html>",
    "other bytes": lambda: b"\xff\xfe\x00",
    "nothing": lambda: b"",
    "numbers without end": lambda: b'{"type":"bundle","objects":[{"id":' + b"9" * 1_000_000 + b"}]}",
}


def ring(count: int) -> bytes:
    def name(n: int) -> str:
        return f"grouping--{n % count:08x}-0000-4000-8000-000000000000"

    told = [
        {"type": "grouping", "spec_version": "2.1", "id": name(n), "object_refs": [name(n + 1)]}
        for n in range(count)
    ]
    return json.dumps({"type": "bundle", "objects": told}).encode()


def web(count: int) -> bytes:
    names = [f"grouping--{n:08x}-0000-4000-8000-000000000000" for n in range(count)]
    told = [{"type": "grouping", "spec_version": "2.1", "id": name, "object_refs": names} for name in names]
    return json.dumps({"type": "bundle", "objects": told}).encode()


def outcome(content: bytes) -> tuple[WhatWasTold | None, str]:
    """What was read, or what was said on refusing it; any other error is none."""
    try:
        return sightings(taken_apart(content, "it"), "partner"), ""
    except InputError as error:
        return None, str(error)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_bundle_is_refused_or_contained(kind: str) -> None:
    started = time.monotonic()
    told, said = outcome(HOSTILE[kind]())
    assert told is None or (told.problems and not told.sightings)
    assert told is not None or ("it " in said and len(said) < 400)
    assert time.monotonic() - started < MOST_SECONDS


READ = """
import pathlib, re, sys
from stillwatch.cli.main import main
try:
    main(["share", "read", "partner=" + sys.argv[1]])
finally:
    print("KIB", re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""
"""The peak of this program alone: what `getrusage` tells includes the process that started it."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a program is read from /proc")
@pytest.mark.parametrize(
    "kind", ["ten megabytes of nesting", "a million objects", "a ring of all", "one large object"]
)
def test_the_command_reads_it_within_a_gigabyte_and_half_a_minute(kind: str, tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_bytes(HOSTILE[kind]())
    started = time.monotonic()
    command = [sys.executable, "-c", READ, str(tmp_path / "bundle.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
    assert time.monotonic() - started < MOST_SECONDS
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert int(done.stdout.rpartition("KIB ")[2]) < MOST_KIB


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_refused_with_a_reason_or_read(content: bytes) -> None:
    told, said = outcome(content)
    assert told is not None or said


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_fields_of_any_form_do_no_harm(data: st.DataObject) -> None:
    shared = prepare(secrets.found(), Wish(Policy(1), secrets.PRODUCER), BLIND)
    objects = json.loads(EXPORTS["stix"].render(shared, BLIND))["objects"]
    for _ in range(data.draw(st.integers(1, 6))):
        told = data.draw(st.sampled_from(objects))
        told[data.draw(st.sampled_from(sorted(told)))] = data.draw(VALUES)
    told, said = outcome(json.dumps({"type": "bundle", "objects": objects}).encode())
    assert told is not None or said


def test_no_field_of_another_form_does_harm() -> None:
    shared = prepare(secrets.found(), Wish(Policy(1), secrets.PRODUCER), BLIND)
    objects = json.loads(EXPORTS["stix"].render(shared, BLIND))["objects"]
    first = {(one["type"], field): at for at, one in reversed(list(enumerate(objects))) for field in one}
    for (_, field), at in first.items():
        for value in ([], {}, [[]], 5, None):
            odd = [*objects[:at], {**objects[at], field: value}, *objects[at + 1 :]]
            told, said = outcome(json.dumps({"type": "bundle", "objects": odd}).encode())
            assert told is not None or said


def test_red_sightings_stay_in_the_house(bundled: Told, tmp_path: Path) -> None:
    objects = [
        {**o, "object_marking_refs": [TLP_IDS["red"], *o.get("object_marking_refs", ())]}
        for o in bundled(tier=1)
    ]
    (tmp_path / "red.json").write_text(json.dumps({"type": "bundle", "id": "bundle--x", "objects": objects}))
    (tmp_path / "house.key").write_text("a house key for tests")
    words = ["push", str(tmp_path / "red.json"), "--collection", "http://127.0.0.1:9/", "--key-file"]
    result = CliRunner().invoke(stillwatch, ["share", *words, str(tmp_path / "house.key")])
    assert (result.exit_code, "not written by this house" in result.output) == (2, True)


def test_the_command_says_what_agrees_with_findings_of_ones_own(tmp_path: Path) -> None:
    shared = prepare(replace(secrets.found(), simulated=True), Wish(Policy(2), secrets.PRODUCER), BLIND)
    (tmp_path / "bundle.json").write_bytes(EXPORTS["stix"].render(shared, BLIND))
    out = tmp_path / "sightings.json"
    words = ["share", "read", f"partner={tmp_path / 'bundle.json'}", "--out", str(out)]
    result = CliRunner().invoke(stillwatch, words)
    assert (result.exit_code, "imulated" in result.output) == (0, True), result.output
    assert len(json.loads(out.read_text())["sightings"]) == len(
        read(json.loads((tmp_path / "bundle.json").read_text())["objects"]).sightings
    )


@pytest.mark.parametrize("word", ["bundle.json", "=bundle.json", "partner="])
def test_a_bundle_without_a_source_is_refused(word: str) -> None:
    result = CliRunner().invoke(stillwatch, ["share", "read", word])
    assert (result.exit_code, "SOURCE=FILE" in result.output) == (2, True)
