from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow.compute as pc
import pytest

from stillwatch.model.tables import CAPABILITIES
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.assumptions.plans import WORLD_PLANS

World = Callable[[str], Any]


def _campaigns(made: Any) -> list[dict[str, object]]:
    return json.loads((made.truth_folder / "campaigns.json").read_text())["campaigns"]


def test_every_look_alike_class_lives_in_a_clean_world(world: World) -> None:
    accounts = world("clean").truth("accounts")
    assert set(accounts["lookalike"].to_pylist()) == {k.name for k in ASSUMED.kinds}
    assert set(accounts["role"].to_pylist()) == {"benign", "relay", "authorised"}
    assert not _campaigns(world("clean"))


def test_the_truth_names_every_account_and_exchange(world: World) -> None:
    made = world("hard")
    for name, key in (("accounts", "account_id"), ("exchanges", "exchange_id")):
        assert set(made.table(name)[key].to_pylist()) == set(made.truth(name)[key].to_pylist())


@pytest.mark.parametrize("name", ["easy", "mixed", "hard", "lowbase"])
def test_the_summary_counts_what_the_truth_lists(world: World, name: str) -> None:
    made = world(name)
    accounts, exchanges = made.truth("accounts"), made.truth("exchanges")
    listed = Counter(accounts["campaign"].to_pylist())
    harvest = exchanges.filter(exchanges["extraction"])
    extracted = Counter(harvest["campaign"].to_pylist())
    campaigns = _campaigns(made)
    assert [c["archetype"] for c in campaigns] == [p.archetype for p in WORLD_PLANS[name].plans]
    for campaign in campaigns:
        mine = harvest.filter(pc.equal(harvest["campaign"], campaign["id"]))
        assert campaign["accounts"] == listed[campaign["id"]]
        assert campaign["exchanges_extraction"] == extracted[campaign["id"]] > 0
        assert campaign["capabilities"] == dict(Counter(mine["capability"].to_pylist()))
        assert campaign["accounts_active"] <= campaign["accounts"]


def test_capabilities_are_of_the_closed_list(world: World) -> None:
    assert set(world("hard").truth("exchanges")["capability"].to_pylist()) <= set(CAPABILITIES)


def test_only_campaigns_extract(world: World) -> None:
    exchanges = world("hard").truth("exchanges")
    assert set(exchanges.filter(exchanges["extraction"])["role"].to_pylist()) == {"campaign"}


def test_hydra_accounts_carry_other_customers_too(world: World) -> None:
    exchanges = world("mixed").truth("exchanges")
    hydra = exchanges.filter(pc.starts_with(pc.fill_null(exchanges["campaign"], ""), "hydra"))
    assert 0.1 < pc.mean(hydra["extraction"].cast("float64")).as_py() < 0.7


def test_framing_accounts_are_no_campaign_and_name_their_victim(world: World) -> None:
    made = world("hard")
    accounts = made.truth("accounts")
    framing = accounts.filter(pc.equal(accounts["role"], "framing"))
    assert framing.num_rows > 0
    assert framing["campaign"].null_count == framing.num_rows
    framed = json.loads((made.truth_folder / "campaigns.json").read_text())["framing"]["framed"]
    assert framed in {c["actor"] for c in _campaigns(made)}


def test_the_low_base_world_has_sixty_bad_accounts(world: World) -> None:
    roles = Counter(world("lowbase").truth("accounts")["role"].to_pylist())
    assert roles["campaign"] == 60


def test_authorised_accounts_have_their_agreement_on_file(world: World) -> None:
    made = world("clean")
    truth = made.truth("accounts")
    ids = set(truth.filter(pc.equal(truth["role"], "authorised"))["account_id"].to_pylist())
    rows = [r for r in made.table("accounts").to_pylist() if r["account_id"] in ids]
    assert any(r["programmes"] == ["distillation"] for r in rows)
    assert all(r["programmes"] in (["distillation"], None) for r in rows)


def test_innocents_share_cards_addresses_and_prompts(world: World) -> None:
    made = world("clean")
    accounts, exchanges = made.table("accounts"), made.table("exchanges")
    cards = Counter(c for c in accounts["payment_fingerprint"].to_pylist() if c)
    assert max(cards.values()) > 1
    for column in ("client_ip", "prompt", "ja4"):
        pairs = exchanges.select([column, "account_id"]).drop_null().group_by(column)
        assert (
            pc.max(pairs.aggregate([("account_id", "count_distinct")])["account_id_count_distinct"]).as_py()
            > 3
        )


def test_the_prior_holds_matches_and_decoys(world: World) -> None:
    made = world("mixed")
    actors = {a["name"]: a for a in json.loads(made.prior.read_text())["actors"]}
    named = {c["actor"] for c in _campaigns(made) if c["attributable"] == "L3b"}
    assert named < set(actors)
    cards = set(made.table("accounts")["payment_fingerprint"].to_pylist())
    assert any(set(actors[name]["payment_fingerprints"]) & cards for name in named)
    assert not actors["Institute Gale"]["payment_fingerprints"]
