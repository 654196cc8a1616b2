"""Candidates: the graph between principals and traits, its edges and its communities."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.link.candidate import (
    ENDS_ALIKE,
    MOST_SEEDS,
    POPULAR_LEAST,
    PRINCIPALS_A_SEED,
    candidates,
    edges,
    seeds,
)
from stillwatch.weigh.holding import holding
from tests.weigh.planted import FAMILY, Block, log_of, only

EVERYONE = 500
FIRST = set(range(30))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_planted_block_is_nearly_a_candidate(seed: int) -> None:
    tried = [set(c.tolist()) for c in candidates(log_of(EVERYONE, [Block(FIRST)], seed=seed), least=8)]
    assert max(len(c & FIRST) / len(c | FIRST) for c in tried) > 0.6


def test_candidates_are_distinct_sorted_and_large_enough() -> None:
    tried = candidates(log_of(EVERYONE, [Block(FIRST)]), least=8)
    assert len({c.tobytes() for c in tried}) == len(tried)
    assert all(len(c) >= 8 and np.all(np.diff(c) > 0) for c in tried)


def test_a_block_joined_by_text_alone_is_tried() -> None:
    tried = candidates(log_of(EVERYONE, [Block(FIRST, ("shared_template",))]), least=8)
    assert any(set(c.tolist()) == FIRST for c in tried)


def test_a_text_that_few_others_send_is_tried_before_one_that_many_send_now_and_then() -> None:
    popular = [(who, 1, 4 if who < 20 else 1) for who in range(100)]
    told = [(who, 2, 10) for who in range(100, 115)]
    account, trait, value = zip(*popular, *told, strict=True)
    columns = {"account": account, "trait": trait, "value": value, "support": [20] * len(account)}
    held = holding(pa.table(columns), np.arange(EVERYONE), signal="shared_ending", family="template")
    assert [found.tolist() for found in seeds(held, least=8)] == [list(range(100, 115)), list(range(20))]


def test_the_block_that_a_popular_programs_system_prompts_end_in_is_no_seed() -> None:
    everyone, popular = 2_000, range(POPULAR_LEAST + 1)
    ends = [(who, 1, 20) for who in popular] + [(who, 2, 20) for who in range(300, 330)]
    account, trait, value = zip(*ends, strict=True)
    columns = {"account": account, "trait": trait, "value": value, "support": [20] * len(account)}
    table = pa.table(columns)
    ending = holding(table, np.arange(everyone), signal=ENDS_ALIKE, family="tool")
    whole = holding(table, np.arange(everyone), signal="system_prompt", family="tool")
    assert [found.tolist() for found in seeds(ending, least=8)] == [list(range(300, 330))]
    assert len(seeds(whole, least=8)) == 2


@pytest.mark.parametrize("signal", [ENDS_ALIKE, "system_prompt"])
def test_in_a_small_log_what_more_than_a_fifth_hold_is_no_seed(signal: str) -> None:
    columns = {"account": range(190), "trait": [1] * 190, "value": [20] * 190, "support": [20] * 190}
    held = holding(pa.table(columns), np.arange(300), signal=signal, family="tool")
    assert seeds(held, least=8) == []


def test_in_a_larger_log_more_programs_are_tried() -> None:
    circles, everyone = MOST_SEEDS + 6, PRINCIPALS_A_SEED * (MOST_SEEDS + 6)
    account = np.arange(circles * 10)
    columns = {
        "account": account,
        "trait": account // 10 + 1,
        "value": [20] * len(account),
        "support": [20] * len(account),
    }
    for principals, tried in ((everyone, circles), (PRINCIPALS_A_SEED, MOST_SEEDS)):
        held = holding(pa.table(columns), np.arange(principals), signal="header_profile", family="client")
        assert len(seeds(held, least=8)) == tried


def test_a_rare_trait_weighs_more_than_a_common_one() -> None:
    [held] = only(log_of(EVERYONE, [Block(FIRST)]), "shared_template")
    graph = edges([held])
    per_request = np.maximum.reduceat(graph.values, graph.starts[:-1])
    order = np.argsort(np.diff(graph.starts))
    assert per_request[order[0]] > per_request[order[-1]]


def test_a_trait_that_very_many_hold_joins_nothing() -> None:
    world = only(log_of(3_000, [], hub=dict.fromkeys(FAMILY, 0.9)), "tls_client")
    hub = int(np.argmax(world[0].holders))
    assert world[0].holders[hub] > 2_000
    assert len(edges([world[0]]).starts) - 1 < len(world[0].keys)


def test_nothing_to_join_gives_no_candidate() -> None:
    assert candidates(log_of(5), least=8) == []
