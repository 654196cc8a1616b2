"""Two streams on the same accounts: the harvest, and what other people ask."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.streams import Carried, Streams, split

TEMPLATE, TOOLS = 7, 9


def log(
    rng: np.random.Generator,
    harvest: np.ndarray,
    *,
    carries: float = 0.9,
    text: float = 1.0,
    talk: np.ndarray | None = None,
) -> pa.Table:
    """Exchanges of which the harvest carries a template and tools, and the rest does not; some texts are lost."""
    size = len(harvest)
    seen = rng.random(size) < text
    template = np.where(harvest & (rng.random(size) < carries), TEMPLATE, rng.integers(100, 10_000, size))
    tools = np.where(harvest & (rng.random(size) < carries), TOOLS, rng.integers(100, 120, size))
    return pa.table(
        {
            "template": np.where(seen, template, 0).astype(np.uint64),
            "tools": tools.astype(np.uint64),
            "words": pa.array([5 if s else None for s in seen], pa.int32()),
            "account": pa.array(np.arange(size) % 40, pa.int32()),
            "ts": np.arange(size),
            "turns": pa.nulls(size, pa.int32()),
            "conversation": np.zeros(size, np.uint64) if talk is None else talk,
        }
    )


def carried(*columns: str) -> list[Carried]:
    keys = {"template": TEMPLATE, "tools": TOOLS}
    return [Carried(name, name, np.array([keys[name]], np.uint64)) for name in columns]


def streams(share: float, *, text: float = 1.0, seed: int = 1) -> tuple[Streams, np.ndarray]:
    """4,000 exchanges of a cluster and as many of others."""
    rng = np.random.default_rng(seed)
    harvest = np.concatenate([rng.random(4_000) < share, np.zeros(4_000, np.bool_)])
    exchange = log(rng, harvest, text=text)
    found = split(exchange, np.arange(4_000), np.arange(4_000, 8_000), carried("template", "tools"))
    return found, harvest[:4_000]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("share", [0.15, 0.5, 0.9])
def test_a_planted_mixture_is_separated(share: float, seed: int) -> None:
    found, harvest = streams(share, seed=seed)
    called = found.extraction >= 0.5
    assert np.mean(called == harvest) > 0.97
    assert found.share == pytest.approx(harvest.mean(), abs=0.05)


def test_what_follows_in_a_conversation_is_what_its_opening_is() -> None:
    rng = np.random.default_rng(4)
    account = np.arange(8_000) % 40
    one = np.arange(8_000) // 160
    harvest = (one * 40 + account) % 3 == 0
    harvest[4_000:] = False
    openings = np.arange(8_000) // 40 % 4 == 0
    exchange = log(rng, harvest & openings, carries=1.0, talk=(one + 1).astype(np.uint64))
    found = split(exchange, np.arange(4_000), np.arange(4_000, 8_000), carried("template", "tools"))
    assert np.mean((found.extraction >= 0.5) == harvest[:4_000]) > 0.99


def test_the_expected_volume_is_about_the_planted_one() -> None:
    found, harvest = streams(0.4)
    assert found.extraction.sum() == pytest.approx(harvest.sum(), rel=0.05)


def test_accounts_that_only_harvest_are_all_harvest() -> None:
    found, _ = streams(1.0)
    assert found.extraction.mean() > 0.95


def test_an_exchange_whose_text_was_lost_is_judged_by_the_rest() -> None:
    found, harvest = streams(0.5, text=0.5)
    assert np.mean((found.extraction >= 0.5) == harvest) > 0.9


def test_an_exchange_of_which_nothing_was_seen_gets_the_common_share() -> None:
    rng = np.random.default_rng(1)
    harvest = np.concatenate([np.ones(500, np.bool_), np.zeros(1_500, np.bool_)])
    exchange = log(rng, harvest)
    blind = pa.table(
        {
            name: pa.array([None if name == "words" else 0], exchange[name].type)
            for name in exchange.column_names
        }
    )
    both = pa.concat_tables([exchange, blind])
    rows = np.append(np.arange(1_000), 2_000)
    found = split(both, rows, np.arange(1_000, 2_000), carried("template", "tools"))
    assert found.extraction[-1] == pytest.approx(found.share, abs=0.02)


def test_probabilities_are_probabilities_and_rows_are_kept() -> None:
    found, _ = streams(0.3)
    assert found.rows.tolist() == list(range(4_000))
    assert found.extraction.min() >= 0
    assert found.extraction.max() <= 1


def test_without_a_profile_all_of_a_cluster_is_its_harvest() -> None:
    exchange = log(np.random.default_rng(1), np.ones(5, np.bool_))
    assert split(exchange, np.arange(5), np.zeros(0, np.int64), []).extraction.tolist() == [1.0] * 5


def test_a_cluster_without_exchanges_has_none() -> None:
    exchange = log(np.random.default_rng(1), np.ones(5, np.bool_))
    none = np.zeros(0, np.int64)
    assert split(exchange, none, np.arange(5), carried("tools")).extraction.tolist() == []


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(8)
    exchange = log(rng, rng.random(600) < 0.5)
    rows, outside = np.arange(300), np.arange(300, 600)
    one = split(exchange, rows, outside, carried("template", "tools"))
    other = split(exchange, rows[::-1], outside[::-1], carried("template", "tools"))
    assert one.extraction.tolist() == other.extraction[::-1].tolist()
