"""Profiles of actors on the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from stillwatch.cli.main import stillwatch
from stillwatch.cli.summary import print_findings
from stillwatch.model.finding import Attribution
from stillwatch.sources.actors.profiles import read_actors
from tests.cli.handmade import campaign, findings

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "actors" / "actors.toml")


def test_check_counts_statements_without_expiry_code_or_date(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "actors:\n- {name: a, class: lab, asns: [64500, 64501], card_bins: ['424242']}\n"
        "- {name: b, class: lab, asns: [64502], source: s, reliability: B2, date: 2026-01-01, expires: 2099-01-01}\n"
    )
    output = runner.invoke(stillwatch, ["actors", "check", str(tmp_path / "a.yaml")]).stdout
    assert "3 statements without day of expiry: they count for ever." in output
    assert "3 statements without judged code: they are taken as F6." in output
    assert "3 statements without date: nobody can tell how old they are." in output


def test_the_shipped_example_leaves_nothing_out(runner: CliRunner) -> None:
    assert "without" not in runner.invoke(stillwatch, ["actors", "check", EXAMPLE]).stdout


def test_check_counts_and_says_who_can_never_be_named(runner: CliRunner) -> None:
    output = runner.invoke(stillwatch, ["actors", "check", EXAMPLE]).stdout
    assert "3 actors, 12 statements" in output
    assert "actor-b: nothing in it is hard to fake" in output
    assert "actor-a: nothing" not in output


def test_check_ends_with_2_and_the_place_of_what_is_wrong(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("actors: [{name: a, asns: [minus]}]", "utf-8")
    result = runner.invoke(stillwatch, ["actors", "check", str(tmp_path / "a.yaml")])
    assert (result.exit_code, "$.actors[0].asns[0]" in result.stderr) == (2, True)


def test_the_schema_is_printed_as_json(runner: CliRunner) -> None:
    output = runner.invoke(stillwatch, ["actors", "check", "--schema"]).stdout
    assert "$defs" in json.loads(output)


def test_list_names_every_actor(runner: CliRunner) -> None:
    output = runner.invoke(stillwatch, ["actors", "list", EXAMPLE]).stdout
    assert all(name in output for name in ("actor-a", "actor-b", "actor-c", "commercial lab", "relay"))


def test_show_finds_an_actor_by_its_alias_and_tells_what_its_codes_mean(runner: CliRunner) -> None:
    output = runner.invoke(stillwatch, ["actors", "show", EXAMPLE, "Actor-Alpha"]).stdout
    assert "B2: source usually reliable, what it says probably true" in output
    assert "user_agent harvester/1.0" in output


def test_show_names_near_matches(runner: CliRunner) -> None:
    result = runner.invoke(stillwatch, ["actors", "show", EXAMPLE, "actor-z"])
    assert (result.exit_code, "actor-a" in result.stderr) == (2, True)


def test_import_makes_a_file_that_can_be_read_and_overwrites_none(runner: CliRunner, tmp_path: Path) -> None:
    bundle, out = tmp_path / "b.json", tmp_path / "actors.yaml"
    actor = {"type": "intrusion-set", "id": "intrusion-set--1", "name": "actor-x\x1b[31m"}
    bundle.write_text(json.dumps({"type": "bundle", "objects": [actor]}), "utf-8")
    again = [
        runner.invoke(stillwatch, ["actors", "import", str(bundle), "--out", str(out)]) for _ in range(2)
    ]
    assert [result.exit_code for result in again] == [0, 2]
    assert [a.name for a in read_actors(out).actors] == ["actor-x\x1b[31m"]
    shown = runner.invoke(stillwatch, ["actors", "list", str(out)]).stdout
    assert "\x1b" not in shown


def test_the_summary_of_a_scan_says_who_as_far_as_the_gates_let_it(capsys) -> None:
    lead = Attribution("actor-a\x1b[31m", "L2", 0.9, "moderate")
    told = replace(campaign(), attribution=(lead, Attribution("commercial lab", "L3a", 0.9, "moderate")))
    print_findings(findings(told), Path("findings"))
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "Who is behind UDC-2026-001: commercial lab (L3a, class of actor, no organisation: very likely)"
        in shown
    )
    assert "a name is a lead only: very likely" in shown
    assert "\x1b" not in shown
