"""Stability: what rests on much evidence comes back without a third of it; what rests on one trait does not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from stillwatch.engine.crew import Crew
from stillwatch.judge.stability import stability
from stillwatch.link.cluster import Cluster, LinkSettings, grow
from stillwatch.model.finding import Stability
from stillwatch.weigh.bits import WeighSettings
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import FAMILY, Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
SEEDS = (1, 2, 3)


def ties(signals: Iterable[str]) -> list[Block]:
    """One trait of each of those signals, which do not all fall into one third."""
    return [Block(range(40), (signal,), trait=number) for number, signal in enumerate(signals)]


def repeated(members: range, blocks: list[Block], seed: int = 1) -> Stability | None:
    log = log_of(EVERYONE, blocks, seed=seed)
    found = _found(members, log)
    [one] = stability([found], log, LINK, WEIGH)
    return one


def _found(members: range, log: Holdings) -> Cluster:
    found = grow(principals(members), log, LINK, WEIGH)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_group_tied_by_four_witnesses_comes_out_together_without_any_third(seed: int) -> None:
    one = repeated(range(40), ties(FAMILY), seed)
    assert one is not None
    assert (one.repeats, one.least_together, one.most_strangers) == (3, 1.0, 0.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_group_tied_by_one_trait_of_each_of_two_witnesses_falls_apart_without_it(seed: int) -> None:
    one = repeated(range(40), ties(("payment_instrument", "shared_template")), seed)
    assert one is not None
    assert one.least_together == 0.0


def test_a_group_too_small_to_leave_a_third_out_has_no_stability() -> None:
    assert repeated(range(9), [Block(range(9))]) is None


def test_nothing_reported_is_nothing_repeated() -> None:
    assert stability([], log_of(EVERYONE, [Block(range(40))]), LINK, WEIGH) == []


def test_the_number_of_threads_changes_nothing() -> None:
    log = log_of(EVERYONE, [Block(range(40 * at, 40 * at + 40), trait=at) for at in range(5)])
    found = [_found(range(40 * at, 40 * at + 40), log) for at in range(5)]
    alone = stability(found, log, LINK, WEIGH)
    log.crew = Crew(3)
    assert stability(found, log, LINK, WEIGH) == alone
