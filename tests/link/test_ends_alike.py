"""System prompts that are alike end alike: beside each other in a graph they would join twice what one text joins."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from stillwatch.link.candidate import ENDS_ALIKE, candidates
from stillwatch.link.cluster import Cluster
from stillwatch.link.split import inner_graph
from stillwatch.link.strangers import ANY_WITNESS
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, holding
from tests.weigh.planted import Block, log_of, measured, principals

EVERYONE, POOL = 500, range(30)


def log(signals: Iterable[str]) -> Holdings:
    """A log in which a pool has means of its own and one system prompt, seen by those signals."""
    rows = measured("system_prompt", EVERYONE, [Block(POOL, ("system_prompt",))], hub={}, seed=1)
    told = (holding(rows, np.arange(EVERYONE), signal=name, family="tool") for name in signals)
    return Holdings([*log_of(EVERYONE, [Block(POOL, ("payment_instrument",))]), *told])


def parts(world: Holdings) -> tuple[int, int]:
    """How many edges and traits the inner graph of the pool has."""
    members = principals(POOL)
    weighed = weigh(world, members, WeighSettings(), also=members)
    graph = inner_graph(Cluster(members, np.ones(len(weighed.rows)), weighed), world, ANY_WITNESS)
    return int(graph.starts[-1]), graph.width


def test_inside_a_cluster_an_ending_joins_nobody_again() -> None:
    assert parts(log(["system_prompt", ENDS_ALIKE])) == parts(log(["system_prompt"])) != parts(log([]))


def test_an_ending_is_a_seed_and_no_community(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs: list[int] = []
    monkeypatch.setattr(
        "stillwatch.link.candidate.communities", lambda graph, **_: graphs.append(len(graph.starts)) or []
    )
    tried = [
        candidates(log(signals), least=8)
        for signals in ([ENDS_ALIKE], ["system_prompt"], ["system_prompt", ENDS_ALIKE])
    ]
    assert list(POOL) in [found.tolist() for found in tried[0]]
    of_ending, of_text, of_both = graphs[1::2]
    assert of_ending < of_text == of_both
