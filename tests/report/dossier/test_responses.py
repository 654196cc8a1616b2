"""Proposals: what they cost, whom they spare, and that they stay proposals."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pyarrow as pa
import pytest

from stillwatch.model.dossier import Explanation
from stillwatch.model.finding import Campaign, Distillation, Findings
from stillwatch.model.pack import AGREEMENT, ORGANISATION, PACK_MEMBER, UNDECLARED, Block, FromLog, Pack
from stillwatch.report.dossier.telling import whole

MEMBERS = (
    ("agreed", 0.99, AGREEMENT, 100, 99.0),
    ("company", 0.99, ORGANISATION, 100, 99.0),
    ("relay", 0.99, UNDECLARED, 100, 20.0),
    ("loose", 0.60, UNDECLARED, 10, 9.0),
    ("likely", 0.90, UNDECLARED, 10, 9.0),
    ("firm-1", 0.99, UNDECLARED, 100, 98.0),
    ("firm-2", 0.98, UNDECLARED, 100, 97.0),
)


@pytest.fixture
def campaign_pack(
    make_findings: Callable[..., Findings], make_campaign: Callable[..., Campaign], take: Callable[..., Pack]
) -> Callable[..., Pack]:
    """A pack with members of every class."""

    def made(verdict: str = "distillation", **changes: Any) -> Pack:
        number = {"distillation": 1, "relay": 2, "coordinated": 3}[verdict]
        campaign = replace(make_campaign(number, verdict, 7), lookalikes=(), **changes)
        rows = [
            dict(zip(PACK_MEMBER.names, (name, p, "campaign", standing, n, belonging), strict=True))
            for name, p, standing, n, belonging in MEMBERS
        ]
        log = FromLog(620, 620, (), (), (), (), (), is_unmasked=False)
        pack = take(make_findings(campaign))
        return replace(pack, members=pa.Table.from_pylist(rows, PACK_MEMBER), log=log)

    return made


def proposals(pack: Pack) -> dict[str, Any]:
    return {c.proposal.action: c for c in whole(pack).chosen}


def touched(pack: Pack, action: str) -> set[str]:
    told = whole(pack)
    mask = next(c.mask for c in told.chosen if c.proposal.action == action)
    return {name for name, is_in in zip(told.members.account_ids, mask, strict=True) if is_in}


def test_holders_of_an_agreement_are_only_ever_looked_at(campaign_pack: Callable[..., Pack]) -> None:
    pack = campaign_pack()
    assert [action for action in proposals(pack) if "agreed" in touched(pack, action)] == ["review"]


def test_only_firm_members_with_nothing_on_file_are_restricted(campaign_pack: Callable[..., Pack]) -> None:
    pack = campaign_pack()
    assert touched(pack, "restrict") == touched(pack, "sweep") == {"firm-1", "firm-2"}
    assert proposals(pack)["restrict"].proposal.is_proposed


@pytest.mark.parametrize("action", ["throttle", "restrict", "sweep", "canary"])
@pytest.mark.parametrize("verdict", ["relay", "coordinated"])
def test_what_is_no_distillation_is_not_restricted(
    campaign_pack: Callable[..., Pack], verdict: str, action: str
) -> None:
    assert not proposals(campaign_pack(verdict))[action].proposal.is_proposed


def test_a_coordinated_group_is_looked_at_and_nothing_else(campaign_pack: Callable[..., Pack]) -> None:
    found = proposals(campaign_pack("coordinated"))
    assert [action for action, c in found.items() if c.proposal.is_proposed] == ["review"]
    assert found["review"].proposal.accounts == len(MEMBERS)


def test_an_innocent_explanation_that_fits_stands_before_a_restriction(
    campaign_pack: Callable[..., Pack],
) -> None:
    pack = campaign_pack()
    fits = Explanation("Class or hackathon", is_consistent=True, reason="measured so")
    found = proposals(replace(pack, told=replace(pack.told, lookalikes=(fits,))))
    assert [a for a in ("restrict", "sweep", "canary") if found[a].proposal.is_proposed] == []
    assert "still fits" in found["restrict"].proposal.why


def test_a_claim_that_is_less_sure_is_no_ground_for_a_restriction(
    campaign_pack: Callable[..., Pack],
) -> None:
    found = proposals(campaign_pack(distillation=Distillation(0.90, 2.0)))
    assert not found["restrict"].proposal.is_proposed
    assert found["verify"].proposal.is_proposed


def test_the_price_of_an_action_is_what_its_accounts_add_up_to(campaign_pack: Callable[..., Pack]) -> None:
    sweep = proposals(campaign_pack())["sweep"].proposal
    assert (sweep.accounts, round(sweep.expected_innocent, 6), sweep.other_exchanges) == (2, 0.03, 5.0)


def test_every_member_is_in_one_class(campaign_pack: Callable[..., Pack]) -> None:
    assert sum(c.accounts for c in whole(campaign_pack()).options.classes) == len(MEMBERS)


def test_proposals_expire_counted_from_the_end_of_the_log(campaign_pack: Callable[..., Pack]) -> None:
    assert proposals(campaign_pack())["sweep"].proposal.expires == "2026-10-01"


def test_every_exported_row_says_that_a_person_decides(
    campaign_pack: Callable[..., Pack], tell: Callable[..., dict[str, bytes]]
) -> None:
    told = tell(campaign_pack(), "zip")
    rows = list(csv.DictReader(StringIO(told["proposals.csv"].decode())))
    assert {row["status"] for row in rows} == {"proposed: a person decides"}
    assert {row["simulated"] for row in rows} == {"yes"}
    document = json.loads(told["proposals.json"])
    assert document["displacement_check"]["from_hours"] == 24
    assert sum(len(p["accounts"]) for p in document["proposals"]) == len(rows)


def test_a_campaign_without_members_has_nothing_to_propose(campaign_pack: Callable[..., Pack]) -> None:
    pack = replace(campaign_pack(), members=PACK_MEMBER.empty_table())
    assert not [c for c in whole(pack).chosen if c.proposal.is_proposed]


def test_what_blocks_did_before_is_what_is_expected_of_them(campaign_pack: Callable[..., Pack]) -> None:
    quiet = campaign_pack(techniques=("SWT-H01",))
    moving = campaign_pack(techniques=("SWT-V07",))
    assert quiet.log is not None
    blocked = replace(quiet, log=replace(quiet.log, blocks=(Block(dt.date(2026, 9, 12), 40),)))
    told = [whole(pack).options.displacement.expected for pack in (quiet, moving, blocked)]
    assert [
        "Nothing is known" in told[0],
        "churn was seen" in told[1],
        "of the members' volume went on" in told[2],
    ] == [True] * 3
