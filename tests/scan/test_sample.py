"""The sample of everybody else's exchanges that the split into streams is learned from."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.case import outside_rows


def table(order: np.ndarray) -> pa.Table:
    return pa.table(
        {
            "account": pa.array(order % 50, pa.int32()),
            "ts": pa.array(1_800_000_000_000_000 + order * 977, pa.int64()),
            "row": pa.array(order),
        }
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_the_sample_is_the_same_in_any_order_of_rows(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setitem(outside_rows.__globals__, "OUTSIDE_SAMPLE", 500)
    of_account = np.where(np.arange(50) < 10, 0, -1)
    taken = []
    for order in (np.arange(5_000), np.random.default_rng(seed).permutation(5_000)):
        log = table(order)
        taken.append(set(log["row"].to_numpy()[outside_rows(log, of_account)].tolist()))
    assert taken[0] == taken[1]
    assert 350 < len(taken[0]) < 700
    assert all(row % 50 >= 10 for row in taken[0])
