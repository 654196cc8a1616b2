"""Attempts ahead of their turn: whoever is done first, they give what they give one after the other."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.engine.crew import Crew
from stillwatch.link.ahead import Glimpse, in_turn
from stillwatch.link.cluster import Cluster, Found
from stillwatch.weigh.bits import Weighed
from stillwatch.weigh.holding import Integers

EVERYONE = 8
WHO = st.sets(st.integers(0, EVERYONE - 1), min_size=1, max_size=4)
WAY = st.lists(WHO, min_size=1, max_size=4)
"""What a start becomes, step by step."""


def cluster(members: Integers) -> Cluster:
    return Cluster(members, np.ones(len(members)), Weighed(members, {}, ()))


def members(clusters: Sequence[Cluster]) -> list[list[int]]:
    return [c.members.tolist() for c in clusters]


def walked(way: Sequence[set[int]], known: Found) -> list[Cluster]:
    """A cluster at every second step, to the end of the way or where somebody covers it."""
    found = []
    for step, who in enumerate(way):
        here = np.array(sorted(who))
        if known.covers(here):
            break
        if step % 2:
            found.append(cluster(here))
            known.add(found[-1])
    return found


@pytest.mark.parametrize("threads", [1, 2, 4])
@settings(deadline=None, max_examples=60)
@given(ways=st.lists(WAY, max_size=12), seed=st.integers(0, 999))
def test_what_is_found_is_what_is_found_one_after_the_other(
    threads: int, ways: list[list[set[int]]], seed: int
) -> None:
    chance, found, alone = random.Random(seed), Found(EVERYONE), Found(EVERYONE)
    for way in ways:
        walked(way, alone)

    def attempt(start: Integers, known: Glimpse) -> list[Cluster]:
        time.sleep(chance.random() / 2000)
        added = walked(ways[start[0]], known)
        assert known.clusters == added
        return added

    with Crew(threads) as crew:
        for added in in_turn([np.array([at]) for at in range(len(ways))], attempt, found, crew):
            for one in added:
                found.add(one)
    assert members(found.clusters) == members(alone.clusters)


def test_a_glimpse_stands_until_somebody_covers_whom_it_asked_about() -> None:
    found = Found(EVERYONE)
    found.add(cluster(np.arange(2)))
    known = Glimpse(found)
    assert known.covers(np.arange(3))
    assert not known.covers(np.arange(2, 6))
    found.add(cluster(np.arange(4, 6)))
    assert known.stands(found)
    found.add(cluster(np.arange(3, 6)))
    assert not known.stands(found)
