"""What is shuffled away in the permutation nulls, and what stays."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DAY = 86_400_000_000
ROWS = 600


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("false_alarms")


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Six accounts, each with a prompt and an address of its own, three of them on either of two days."""
    folder = tmp_path / "world"
    folder.mkdir()
    at = np.arange(ROWS)
    who = at % 6
    log = {
        "exchange_id": [f"x{n}" for n in at],
        "ts": pa.array((who % 2) * DAY, pa.timestamp("us", "UTC")),
        "account_id": [f"a{n}" for n in who],
        "client_ip": [f"10.0.0.{n}" for n in who],
        "prompt": [f"p{n}" for n in who],
    }
    pq.write_table(pa.table(log), folder / "exchanges.parquet")
    pq.write_table(pa.table({"account_id": [f"a{n}" for n in range(6)]}), folder / "accounts.parquet")
    return folder


def shuffled(benchmark, world: Path, way: str) -> list[dict[str, object]]:
    to = world.with_name(way)
    benchmark.shuffle(world, to, way, np.random.default_rng(1))
    assert pq.read_table(to / "accounts.parquet").num_rows == 6
    return pq.read_table(to / "exchanges.parquet").to_pylist()


def pairs(rows: list[dict[str, object]], one: str, other: str) -> Counter[tuple[object, object]]:
    return Counter((row[one], row[other]) for row in rows)


@pytest.mark.parametrize("way", ["accounts", "days"])
def test_each_account_keeps_its_number_of_requests_and_gets_those_of_strangers(
    benchmark, world: Path, way: str
) -> None:
    before, after = pq.read_table(world / "exchanges.parquet").to_pylist(), shuffled(benchmark, world, way)
    assert Counter(r["account_id"] for r in before) == Counter(r["account_id"] for r in after)
    assert pairs(before, "client_ip", "prompt") == pairs(after, "client_ip", "prompt")
    assert len(pairs(after, "account_id", "prompt")) > len(pairs(before, "account_id", "prompt"))


def test_within_days_each_account_keeps_its_days(benchmark, world: Path) -> None:
    before = pq.read_table(world / "exchanges.parquet").to_pylist()
    assert pairs(before, "account_id", "ts") == pairs(shuffled(benchmark, world, "days"), "account_id", "ts")
    assert pairs(before, "account_id", "ts") != pairs(
        shuffled(benchmark, world, "accounts"), "account_id", "ts"
    )


def test_what_is_asked_leaves_accounts_and_addresses_together(benchmark, world: Path) -> None:
    before, after = (
        pq.read_table(world / "exchanges.parquet").to_pylist(),
        shuffled(benchmark, world, "contents"),
    )
    assert pairs(before, "account_id", "client_ip") == pairs(after, "account_id", "client_ip")
    assert len(pairs(after, "account_id", "prompt")) == 36


def test_nothing_in_so_many_scans_is_stated_with_its_bound(benchmark) -> None:
    run = {"way": "days", "tried": 4, "distillation": 0, "relay": 1, "coordinated": 2}
    found = benchmark.shuffled([{**run, "tested": []}] * 30)
    assert found["scans_with_distillation"] == {"found": 0, "of": 30, "rate": 0.0, "at_most": 0.1}
    assert (found["tried"], found["relay"], found["coordinated"]) == (120, 30, 60)


def test_innocents_are_those_of_worlds_without_a_campaign_and_their_e_values_are_averaged(benchmark) -> None:
    groups = [
        {"p_value": 0.04, "e_value": 3.0, "is_confirmed": False},
        {"p_value": 0.5, "e_value": 0.2, "is_confirmed": False},
        {"p_value": None, "e_value": None, "is_confirmed": False},
    ]
    found = benchmark.innocent([{"tested": groups}])
    assert (found["groups"], found["mean_e_value"]) == (2, 1.6)
    assert found["p_at_most"]["0.05"]["found"] == 1
    assert found["confirmed"]["at_most"] == 1.5
