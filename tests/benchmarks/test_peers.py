"""Each peer finds the plain case that it was made for, and leaves alone the case that it should."""

from __future__ import annotations

import importlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
WORDS = [f"{a}{b}" for a in ("ba", "ke", "li", "mo", "nu", "ra", "so", "ti", "va", "ze") for b in ("dar", "fen", "gol", "mik", "pur", "sto", "wen")]  # fmt: skip
START = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ("payment_fingerprint", "device_id", "signup_ip")


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return lambda name: importlib.import_module(f"peers.{name}")


def log(
    peer, asked: dict[str, list[str | None]], at: dict[str, list[tuple[str, float]]] | None = None, **cards
):
    """A log of the prompts of each account; `at` gives addresses and hours, and a keyword the cards of a column."""
    rows = [(who, text, *((at or {}).get(who, [])[n : n + 1] or [(None, n)])[0]) for who, texts in asked.items() for n, text in enumerate(texts)]  # fmt: skip
    exchanges = {
        "account_id": pa.array([row[0] for row in rows], pa.string()),
        "ts": pa.array([START + timedelta(hours=row[3]) for row in rows], pa.timestamp("us", "UTC")),
        "exchange_id": pa.array([f"x{n:05}" for n in range(len(rows))]),
        "prompt": pa.array([row[1] for row in rows], pa.string()),
        "client_ip": pa.array([row[2] for row in rows], pa.string()),
        "ja4": pa.nulls(len(rows), pa.string()),
        "header_profile": pa.nulls(len(rows), pa.string()),
    }
    accounts = {"account_id": pa.array(list(asked), pa.string())}
    accounts |= {
        name: pa.array([cards.get(name, {}).get(who) for who in asked], pa.string()) for name in COLUMNS
    }
    return peer("interface").Log(pa.table(exchanges), pa.table(accounts))


def sentence(draw: random.Random, words: int = 12) -> str:
    return " ".join(draw.choices(WORDS, k=words))


def chats(draw: random.Random, accounts: int, each: int = 40) -> dict[str, list[str]]:
    """People: every prompt another."""
    return {f"person{n:03}": [sentence(draw) for _ in range(each)] for n in range(accounts)}


def value(ranked, made, who: str) -> float:
    return float(ranked.value[made.account_id.to_pylist().index(who)])


def groups(ranked, made, above: float) -> dict[str, int]:
    return dict(zip(made.account_id.to_pylist(), ranked.groups(above).tolist(), strict=True))


def test_the_volume_rule_puts_first_who_asks_most(peer) -> None:
    made = log(peer, {"quiet": ["a"], "loud": ["a"] * 9})
    ranked = peer("volume").rank(made, None)
    assert value(ranked, made, "loud") == 9
    assert value(ranked, made, "quiet") == 1


def test_accounts_that_share_cards_in_a_chain_are_one_component(peer) -> None:
    made = log(peer, {who: ["x"] for who in "abcd"}, payment_fingerprint={"a": "1", "b": "1"}, device_id={"b": "9", "c": "9"})  # fmt: skip
    ranked = peer("components").rank(made, None)
    group = groups(ranked, made, 2.0)
    assert group["a"] == group["b"] == group["c"] >= 0
    assert group["d"] == -1


def test_a_value_that_everybody_holds_joins_nobody(peer) -> None:
    components = peer("components")
    names = [f"n{n}" for n in range(components.MOST_HOLDERS + 1)]
    made = log(peer, {who: ["x"] for who in names}, signup_ip=dict.fromkeys(names, "vpn"))
    assert components.rank(made, None).value.max() == 1


def farm_and_crowd(draw: random.Random) -> dict[str, list[tuple[str, float]]]:
    """Twelve accounts on one pool of addresses, and a hundred people at home who share one address."""
    at = {f"farm{n:02}": [(f"10.0.0.{m}", float(m)) for m in range(8)] for n in range(12)}
    for n in range(100):
        at[f"home{n:03}"] = [
            ("10.9.9.9", draw.random()),
            *((f"10.1.{n}.{m}", draw.random() * 300) for m in range(7)),
        ]
    return at


def test_fraudar_finds_the_dense_block_and_not_the_crowd_behind_one_address(peer) -> None:
    at = farm_and_crowd(random.Random(1))
    made = log(peer, {who: ["x"] * 8 for who in at}, at)
    ranked = peer("fraudar").rank(made, None)
    farm, home = value(ranked, made, "farm00"), value(ranked, made, "home000")
    assert farm > 2 * home
    group = groups(ranked, made, home)
    assert {who for who, number in group.items() if number >= 0} == {
        who for who in at if who.startswith("farm")
    }


def test_the_density_of_a_full_block_is_that_of_the_formula(peer) -> None:
    fraudar, indicators = peer("fraudar"), peer("indicators")
    account, held = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    [(inside, density)] = fraudar.blocks(indicators.Incidence(account, held), accounts=6)
    assert inside.all()
    assert density == pytest.approx(6 * 4 / np.log(6 + 5) / (6 + 4))


def test_synchrotrap_clusters_accounts_that_move_together(peer) -> None:
    at = farm_and_crowd(random.Random(2))
    made = log(peer, {who: ["x"] * 8 for who in at}, at)
    ranked = peer("synchrotrap").rank(made, None)
    assert value(ranked, made, "farm00") == 1.0
    assert value(ranked, made, "home000") < 0.3
    group = groups(ranked, made, 0.5)
    assert {who for who, number in group.items() if number >= 0} == {
        who for who in at if who.startswith("farm")
    }


def test_synchrotrap_sees_nothing_in_the_same_addresses_at_other_times(peer) -> None:
    at = {f"farm{n:02}": [(f"10.0.0.{m}", 100.0 * n + m) for m in range(8)] for n in range(12)}
    made = log(peer, {who: ["x"] * 8 for who in at}, at)
    assert peer("synchrotrap").rank(made, None).value.max() < 0.6


@pytest.fixture
def past(peer):
    return log(peer, chats(random.Random(3), 60))


def harvest(draw: random.Random, size: int = 40) -> list[str]:
    """One template with one changing word: odd beside people, and all alike."""
    return [f"solve the task step by step and show all reasoning {draw.choice(WORDS)}" for _ in range(size)]


@pytest.mark.parametrize("name", ["mmd", "mahalanobis", "seat"])
def test_a_harvest_by_one_template_ranks_above_people(peer, past, name: str) -> None:
    draw = random.Random(4)
    made = log(peer, {**chats(draw, 20), "harvest": harvest(draw)})
    module = peer(name)
    ranked = module.rank(made, module.learn(past))
    people = [value(ranked, made, who) for who in made.account_id.to_pylist() if who != "harvest"]
    assert value(ranked, made, "harvest") > max(people)


@pytest.mark.parametrize("name", ["mmd", "mahalanobis", "seat"])
def test_people_like_those_of_the_past_cross_the_line_no_more_often_than_agreed(
    peer, past, name: str
) -> None:
    module, line = peer(name), peer("threshold").line
    learned = module.learn(past)
    above = line(module.rank(log(peer, chats(random.Random(5), 100)), learned).value, 0.05)
    flagged = module.rank(log(peer, chats(random.Random(6), 100)), learned).value > above
    assert flagged.mean() <= 0.2


def test_prada_suspects_two_kinds_of_steps_and_not_natural_distances(peer) -> None:
    draw, prada = np.random.default_rng(7), peer("prada")
    steps = np.concatenate([np.full(60, 0.1), np.full(40, 1.0)]) + draw.normal(0, 0.01, 100)
    assert prada.normality(steps) < 0.8
    assert prada.normality(draw.normal(1.0, 0.1, 100)) > 0.95
    assert prada.normality(np.ones(50)) == 0.0


def test_prada_keeps_a_query_that_is_further_than_the_set_is_wide(peer) -> None:
    ways = np.eye(4, dtype=np.float32)
    found = peer("prada").least_distances(ways[[0, 1, 1, 2, 0]])
    assert found.tolist() == pytest.approx([2**0.5, 0, 2**0.5, 0])


def test_seat_counts_each_query_with_a_near_earlier_one_once(peer) -> None:
    ways = np.eye(3, dtype=np.float32)
    assert peer("seat").similar_pairs(ways[[0, 1, 0, 0, 2]], 0.9) == 2


def test_mmd_is_near_zero_for_a_window_of_the_same_traffic(peer, past) -> None:
    mmd, embedding = peer("mmd"), peer("embedding")
    learned = mmd.learn(past)
    draw = random.Random(8)
    made = log(peer, {"same": [sentence(draw) for _ in range(100)], "other": harvest(draw, 100)})
    same, other = (mmd.discrepancy(embedding.embed(made, learned["weight"]).of(n, 100), learned["sizes"][100], learned["median"]) for n in (1, 0))  # fmt: skip
    assert abs(same) < 0.01
    assert other > 20 * abs(same)


@pytest.mark.parametrize("name", ["mmd", "mahalanobis", "seat", "prada"])
def test_an_account_that_wrote_next_to_nothing_is_not_judged(peer, past, name: str) -> None:
    module = peer(name)
    made = log(peer, {"silent": [None] * 50, "brief": ["hello there"], "talker": harvest(random.Random(9))})
    ranked = module.rank(made, module.learn(past))
    assert not np.isfinite(value(ranked, made, "silent"))
    assert not np.isfinite(value(ranked, made, "brief"))
    assert np.isfinite(value(ranked, made, "talker"))


def test_the_embedding_is_near_for_shared_words_and_far_for_none(peer) -> None:
    embedding = peer("embedding")
    texts = [
        "Translate the invoice of Bright Foods",
        "translate THE invoice of Bright Farms",
        "对这个问题",
        "ok",
    ]
    made = log(peer, {"a": texts})
    vector = embedding.embed(made, embedding.frequencies(made)).vector
    assert vector[0] @ vector[1] > 0.5
    assert abs(vector[0] @ vector[2]) < 0.3
    assert np.linalg.norm(vector, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_the_order_of_rows_does_not_matter(peer, past) -> None:
    made = log(peer, {**chats(random.Random(10), 5), "harvest": harvest(random.Random(10))})
    turned = peer("interface").Log(
        made.exchanges.take(pa.array(range(made.exchanges.num_rows))[::-1]), made.accounts
    )
    for name in ("mmd", "mahalanobis", "seat", "prada", "volume"):
        found = peer(name).PEER
        learned = found.learn(past)
        assert found.rank(made, learned).value.tolist() == found.rank(turned, learned).value.tolist()


def test_no_more_accounts_than_agreed_lie_above_the_line(peer) -> None:
    line = peer("threshold").line
    values = np.arange(100.0)
    assert (values > line(values, 0.05)).sum() == 5
    assert (np.zeros(10) > line(np.zeros(10), 0.05)).sum() == 0
    assert line(np.zeros(0), 0.05) == np.inf
