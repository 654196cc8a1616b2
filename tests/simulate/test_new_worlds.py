"""Each world holds what its line in the catalogue says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from stillwatch.simulate.assumptions.plans import WORLD_PLANS
from stillwatch.simulate.assumptions.populations import POPULATIONS

World = Callable[[str], Any]
PLAIN = (
    "clean",
    "easy",
    "mixed",
    "hard",
    "lowbase",
    "no-content",
    "no-network",
    "dirty",
    "headline",
    "million",
)
NEW = [name for name in WORLD_PLANS if name not in PLAIN]
QUIET = [name for name in NEW if not any(plan.extracts for plan in WORLD_PLANS[name].plans)]
RUNGS = {
    "relay-only": "relay",
    "coordinated-only": "coordinated",
    "authorised-only": "authorised",
}


def _told(made: Any) -> dict[str, Any]:
    return json.loads((made.truth_folder / "campaigns.json").read_text())


def _beside_truth(made: Any) -> pa.Table:
    """The log with role, campaign and extraction of each row; both are in one order."""
    log, truth = made.table("exchanges"), made.truth("exchanges")
    for column in ("role", "campaign", "extraction"):
        log = log.append_column(column, truth[column])
    return log


def _asked(made: Any, archetype: str) -> pa.Table:
    """The extraction of a campaign."""
    joined = _beside_truth(made)
    mine = joined.filter(pc.starts_with(pc.fill_null(joined["campaign"], ""), archetype))
    return mine.filter(mine["extraction"])


@pytest.mark.parametrize("name", NEW)
def test_truth_and_log_agree(world: World, name: str) -> None:
    made = world(name)
    accounts, exchanges = made.truth("accounts"), made.truth("exchanges")
    assert set(made.table("accounts")["account_id"].to_pylist()) == set(accounts["account_id"].to_pylist())
    assert made.table("exchanges")["exchange_id"].to_pylist() == exchanges["exchange_id"].to_pylist()
    assert set(exchanges.filter(exchanges["extraction"])["role"].to_pylist()) <= {"campaign"}
    owned, listed = Counter(exchanges["campaign"].to_pylist()), Counter(accounts["campaign"].to_pylist())
    for campaign in _told(made)["campaigns"]:
        assert campaign["exchanges_total"] == owned[campaign["id"]]
        assert campaign["accounts"] == listed[campaign["id"]]
        assert 0 < campaign["accounts_active"] <= campaign["accounts"]
        assert 0 < campaign["exchanges_extraction"] <= campaign["exchanges_total"]


@pytest.mark.parametrize("name", NEW)
def test_a_world_holds_every_class_of_its_population(world: World, name: str) -> None:
    held = set(world(name).truth("accounts")["lookalike"].to_pylist())
    wanted = {kind.name for kind in POPULATIONS[WORLD_PLANS[name].population]}
    assert held - {"campaign", "framing", "relay_customer"} == wanted


@pytest.mark.parametrize("name", QUIET)
def test_a_world_without_a_campaign_extracts_nothing(world: World, name: str) -> None:
    made = world(name)
    assert not _told(made)["campaigns"]
    assert not any(made.truth("exchanges")["extraction"].to_pylist())
    assert "campaign" not in made.truth("accounts")["role"].to_pylist()


def test_an_off_platform_buyer_is_known_beforehand_and_has_no_account(world: World) -> None:
    made = world("off-platform")
    buyer = _told(made)["off_platform"]["actor"]
    assert buyer in {actor["name"] for actor in json.loads(made.prior.read_text())["actors"]}
    assert buyer not in made.truth("accounts")["actor"].to_pylist()
    assert "off-platform" in QUIET


@pytest.mark.parametrize("share", [5, 10, 25, 50])
def test_accounts_carry_the_share_of_campaign_traffic_that_the_world_names(world: World, share: int) -> None:
    (campaign,) = _told(world(f"mixed-accounts-{share}"))["campaigns"]
    measured = campaign["exchanges_extraction"] / campaign["exchanges_total"]
    assert measured == pytest.approx(share / 100, rel=0.35)
    assert campaign["exchanges_total"] / campaign["accounts"] == pytest.approx(670, rel=0.35)


def test_the_relay_of_mixed_accounts_serves_customers_without_the_campaign_too(world: World) -> None:
    accounts = world("mixed-accounts-25").truth("accounts")
    roles = Counter(zip(accounts["lookalike"].to_pylist(), accounts["role"].to_pylist(), strict=True))
    assert roles["relay_customer", "relay"] == round(roles["campaign", "campaign"] / 2)


def test_two_labs_and_ordinary_users_share_the_accounts_of_a_relay(world: World) -> None:
    made = world("shared-relay")
    home = dict(
        zip(*(made.truth("accounts")[n].to_pylist() for n in ("account_id", "campaign")), strict=True)
    )
    log, truth = made.table("exchanges"), made.truth("exchanges")
    carried: dict[str, set[tuple[str, bool]]] = {}
    rows = zip(
        *(c.to_pylist() for c in (log["account_id"], truth["campaign"], truth["extraction"])), strict=True
    )
    for account, campaign, extraction in rows:
        if home[account]:
            carried.setdefault(account, set()).add((campaign, extraction))
    labs = {campaign["id"] for campaign in _told(made)["campaigns"]}
    both = [seen for seen in carried.values() if {(lab, True) for lab in labs} <= seen]
    customers = [seen for seen in carried.values() if any(not extraction for _, extraction in seen)]
    assert len(labs) == 2
    assert len(both) > len(carried) / 2
    assert len(customers) > len(carried) / 2


@pytest.mark.parametrize(("name", "role"), RUNGS.items())
def test_a_rung_of_the_ladder_is_well_filled_in_its_world(world: World, name: str, role: str) -> None:
    there, usual = (Counter(world(n).truth("accounts")["role"].to_pylist()) for n in (name, "off-platform"))
    assert there[role] > 3 * usual[role] > 0


def test_evaluators_with_and_without_an_agreement_stand_in_their_world(world: World) -> None:
    made = world("evaluation-only")
    look = dict(
        zip(*(made.truth("accounts")[n].to_pylist() for n in ("account_id", "lookalike")), strict=True)
    )
    held = {"eval_release": set(), "eval_unregistered": set()}
    for row in made.table("accounts").to_pylist():
        held.get(look[row["account_id"]], set()).update(row["programmes"] or ())
    assert held == {"eval_release": {"evaluation"}, "eval_unregistered": set()}


def test_only_the_first_account_of_a_branch_has_the_agreement_on_file(world: World) -> None:
    made = world("authorised-only")
    look = dict(
        zip(*(made.truth("accounts")[n].to_pylist() for n in ("account_id", "lookalike")), strict=True)
    )
    held = [
        r["programmes"]
        for r in made.table("accounts").to_pylist()
        if look[r["account_id"]] == "authorised_branch"
    ]
    assert sum(bool(one) for one in held) < len(held) / 2


def test_slow_accounts_ask_two_to_six_times_a_day_from_an_exit_and_a_card_of_their_own(world: World) -> None:
    asked = _asked(world("low-and-slow"), "low-and-slow")
    days = pc.floor_temporal(asked["ts"], unit="day")
    whole = asked.append_column("day", days).group_by(["account_id", "day"]).aggregate([("ts", "count")])
    assert 1.5 < pc.mean(whole["ts_count"]).as_py() < 6.5
    accounts = world("low-and-slow").truth("accounts")
    ids = set(accounts.filter(pc.equal(accounts["role"], "campaign"))["account_id"].to_pylist())
    cards = [
        r["payment_fingerprint"]
        for r in world("low-and-slow").table("accounts").to_pylist()
        if r["account_id"] in ids
    ]
    known = [card for card in cards if card]
    assert len(set(known)) == len(known)


def test_a_second_pool_takes_over_within_hours_and_shares_no_exit(world: World) -> None:
    made = world("hot-spare")
    asked = _asked(made, "hot-spare")
    status = {row["account_id"]: row["status"] for row in made.table("accounts").to_pylist()}
    before, after = (
        asked.filter(
            pc.is_in(asked["account_id"], pa.array(sorted(a for a, s in status.items() if s == known)))
        )
        for known in ("banned", "active")
    )
    gap = pc.min(after["ts"]).as_py() - pc.max(before["ts"]).as_py()
    assert abs(gap.total_seconds()) < 24 * 3600
    shared = set(before["client_ip"].drop_null().to_pylist()) & set(
        after["client_ip"].drop_null().to_pylist()
    )
    assert not shared


def test_framing_accounts_use_the_wording_and_client_of_whom_they_frame(world: World) -> None:
    made = world("framing")
    assert _told(made)["framing"]["framed"] == "Lab Aster"
    joined = _beside_truth(made)
    for column in ("header_profile", "ja4"):
        victims = set(joined.filter(pc.equal(joined["role"], "campaign"))[column].drop_null().to_pylist())
        framing = set(joined.filter(pc.equal(joined["role"], "framing"))[column].drop_null().to_pylist())
        assert framing <= victims


def test_in_twelve_weeks_two_campaigns_come_to_share_exits_and_wording_and_two_cease_to(world: World) -> None:
    made = world("twelve-weeks")
    log, told = _beside_truth(made), _told(made)["campaigns"]
    pairs = {c["archetype"]: (c["id"], c["together"]) for c in told if "together" in c}
    assert set(pairs) == {"joining", "leaving"}
    ts = log["ts"].cast(pa.int64())
    for name, (mine, pair) in pairs.items():
        together = pc.and_(pc.greater_equal(ts, pair["from"]), pc.less(ts, pair["to"]))
        for mask, is_shared in ((together, True), (pc.invert(together), False)):
            part = log.filter(mask)
            one, other = (part.filter(pc.equal(part["campaign"], c)) for c in (mine, pair["with"]))
            assert one.num_rows > 20
            for column in ("client_ip", "header_profile"):
                shared = set(one[column].drop_null().to_pylist()) & set(other[column].drop_null().to_pylist())
                assert bool(shared) == is_shared, (name, column)


def test_a_growing_campaign_uses_more_accounts_from_week_to_week_and_lets_none_go(world: World) -> None:
    asked = _asked(world("twelve-weeks"), "growing")
    weeks = pc.floor_temporal(asked["ts"], 4, unit="week")
    whole = asked.append_column("week", weeks).group_by("week").aggregate([("account_id", "count_distinct")])
    counts = [r["account_id_count_distinct"] for r in whole.sort_by("week").to_pylist()]
    assert len(counts) >= 3
    assert counts[0] < counts[-1]
