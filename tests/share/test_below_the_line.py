"""Two simulated providers see two parts of one campaign, both below the line: told of each other's, both find it, and nothing else is learnt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.scan import scan
from stillwatch.simulate.halves import half
from stillwatch.simulate.worlds import build
from tests.share.test_two_providers import accounts_of, keys, run

PROVIDERS = ("alpha", "beta")
SEED = 716
FEWEST_CARDS = 16


def others(name: str) -> str:
    return PROVIDERS[1 - PROVIDERS.index(name)]


def scanned(folder: Path, name: str, when: str) -> None:
    words = ("--casebook", str(folder / f"{name}.db"), "--circle-key-file", str(folder / "circle.key"))
    run("scan", str(folder / name), "--out", str(folder / f"{name}-{when}"), "--quiet", *words)


def told(folder: Path, name: str, when: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}-{when}" / "findings.json").read_text())
    return found


def harvests(folder: Path, name: str, when: str) -> dict[str, frozenset[str]]:
    """The true campaigns that a provider finds, with the accounts."""
    called = {
        c["campaign_id"] for c in told(folder, name, when)["campaigns"] if c["verdict"] == "distillation"
    }
    truth = pq.read_table(folder / "world.truth" / "accounts.parquet")
    mine = dict(zip(truth["account_id"].to_pylist(), truth["campaign"].to_pylist(), strict=True))
    accounts = pq.read_table(folder / f"{name}-{when}" / "accounts.parquet").to_pylist()
    found: dict[str, set[str]] = {}
    for row in accounts:
        if row["campaign_id"] in called:
            found.setdefault(mine[row["account_id"]] or "nobody", set()).add(row["account_id"])
    return {campaign: frozenset(members) for campaign, members in found.items()}


def shared(folder: Path, name: str, to: str, *words: str) -> None:
    """What the first scan found, leads too, told to the other provider, who keeps it."""
    named = [i for c in told(folder, name, "before")["campaigns"] for i in ("--finding", c["campaign_id"])]
    out = folder / "sent" / to
    made = ("--as", "stix", "--producer", name, "--out", str(out), *words)
    run("share", str(folder / f"{name}-before"), *named, *made, *keys(folder, name))
    book = ("--casebook", str(folder / f"{others(name)}.db"), "--producer", others(name))
    run("share", "read", f"{name}={out}", *book, *keys(folder, others(name)))


def cards(folder: Path, name: str) -> set[str]:
    """Cards of the accounts in findings and leads."""
    inside = pq.read_table(folder / f"{name}-before" / "accounts.parquet")
    inside = inside.filter(pc.is_valid(inside["campaign_id"]))["account_id"].combine_chunks()
    table = pq.read_table(folder / name / "accounts.parquet")
    return set(table.filter(pc.is_in(table["account_id"], inside))["payment_fingerprint"].to_pylist()) - {
        None
    }


def compared(folder: Path, name: str) -> None:
    """The cards of findings and leads of one provider beside those of the other: the size first."""
    other = others(name)
    for who in PROVIDERS:
        (folder / f"{who}.cards").write_text("\n".join(sorted(cards(folder, who))))
    sent = folder / "sent"
    for extra in ((), ("--values",)):
        offer, answer = (str(sent / f"{name}-{word}{len(extra)}") for word in ("offer", "answer"))
        state = str(folder / f"{name}.state")
        mine = ("--audit", str(folder / f"{name}.jsonl"), "--peer", other)
        theirs = ("--audit", str(folder / f"{other}.jsonl"), "--peer", name)
        held = (str(folder / f"{name}.cards"), "--kind", "payment", "--state", state)
        run("psi", "offer", *held, "--out", offer, *extra, *mine)
        run("psi", "answer", offer, str(folder / f"{other}.cards"), "--out", answer, *extra, *theirs)
        keep = (
            ("--out", str(folder / f"{name}.both"), "--casebook", str(folder / f"{name}.db")) if extra else ()
        )
        run("psi", "reveal", state, answer, *keep, *mine)


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("private_set_intersection.python")
    folder = tmp_path_factory.mktemp("below")
    build("small", seed=SEED, exchanges=60_000, out=folder / "world")
    (folder / "circle.key").write_text("the key of a circle of two")
    (folder / "sent").mkdir()
    for which, name in enumerate(PROVIDERS):
        half(folder / "world", folder / name, which=which)
        (folder / f"{name}.key").write_text(f"the key of the house of {name}")
        scan(folder / name, out=folder / f"{name}-alone")
        scanned(folder, name, "before")
    for name in PROVIDERS:
        shared(folder, name, f"{name}.json")
        compared(folder, name)
    for name in PROVIDERS:
        scanned(folder, name, "after")
    for name in PROVIDERS:
        shared(folder, name, f"{name}-back.json", "--retract", "a mistake of ours")
    for name in PROVIDERS:
        scanned(folder, name, "back")
    return folder


def test_what_neither_finds_alone_both_find_with_what_the_other_told(providers: Path) -> None:
    alone, after = ([harvests(providers, name, when) for name in PROVIDERS] for when in ("alone", "after"))
    gained = (after[0].keys() & after[1].keys()) - alone[0].keys() - alone[1].keys()
    assert gained
    assert "nobody" not in after[0].keys() | after[1].keys()
    assert all(set(before) <= set(later) for before, later in zip(alone, after, strict=True))


def test_before_anybody_told_anything_the_same_is_called_distillation(providers: Path) -> None:
    for name in PROVIDERS:
        assert harvests(providers, name, "alone") == harvests(providers, name, "before")


def test_findings_say_what_of_them_rests_on_sightings(providers: Path) -> None:
    for name in PROVIDERS:
        found = told(providers, name, "after")
        needed = {c["campaign_id"] for c in found["corroborated"] if c["is_needed"]}
        called = {c["campaign_id"] for c in found["campaigns"] if c["verdict"] == "distillation"}
        assert needed & called
        evidence = pq.read_table(providers / f"{name}-after" / "evidence.parquet").to_pylist()
        said = {row["campaign_id"]: row["text"] for row in evidence if row["signal"] == "sightings"}
        assert all("Without it the group is not called" in said[campaign] for campaign in needed)


def test_what_is_told_on_is_what_own_evidence_says(providers: Path) -> None:
    for name in PROVIDERS:
        found, out = told(providers, name, "after"), providers / f"{name}-on.json"
        needed = {c["campaign_id"] for c in found["corroborated"] if c["is_needed"]}
        named = [i for campaign in sorted(needed) for i in ("--finding", campaign)]
        run(
            "share",
            str(providers / f"{name}-after"),
            *named,
            "--as",
            "stix",
            "--out",
            str(out),
            *keys(providers, name),
        )
        assert not [o for o in json.loads(out.read_text())["objects"] if o["type"] == "campaign"]


def test_what_is_taken_back_is_weighed_no_more_and_the_next_scan_says_so(providers: Path) -> None:
    for name in PROVIDERS:
        assert harvests(providers, name, "back") == harvests(providers, name, "alone")
        assert [note for note in told(providers, name, "back")["run"]["notes"] if "was taken back" in note]
        assert "corroborated" not in told(providers, name, "back")


def test_the_casebook_lists_what_was_told_and_what_counts(providers: Path) -> None:
    shown = run("case", "sightings", "--casebook", str(providers / "beta.db"))
    assert "alpha" in shown
    assert "AMBER+STRICT" in shown
    run("case", "verify", "--casebook", str(providers / "beta.db"))


def written(folder: Path, name: str) -> Iterator[bytes]:
    """Every byte that was sent, and every byte that a provider wrote from what came; its own log is its own."""
    for path in (folder / "sent").iterdir():
        if not path.name.startswith(name):
            yield path.read_bytes()
    for path in folder.glob(f"{name}*"):
        if path.is_file():
            yield path.read_bytes()
    for path in folder.glob(f"{name}-*/*"):
        yield path.read_bytes()
        if path.suffix == ".parquet":
            yield repr(pq.read_table(path).to_pydict()).encode()


def test_no_account_or_card_of_the_other_is_in_any_byte_that_a_provider_has(providers: Path) -> None:
    for name in PROVIDERS:
        theirs = accounts_of(providers / others(name)) - accounts_of(providers / name)
        known = {
            c
            for c in pq.read_table(providers / name / "accounts.parquet")["payment_fingerprint"].to_pylist()
            if c
        }
        table = pq.read_table(providers / others(name) / "accounts.parquet")["payment_fingerprint"]
        theirs |= {c for c in table.to_pylist() if c} - known
        assert len(theirs) > 1000
        for content in written(providers, name):
            text = content.decode("latin-1")
            assert not [secret for secret in theirs if secret in text]
