"""From an assay against a real server into the casebook, the dossier and `verify`, as people call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stillwatch.attribute.scanned import signed
from stillwatch.casebook.door import kept
from stillwatch.cli.main import stillwatch
from stillwatch.mark.keys import draw
from tests.assay.endpoint import serving
from tests.casebook.made import Group, accounts, findings

ID = "UDC-2026-001"


def call(*words: object, status: int = 0) -> Result:
    done = CliRunner().invoke(stillwatch, [str(word) for word in words])
    assert done.exit_code == status, done.output
    return done


@pytest.fixture
def book(tmp_path: Path) -> Path:
    with kept(findings(Group(accounts("a", 0, 40))), tmp_path / "book.db", signed):
        pass
    return tmp_path / "book.db"


@pytest.fixture
def assay(tmp_path: Path) -> list[str]:
    """The folder of an assay that was asked of a real server, and the keys that its plan binds."""
    probes = [{"probe_id": f"f{i}", "kind": "free", "prompt": f"f{i} is"} for i in range(3)]
    probes += [
        {"probe_id": f"{s}-{i}", "kind": "trigger", "prompt": f"{s} {i}", "alternatives": ["blue", "red"], "account_set": s}
        for s in (ID, "nobody")
        for i in range(2)
    ]  # fmt: skip
    (tmp_path / "probes.jsonl").write_text("".join(json.dumps(p) + "\n" for p in probes))
    draw([ID, "nobody"], tmp_path / "keys.json")
    keys = [f"--key={ID}=marks:{tmp_path / 'keys.json'}", f"--unserved-key=nobody=marks:{tmp_path / 'keys.json'}"]  # fmt: skip
    folder = tmp_path / "assay"
    with serving() as server:
        models = [f"--{role}={role}={server.url},style=completions" for role in ("suspect", "teacher", "positive", "own-text", "twin", "sibling")]  # fmt: skip
        call("assay", "plan", "--probes", tmp_path / "probes.jsonl", *models, *keys, "--tests", "T3,T4", "--out", folder, "--quiet")  # fmt: skip
        call("assay", "run", folder, "--per-second", 2000, "--quiet")
    return [str(folder), *keys]


def test_an_assay_goes_into_the_casebook_and_the_dossier_and_is_verified(
    assay: list[str], book: Path, folder: Path, tmp_path: Path
) -> None:
    recorded = call("case", "assay", ID, *assay, "--casebook", book, "--by", "ana", "--reason", "answers as ours")  # fmt: skip
    assert recorded.output.startswith("Assay 2 is kept: uncalibrated.")
    review = ("case", "review", ID, "--assay", 2, "--agree", "--reason", "so it is", "--casebook", book)
    assert "Somebody else" in call(*review, "--by", "Ana", status=2).output
    call(*review, "--by", "ben")
    assert "assay 2 of suspect: uncalibrated, by ana" in call("case", "show", ID, "--casebook", book).output
    assert "nothing was changed" in call("case", "verify", "--casebook", book).output
    call("case", "export", ID, "--out", tmp_path / "cases.json", "--casebook", book)
    exported = json.loads((tmp_path / "cases.json").read_text())["cases"][0]["assays"]
    assert [(a["entry"], a["agreed"], a["report"]["word"]) for a in exported] == [
        (2, ["ben"], "uncalibrated")
    ]
    call("dossier", folder, "--out", tmp_path / "out", "--casebook", book, "--quiet")
    told = json.loads((tmp_path / "out" / ID / "dossier.json").read_text())
    assert (told["assays"][0]["word"], told["assays"][0]["counts"]) == ("uncalibrated", False)
    assert "Assay 2, " in told["record"]["changes"][-1]
    secret = json.loads((tmp_path / "keys.json").read_text())[ID]
    everything = (tmp_path / "out" / ID / "dossier.zip").read_bytes() + json.dumps(told).encode()
    assert not [key for key in secret.values() if key.encode() in everything]

    pack = tmp_path / "out" / ID / "dossier.zip"
    alone = call("verify", pack, "--json")
    again = call("verify", pack, "--json", "--assay", *assay)
    outcomes = [
        {c["name"]: c["outcome"] for c in json.loads(r.output) if c["name"].startswith("assay")}
        for r in (alone, again)
    ]
    assert [o["assay A1, made again"] for o in outcomes] == ["not checked", "same"]


def test_a_review_is_of_one_thing(book: Path) -> None:
    words = ("case", "review", ID, "--assay", 2, "--decision", 2, "--agree", "--reason", "x", "--by", "a")
    assert "one of --decision" in call(*words, "--casebook", book, status=2).output
    assert "has no assay 9" in call(
        "case", "review", ID, "--assay", 9, "--agree", "--reason", "x", "--by", "a", "--casebook", book, status=2
    ).output  # fmt: skip
