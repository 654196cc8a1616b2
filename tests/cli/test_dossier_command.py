"""`stillwatch dossier` and `stillwatch verify`, as a person calls them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from stillwatch.attribute.scanned import signed
from stillwatch.casebook.door import kept
from stillwatch.cli.main import stillwatch
from stillwatch.model.finding import Attribution
from tests.casebook.made import Group, accounts, findings

ID = "UDC-2026-001"
USUAL = {
    "dossier.html",
    "dossier.json",
    "dossier.md",
    "dossier.zip",
    "one-page.html",
    "proposals.csv",
    "proposals.json",
}


def made(runner: CliRunner, folder: Path, *more: str) -> Path:
    out = folder.parent / "out"
    result = runner.invoke(stillwatch, ["dossier", str(folder), "--out", str(out), *more])
    assert result.exit_code == 0, result.stderr
    return out / ID


def test_a_dossier_is_written_into_a_folder_of_its_own(runner: CliRunner, folder: Path) -> None:
    assert {path.name for path in made(runner, folder).iterdir()} == USUAL


def test_a_dossier_is_confirmed_and_a_touched_one_is_named(runner: CliRunner, folder: Path) -> None:
    path = made(runner, folder) / "dossier.zip"
    untouched = runner.invoke(stillwatch, ["verify", str(path)])
    with zipfile.ZipFile(path) as held:
        files = {name: held.read(name) for name in held.namelist()}
    with zipfile.ZipFile(path, "w") as written:
        for name, content in (files | {"dossier.md": b"all is well"}).items():
            written.writestr(name, content)
    touched = runner.invoke(stillwatch, ["verify", str(path)])
    assert (untouched.exit_code, "nothing was altered" in untouched.stdout) == (0, True)
    assert (touched.exit_code, "altered: dossier.md" in touched.stdout) == (1, True)


def test_the_digest_of_the_whole_file_is_printed_when_it_is_made_and_when_it_is_checked(
    runner: CliRunner, folder: Path
) -> None:
    out = folder.parent / "out"
    told = runner.invoke(stillwatch, ["dossier", str(folder), "--out", str(out)]).stdout
    path = out / ID / "dossier.zip"
    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    assert whole in told
    assert whole in runner.invoke(stillwatch, ["verify", str(path)]).stdout


def test_what_stays_unchecked_is_named_in_place_of_a_confirmation(runner: CliRunner, folder: Path) -> None:
    path = made(runner, folder) / "dossier.zip"
    with zipfile.ZipFile(path) as held:
        files = {name: held.read(name) for name in held.namelist()}
    files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | {"python": "2.7"}).encode()
    with zipfile.ZipFile(path, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    told = runner.invoke(stillwatch, ["verify", str(path)])
    assert (told.exit_code, "nothing was altered" in told.stdout) == (0, False)
    assert "not checked: what made it" in told.stdout


def test_checks_are_told_to_programs(runner: CliRunner, folder: Path) -> None:
    path = made(runner, folder) / "dossier.zip"
    found = json.loads(runner.invoke(stillwatch, ["verify", str(path), "--json"]).stdout)
    assert {check["outcome"] for check in found} == {"same"}


def test_what_people_record_stands_in_the_dossier(runner: CliRunner, folder: Path) -> None:
    words = ["--reviewed-by", "Reviewer One", "--dissent", "Too few accounts", "--contact", "desk@example"]
    text = (made(runner, folder, *words) / "dossier.html").read_text()
    assert not [word for word in ("Reviewer One", "Too few accounts", "desk[@]example") if word not in text]
    assert "<b>Draft.</b>" not in text


def test_a_second_dossier_takes_the_place_of_the_first(runner: CliRunner, folder: Path) -> None:
    made(runner, folder)
    assert {path.name for path in made(runner, folder, "--formats", "md").iterdir()} == {
        "dossier.md",
        "proposals.csv",
        "proposals.json",
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--campaign", "UDC-2026-999"], "It holds UDC-2026-001"),
        (["--formats", "docx"], "Known are html"),
        (["--formats", ""], "names nothing"),
        (["--models", "MODELS"], "Name it with --log"),
    ],
)
def test_what_cannot_be_done_is_said(
    runner: CliRunner, folder: Path, arguments: list[str], told: str
) -> None:
    (folder.parent / "MODELS").write_text("")
    arguments = [str(folder.parent / "MODELS") if word == "MODELS" else word for word in arguments]
    result = runner.invoke(
        stillwatch, ["dossier", str(folder), "--out", str(folder.parent / "o"), *arguments]
    )
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_a_finding_whose_name_is_a_path_is_refused(runner: CliRunner, folder: Path) -> None:
    document = json.loads((folder / "findings.json").read_text())
    document["campaigns"][0]["campaign_id"] = "../../elsewhere"
    (folder / "findings.json").write_text(json.dumps(document))
    result = runner.invoke(stillwatch, ["dossier", str(folder), "--out", str(folder.parent / "o")])
    assert (result.exit_code, "which no scan writes" in result.stderr) == (2, True)


def test_a_folder_of_an_older_version_is_refused(runner: CliRunner, folder: Path) -> None:
    document = json.loads((folder / "findings.json").read_text())
    del document["told"]
    (folder / "findings.json").write_text(json.dumps(document))
    result = runner.invoke(stillwatch, ["dossier", str(folder), "--out", str(folder.parent / "o")])
    assert (result.exit_code, "Scan again" in result.stderr) == (2, True)


def test_a_bundle_for_others_goes_into_the_pack_and_is_named_by_its_digest(
    runner: CliRunner, folder: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps({"type": "bundle", "objects": [{"type": "campaign", "name": ID}]}))
    out = made(runner, folder, "--bundle", str(bundle))
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    assert all(digest in (out / name).read_text() for name in ("dossier.html", "dossier.md"))
    with zipfile.ZipFile(out / "dossier.zip") as held:
        assert held.read("bundle.json") == bundle.read_bytes()
    assert runner.invoke(stillwatch, ["verify", str(out / "dossier.zip")]).exit_code == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no JSON", "is no JSON"),
        ('{"type": "report"}', "is no STIX bundle"),
        (
            '{"type": "bundle", "objects": [{"name": ["UDC-2026-001"]}, 7]}',
            "holds no object named UDC-2026-001",
        ),
    ],
)
def test_what_is_no_bundle_of_the_finding_is_refused(
    runner: CliRunner, folder: Path, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "bundle.json").write_text(content)
    words = ["dossier", str(folder), "--out", str(tmp_path / "o"), "--bundle", str(tmp_path / "bundle.json")]
    result = runner.invoke(stillwatch, words)
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_what_is_no_dossier_ends_with_2(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    assert runner.invoke(stillwatch, ["verify", str(tmp_path / "x.zip")]).exit_code == 2


@pytest.mark.slow
def test_a_scanned_world_is_told_with_its_log_and_verified_by_another_scan(
    runner: CliRunner, tmp_path: Path
) -> None:
    world, found, out = tmp_path / "world", tmp_path / "found", tmp_path / "out"
    for words in (
        ["simulate", str(world), "--world", "mixed", "--seed", "7", "--exchanges", "30000", "--quiet"],
        ["scan", str(world), "--out", str(found), "--quiet"],
        ["dossier", str(found), "--out", str(out), "--campaign", ID, "--log", str(world)],
        ["verify", str(out / ID / "dossier.zip"), "--log", str(world)],
    ):
        result = runner.invoke(stillwatch, words)
        assert result.exit_code == 0, (words, result.stderr)
    assert "exchanges, scanned again" in result.stdout
    log = json.loads((out / ID / "dossier.json").read_text())["from_log"]
    assert log["found"] == log["wanted"] > 0
    assert log["examples"]
    assert log["releases"]


@pytest.mark.slow
def test_an_attribution_is_repeated_with_the_actors_file_and_another_file_is_found_out(
    runner: CliRunner, tmp_path: Path
) -> None:
    world, found, out = tmp_path / "world", tmp_path / "found", tmp_path / "out"
    actors, other = tmp_path / "world.prior" / "actors.json", tmp_path / "other.json"
    for words in (
        ["simulate", str(world), "--world", "easy", "--seed", "21", "--exchanges", "40000", "--quiet"],
        ["scan", str(world), "--out", str(found), "--actors", str(actors), "--quiet"],
        ["dossier", str(found), "--out", str(out), "--log", str(world)],
    ):
        result = runner.invoke(stillwatch, words)
        assert result.exit_code == 0, (words, result.stderr)
    told = json.loads(actors.read_text("utf-8"))
    told["actors"][0] |= {"staff_domains": ["elsewhere.example"], "payment_fingerprints": []}
    other.write_text(json.dumps(told))
    (name,) = (
        c["campaign_id"]
        for c in json.loads((found / "findings.json").read_text())["campaigns"]
        if any(a["actor"] == told["actors"][0]["name"] for a in c["attribution"])
    )
    outcomes = {}
    for file in (None, actors, other):
        words = ["verify", str(out / name / "dossier.zip"), "--log", str(world), "--json"]
        result = runner.invoke(stillwatch, [*words, *(["--actors", str(file)] if file else [])])
        checks = {check["name"]: check["outcome"] for check in json.loads(result.stdout)}
        assert checks["attribution, by its own tables"] == "same"
        outcomes[file] = (result.exit_code, checks.get("actors' file"), checks["attribution, scanned again"])
    assert outcomes == {
        None: (0, None, "not checked"),
        actors: (0, "same", "same"),
        other: (1, "altered", "altered"),
    }


@pytest.fixture
def casebook(tmp_path: Path) -> Path:
    named = (Attribution("actor-a", "L3a", 0.6, "low"),)
    with kept(findings(Group(accounts("a", 0, 40), attribution=named)), tmp_path / "book.db", signed):
        pass
    return tmp_path / "book.db"


def test_the_record_is_what_people_wrote_into_the_casebook(
    runner: CliRunner, folder: Path, casebook: Path
) -> None:
    def case(*words: str) -> None:
        done = runner.invoke(stillwatch, ["case", *words], env={"STILLWATCH_CASEBOOK": str(casebook)})
        assert done.exit_code == 0, done.stderr

    case("decide", ID, "confirmed", "--by", "ana", "--reason", "seen before")
    for name, opinion in (("ben", "--agree"), ("eve", "--disagree")):
        case("review", ID, "--decision", "2", opinion, "--by", name, "--reason", f"{name} read it")
    where = made(
        runner, folder, "--casebook", str(casebook), "--reviewed-by", "Zoe", "--formats", "json,zip,md"
    )
    record = json.loads(zipfile.ZipFile(where / "dossier.zip").read("record.json"))
    assert record["reviewers"] == ["ben", "Zoe"]
    assert record["dissent"] == ["eve disagrees with decision 2: eve read it"]
    assert record["changes"][0].startswith("Scan 1, log to ")
    assert "confirmed by ana, agreed to by ben" in record["changes"][1]
    assert "eve disagrees with decision 2" in (where / "dossier.md").read_text()


def test_a_campaign_that_the_casebook_does_not_hold_is_refused(
    runner: CliRunner, folder: Path, tmp_path: Path
) -> None:
    with kept(findings(), tmp_path / "other.db", signed):
        pass
    words = ["dossier", str(folder), "--out", str(tmp_path / "out"), "--casebook", str(tmp_path / "other.db")]
    refused = runner.invoke(stillwatch, words)
    assert (refused.exit_code, ID in refused.stderr) == (2, True)


def test_who_agrees_to_a_name_or_clears_it_has_not_reviewed_the_dossier(
    runner: CliRunner, folder: Path, casebook: Path
) -> None:
    def case(*words: str) -> None:
        done = runner.invoke(stillwatch, ["case", *words], env={"STILLWATCH_CASEBOOK": str(casebook)})
        assert done.exit_code == 0, done.stderr

    def record(*words: str) -> dict[str, list[str]]:
        where = made(runner, folder, "--casebook", str(casebook), "--formats", "zip", *words)
        told: dict[str, list[str]] = json.loads(zipfile.ZipFile(where / "dossier.zip").read("record.json"))
        return told

    case("decide", ID, "cleared", "--by", "ana", "--reason", "a class")
    case("review", ID, "--decision", "2", "--agree", "--by", "ben", "--reason", "read")
    assert record()["reviewers"] == []
    case("decide", ID, "confirmed", "--by", "ana", "--reason", "no class")
    case("review", ID, "--decision", "4", "--agree", "--by", "Ben Or", "--reason", "read")
    case("review", ID, "--actor", "actor-a", "--agree", "--by", "eve", "--reason", "read")
    assert record("--reviewed-by", "ben  or")["reviewers"] == ["Ben Or"]
    assert record()["namers"] == ["eve"]


@pytest.mark.parametrize("inside", [".", "dossiers"])
def test_nothing_that_should_last_is_written_into_findings(
    runner: CliRunner, folder: Path, casebook: Path, inside: str
) -> None:
    dossier = runner.invoke(stillwatch, ["dossier", str(folder), "--out", str(folder / inside)])
    words = ["case", "export", "--casebook", str(casebook), "--out", str(folder / inside / "x.json")]
    for result in (dossier, runner.invoke(stillwatch, words)):
        assert (result.exit_code, "replaces that folder" in result.stderr) == (2, True)
