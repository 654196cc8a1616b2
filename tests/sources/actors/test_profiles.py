"""Actors files: three forms with one meaning, and errors that say where and what to write."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from stillwatch.errors import InputError
from stillwatch.sources.actors.profiles import read_actors
from stillwatch.sources.actors.shape import json_schema, schema_text
from stillwatch.sources.actors.stix import read_bundle
from stillwatch.sources.actors.written import to_yaml

EXAMPLE = Path(__file__).parents[3] / "examples" / "actors" / "actors.toml"


def written(place: Path, text: str, name: str = "actors.yaml") -> Path:
    (place / name).write_text(text, "utf-8")
    return place / name


def test_the_example_is_read_and_names_nobody_real() -> None:
    known = read_actors(EXAMPLE)
    assert known.notes == ()
    assert all(actor.name.startswith("actor-") for actor in known.actors)


def test_one_file_in_three_forms_says_the_same(tmp_path: Path) -> None:
    yaml = written(tmp_path, "actors: [{name: a, asns: [64500], reliability: B2, expires: 2026-12-31}]")
    as_json = '{"actors": [{"name": "a", "asns": [64500], "reliability": "B2", "expires": "2026-12-31"}]}'
    toml = '[[actors]]\nname = "a"\nasns = [64500]\nreliability = "B2"\nexpires = 2026-12-31\n'
    files = (yaml, written(tmp_path, as_json, "a.json"), written(tmp_path, toml, "a.toml"))
    told = [read_actors(file)[:2] for file in files]
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(
    "day", ["2026-04-11", '"2026-04-11"', "2026-04-11T08:00:00Z", '"2026-04-11T08:00:00+02:00"']
)
def test_a_day_may_be_written_as_a_time(tmp_path: Path, day: str) -> None:
    text = f"actors: [{{name: a, release_calendar: [{{product: p, date: {day}}}], asns: null, note: null}}]"
    (statement,) = read_actors(written(tmp_path, text)).actors[0].statements
    assert statement.value == {"product": "p", "date": "2026-04-11"}


def test_what_is_written_is_read_back_to_the_same(tmp_path: Path) -> None:
    known = read_actors(EXAMPLE).actors
    assert read_actors(written(tmp_path, to_yaml(known, "again"))).actors == known


def test_a_statement_without_a_code_is_not_judged(tmp_path: Path) -> None:
    actor = read_actors(written(tmp_path, "actors: [{name: a, asns: [1]}]")).actors[0]
    assert actor.statements[0].code == "F6"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("actors: [{asns: [1]}]", r"required field `name` - at `\$.actors\[0\]`"),
        ("actors: [{name: a, asns: [x]}]", r"`\$.actors\[0\].asns\[0\]`"),
        ("actors: [{name: a, reliability: B7}]", r"`\$.actors\[0\].reliability`"),
        ("actors: [{name: a, capability_interests: [chess]}]", r"`\$.actors\[0\].capability_interests\[0\]`"),
        ("actors: [{name: a, expires: soon}]", r"`\$.actors\[0\].expires`"),
        ("actors: [{name: a, client_stacks: [{}]}]", "without any part"),
        ("actors: [{name: a}, {name: A}]", "twice"),
        ("actors: [{name: a, statements: [{source: s, reliability: A1}]}]", r"statements\[0\] says none of its kinds"),
        ("actors: [{name: a, statements: [{asn: 1, card_bin: 4, source: s, reliability: A1}]}]", r"says 2 \(asn, card_bin\)"),
        ("actors: [{name: a, asns: [1], date: 2026-05-01, expires: 2026-04-01}]", "expired before"),
        ("[]", "Expected `object`, got `array`"),
        ("actors: [", "cannot be read as YAML"),
        ("{a: &a [&b [*a]], actors: []}", "actors|alias|aliases"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_actors(written(tmp_path, text))


def test_a_field_that_nobody_knows_is_left_out_and_told(tmp_path: Path) -> None:
    known = read_actors(written(tmp_path, "actors: [{name: a, country: XX, staff_domain: a.example}]"))
    assert "actors[0]: 'country' is not known and was left out" in known.notes[0]
    assert "did you mean 'staff_domains'?" in known.notes[1]
    assert known.actors[0].statements == ()


def test_a_handful_of_lines_that_stand_for_billions_of_values_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(InputError, match="aliases stand for more than"):
        read_actors(written(tmp_path, "\n".join([*lines, "actors: []"])))


def test_code_in_a_yaml_file_is_not_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read as YAML"):
        read_actors(written(tmp_path, "actors: !!python/object/apply:os.system ['true']"))


def test_the_schema_is_published_and_names_every_field() -> None:
    told = json.dumps(json_schema())
    assert all(
        f'"{name}"' in told for name in ("class", "statements", "working_hours", "reliability", "expires")
    )


def bundle(place: Path, *objects: object) -> Path:
    return written(
        place, json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)}), "bundle.json"
    )


def test_a_bundle_gives_its_actors_and_the_networks_that_they_lead_to(tmp_path: Path) -> None:
    actor = {
        "type": "threat-actor", "id": "threat-actor--1", "name": "actor-x", "threat_actor_types": ["competitor"],
        "aliases": ["x"], "confidence": 70, "modified": "2026-09-01T00:00:00Z", "created_by_ref": "identity--1",
        "country": "XX", "primary_motivation": "dominance",
    }  # fmt: skip
    objects = (
        actor,
        {"type": "identity", "id": "identity--1", "name": "a partner"},
        {"type": "infrastructure", "id": "infrastructure--1"},
        {"type": "autonomous-system", "id": "autonomous-system--1", "number": 64500},
        {"type": "relationship", "id": "r--1", "source_ref": "threat-actor--1", "target_ref": "infrastructure--1", "relationship_type": "uses"},
        {"type": "relationship", "id": "r--2", "source_ref": "infrastructure--1", "target_ref": "autonomous-system--1", "relationship_type": "consists-of"},
        {"type": "indicator", "id": "indicator--1"},
    )  # fmt: skip
    imported = read_bundle(bundle(tmp_path, *objects))
    (found,) = imported.actors
    assert (found.name, found.actor_class, found.aliases) == ("actor-x", "commercial lab", ("x",))
    assert [(s.kind, dict(s.value), s.code, s.source, s.date) for s in found.statements] == [
        ("asn", {"asn": "64500"}, "F3", "STIX, by a partner", "2026-09-01")
    ]
    assert imported.left_out == {"objects of type indicator": 1}
    assert "XX" not in to_yaml(imported.actors, "")


def test_a_revoked_actor_is_left_out(tmp_path: Path) -> None:
    actor = {"type": "intrusion-set", "id": "intrusion-set--1", "name": "x", "revoked": True}
    assert read_bundle(bundle(tmp_path, actor)).actors == ()


@pytest.mark.parametrize(
    "thing",
    [None, 7, "text", [], {}, {"type": 1, "id": 2}, {"type": "threat-actor", "id": "t--1", "name": ["a"]},
     {"type": "threat-actor", "id": "t--1", "name": "n" * 5000}, {"type": "relationship", "id": "r", "source_ref": 1},
     {"type": "autonomous-system", "id": "a", "number": "1e999"}],
)  # fmt: skip
def test_an_object_of_any_other_making_does_no_harm(tmp_path: Path, thing: object) -> None:
    good = {
        "type": "threat-actor",
        "id": "threat-actor--2",
        "name": "good",
        "aliases": "no list",
        "confidence": True,
    }
    assert [a.name for a in read_bundle(bundle(tmp_path, thing, good)).actors] == ["good"]


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"type": "bundle"}', '{"type": "bundle", "objects": 3}', "{", "[" * 100_000]
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read_bundle(written(tmp_path, text, "bundle.json"))


def test_actors_that_lead_to_each_other_end(tmp_path: Path) -> None:
    objects = [{"type": "threat-actor", "id": f"threat-actor--{n}", "name": f"a{n}"} for n in range(2)]
    ring = [
        {"type": "relationship", "id": f"r--{n}", "source_ref": f"threat-actor--{n}", "target_ref": f"threat-actor--{1 - n}", "relationship_type": "uses"}
        for n in range(2)
    ]  # fmt: skip
    assert len(read_bundle(bundle(tmp_path, *objects, *ring)).actors) == 2


def test_the_published_schema_is_the_shape_that_files_are_checked_against() -> None:
    assert json.loads(schema_text()) == json_schema()


def test_the_example_fits_the_published_schema_and_what_is_no_profile_does_not() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    example = json.loads(json.dumps(tomllib.loads(EXAMPLE.read_text("utf-8")), default=str))
    jsonschema.validate(example, json.loads(schema_text()))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"actors": [{"name": 7}]}, json.loads(schema_text()))
