"""The holdings of all trait signals, a few columns counted at once."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.registry import discover
from stillwatch.signals._base import Signal
from stillwatch.testing import plain
from stillwatch.testing.measuring import world_of
from stillwatch.weigh.held import held
from stillwatch.weigh.holding import Holdings


def everybody(threads: int) -> Holdings:
    world = world_of(plain.exchanges(), plain.accounts(), plain.models(), clusters=[])
    with DuckDBEngine(threads=threads) as engine:
        for name, table in world.relations("").items():
            engine.read(name, table)
        return held(
            [s for s in discover("signals", Signal).values() if s.setting is None],
            np.arange(len(world.log.account_ids)),
            world.log.exchange,
            engine,
            threads=threads,
            counted_at_once=threads,
        )


@pytest.mark.parametrize("threads", [2, 5])
def test_columns_that_are_counted_at_once_give_what_they_give_one_after_the_other(threads: int) -> None:
    one, several = everybody(1), everybody(threads)
    assert len(one) > 10
    assert [h.signal for h in several] == [h.signal for h in one]
    for mine, other in zip(several, one, strict=True):
        assert np.array_equal(mine.keys, other.keys)
        assert np.array_equal(mine.support, other.support)
        assert all(np.array_equal(*pair) for pair in zip(mine.by_trait, other.by_trait, strict=True))
