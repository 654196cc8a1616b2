"""The share of distinct prompts is compared among as many requests, however long a cluster asks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.signals.fresh_prompts import SIGNAL


def fresh(prompts: list[int], tokens: list[int] | None = None, images: list[int] | None = None) -> float:
    """What is measured of one cluster that opens conversations with these prompts, and carries in these reasoning blocks and pictures."""
    count = len(prompts)
    table = pa.table(
        {
            "cluster": pa.array([0] * count, pa.int32()),
            "prompt": pa.array(prompts, pa.uint64()),
            "token": pa.array(tokens or [0] * count, pa.uint64()),
            "images": pa.array(images or [None] * count, pa.int32()),
            "opens": pa.array([True] * count),
        }
    )
    with DuckDBEngine(threads=1) as engine:
        engine.read("member_exchange", table)
        found = engine.query(SIGNAL.query)["value"]
    return float(found[0].as_py()) if len(found) else float("nan")


def drawn(tasks: int, requests: int) -> list[int]:
    return np.random.default_rng(7).integers(1, tasks + 1, requests).tolist()


@pytest.mark.parametrize("requests", [20_000, 100_000])
def test_a_list_of_tasks_is_as_fresh_however_long_it_is_asked(requests: int) -> None:
    shorter = fresh(drawn(15_000, 10_000))
    assert fresh(drawn(15_000, requests)) == pytest.approx(shorter, abs=0.01)


def test_answers_drawn_several_times_for_each_of_many_prompts_are_fresh() -> None:
    assert fresh([1 + at // 8 for at in range(120_000)]) > 0.7


def test_a_public_set_that_is_run_again_and_again_is_not_fresh() -> None:
    assert fresh([1 + at % 500 for at in range(50_000)]) == pytest.approx(0.05, abs=0.001)


def test_of_few_requests_the_share_is_exact() -> None:
    assert fresh([1, 1, 2, 3, 3, 3, 4, 5]) == pytest.approx(5 / 8, abs=1e-12)


def test_one_prompt_with_another_reasoning_block_is_another_question() -> None:
    asked = list(range(1, 1001))
    assert fresh([*asked, *[7] * 1000]) == pytest.approx(0.5, abs=0.01)
    assert fresh([*asked, *[7] * 1000], [*[0] * 1000, *asked]) == 1.0
    assert fresh([7] * 1000, [1 + at % 250 for at in range(1000)]) == 0.25


def test_one_instruction_above_many_pictures_does_not_come_again() -> None:
    asked = list(range(1, 1001))
    assert fresh([*asked, *[7] * 1000], images=[0] * 1000 + [1] * 1000) == 1.0
    assert np.isnan(fresh([7] * 1000, images=[0] * 100 + [1] * 900)), (
        "of too few without a picture nothing is said"
    )
    assert fresh([*asked[:10], *[7] * 990], images=[1] * 10 + [0] * 990) == pytest.approx(1 / 990), (
        "a few pictures excuse nobody"
    )
