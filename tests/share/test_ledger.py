"""What was shared is taken back whole, whatever the findings hold by then."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stillwatch.cli.sharing.back import Back, retracted
from stillwatch.errors import InputError, UsageError
from stillwatch.model.shared import Shared, Tlp
from stillwatch.share import ledger
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Found, Wish, prepare
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "shared.jsonl"


def shared(path: Path, found: Found, tier: int, tlp: Tlp = "red", only: tuple[str, ...] = ()) -> Shared:
    made = prepare(found, Wish(Policy(tier, tlp), secrets.PRODUCER, only=only), BLIND)
    ledger.note(path, made, BLIND)
    return made


def back(
    path: Path, found: Found, only: tuple[str, ...] = (), *, tier: int = 1, is_tier_named: bool = False
) -> Shared:
    wish = Wish(Policy(tier, "red"), secrets.PRODUCER, only=only, retraction="a mistake of ours")
    return retracted(found, wish, BLIND, Back(path, is_tier_named))


def objects(told: Shared) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(EXPORTS["stix"].render(told, BLIND))["objects"]
    return made


def versions(told: Shared) -> dict[str, str]:
    """What we made of a log ourselves and can revoke, with the time of its version; observables have none."""
    days = ("2026-03-29", "2026-03-30", "2026-04-02")
    return {o["id"]: o["modified"] for o in objects(told) if o.get("modified", "").startswith(days)}


def attributes(told: Shared) -> set[str]:
    events = json.loads(EXPORTS["misp"].render(told, BLIND))["response"]
    return {a["uuid"] for e in events for a in e["Event"]["Attribute"]}


def later(found: Found) -> Found:
    """The same findings some days on: numbered anew, one called otherwise, and traits gone."""
    first, _, third = found.campaigns
    return replace(
        found,
        made="2026-04-02T00:00:00Z",
        campaigns=(replace(third, campaign_id="UDC-2026-001", verdict="distillation", traits=third.traits[:2]),
                   replace(first, campaign_id="UDC-2026-007", verdict="coordinated", traits=(), attribution=(), techniques=())),
        members={"UDC-2026-001": found.members["UDC-2026-003"], "UDC-2026-007": found.members["UDC-2026-001"]},
    )  # fmt: skip


def test_a_retraction_covers_all_that_was_shared_of_all_tiers_numbers_and_verdicts(path: Path) -> None:
    found = secrets.found()
    told = [
        shared(path, found, 2),
        shared(path, found, 3, only=secrets.EVERYTHING),
        shared(path, later(found), 1),
    ]
    withdrawn = back(path, later(found))
    assert withdrawn.handling.tier == 3
    after = versions(withdrawn)
    for one in told:
        mine = {
            n for n in (f.reference for f in one.findings) if n in {f.reference for f in withdrawn.findings}
        }
        kept = replace(one, findings=tuple(f for f in one.findings if f.reference in mine))
        assert attributes(kept) <= attributes(withdrawn)
        before = versions(kept)
        assert before.keys() <= after.keys()
        assert all(before[name] < after[name] for name in before)
    assert all(o["revoked"] for o in objects(withdrawn) if o["type"] in ("campaign", "indicator", "report"))


def test_nothing_that_was_never_shared_is_told_by_taking_it_back(path: Path) -> None:
    told = shared(path, secrets.found(), 1, only=("UDC-2026-001",))
    withdrawn = back(path, secrets.found())
    assert [f.name for f in withdrawn.findings] == ["UDC-2026-001"]
    assert {i.reference for i in withdrawn.findings[0].indicators} == {
        i.reference for i in told.findings[0].indicators
    }


def test_a_finding_that_no_scan_finds_any_more_is_taken_back_by_its_number(path: Path) -> None:
    told = shared(path, secrets.found(), 2)
    gone = replace(secrets.found(), campaigns=())
    withdrawn = back(path, gone, ("UDC-2026-002",))
    assert attributes(replace(told, findings=told.findings[1:])) == attributes(withdrawn) != set()


@pytest.mark.parametrize("only", [(), ("UDC-2026-001",), ("UDC-2026-999",)])
def test_what_the_ledger_does_not_know_is_not_taken_back_in_part(path: Path, only: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="what to take back is not known"):
        back(path, secrets.found(), only)


def test_a_tier_takes_back_what_was_shared_before_there_was_a_ledger(path: Path) -> None:
    old = prepare(secrets.found(), Wish(Policy(2, "red"), secrets.PRODUCER), BLIND)
    assert versions(old).keys() <= versions(back(path, secrets.found(), tier=2, is_tier_named=True)).keys()


def test_the_ledger_holds_each_version_once_and_is_for_its_owner_alone(path: Path) -> None:
    for _ in range(2):
        shared(path, secrets.found(), 2)
    assert len(path.read_bytes().splitlines()) == 2
    assert path.stat().st_mode & 0o077 == 0
    assert not [w for words in secrets.WORDS.values() for w in words if w.encode() in path.read_bytes()]


def test_a_retraction_is_marked_no_more_openly_than_what_it_tells_again(path: Path) -> None:
    shared(path, secrets.found(), 1, "green")
    shared(path, secrets.found(), 2, "red")
    wish = Wish(Policy(), secrets.PRODUCER, retraction="a mistake of ours")
    assert retracted(secrets.found(), wish, BLIND, Back(path, is_tier_named=False)).handling.tlp == "red"


def test_those_who_were_told_openly_are_told_of_the_retraction_and_of_nothing_else(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shared(path, secrets.found(), 1, "green")
    shared(path, secrets.found(), 2, "red")
    wish = Wish(Policy(1, "green"), secrets.PRODUCER, retraction="a mistake of ours")
    withdrawn = retracted(secrets.found(), wish, BLIND, Back(path, is_tier_named=False, is_tlp_named=True))
    assert (withdrawn.handling.tlp, attributes(withdrawn)) == ("green", attributes(told))
    assert "shared as TLP:RED, too" in capsys.readouterr().err


def test_another_house_and_another_name_have_shared_nothing(path: Path) -> None:
    shared(path, secrets.found(), 2)
    assert ledger.lines(path, "somebody else", BLIND) == ()


def test_a_ledger_that_cannot_be_read_stops_what_would_be_shared(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("torn")
    with pytest.raises(InputError, match="ledger"):
        shared(path, secrets.found(), 1)
