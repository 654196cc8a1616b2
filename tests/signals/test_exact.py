"""A cluster is measured to the same last bit, in whatever order threads come to its accounts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.engine.open import EngineSettings, open_engine
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, TableSchema
from stillwatch.registry import discover
from stillwatch.signals._base import Signal
from stillwatch.simulate.worlds import build
from stillwatch.testing.measuring import PARAMETERS, World, world_of

CLUSTER_SIGNALS = {name: s for name, s in discover("signals", Signal).items() if s.level == "cluster"}
TIMES = 12


def _read(path: Path, table: TableSchema) -> pa.Table:
    found = pq.read_table(path)
    columns = [
        found[f.name].cast(f.type) if f.name in found.column_names else pa.nulls(found.num_rows, f.type)
        for f in table.arrow
    ]
    return pa.table(columns, schema=table.arrow)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A simulated world in twenty arbitrary clusters of many accounts each."""
    out = tmp_path_factory.mktemp("crowd") / "world"
    build("mixed", seed=3, exchanges=20_000, out=out)
    exchanges = _read(out / "exchanges.parquet", EXCHANGE)
    ids = sorted(set(exchanges["account_id"].to_pylist()))
    return world_of(
        exchanges,
        _read(out / "accounts.parquet", ACCOUNT),
        _read(out / "models.parquet", MODEL),
        clusters=[ids[start::20] for start in range(20)],
    )


@pytest.fixture(scope="module")
def answers(crowd: World) -> Mapping[str, list[pa.Table]]:
    """What every signal of clusters measures of it: once on one thread, then again and again on four."""
    with open_engine(EngineSettings(threads=1)) as one, open_engine(EngineSettings(threads=4)) as four:
        everything = " ".join(signal.query for signal in CLUSTER_SIGNALS.values())
        for engine in (one, four):
            for name, table in crowd.relations(everything).items():
                engine.read(name, table)
        return {
            name: [_ask(engine, signal) for engine in (one, *[four] * TIMES)]
            for name, signal in CLUSTER_SIGNALS.items()
        }


def _ask(engine: DuckDBEngine, signal: Signal) -> pa.Table:
    bound = {name: value for name, value in PARAMETERS.items() if f"${name}" in signal.query}
    return engine.query(signal.query, **bound).sort_by("cluster").combine_chunks()


@pytest.mark.parametrize("name", CLUSTER_SIGNALS)
def test_a_cluster_is_measured_to_the_same_bit(name: str, answers: Mapping[str, list[pa.Table]]) -> None:
    first, *again = answers[name]
    assert all(answer.equals(first) for answer in again)
