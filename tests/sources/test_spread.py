"""A log that lies elsewhere: what executors make of its rows, without any of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.errors import InputError, SchemaError, UsageError
from stillwatch.fingerprint.assemble import templates
from stillwatch.judge.groups import member_exchange, member_exchange_query
from stillwatch.model.tables import KEYED
from stillwatch.sources.spread import keying
from stillwatch.sources.spread.arrive import FILE, GOOD, LINE, PLACES, REJECTED, SEEN, Arrive, Choose
from stillwatch.sources.spread.places import open_spread

TIME = pa.timestamp("us", tz="UTC")


def arriving(**columns: list[object]) -> pa.RecordBatch:
    rows = len(columns["exchange_id"])
    given: dict[str, object] = {
        "ts": pa.array(range(1_000_000, 1_000_000 + rows), TIME),
        "account_id": ["a"] * rows,
        "model": ["m"] * rows,
        FILE: ["file:/log/part.parquet"] * rows,
        LINE: pa.array(range(1, rows + 1), pa.int64()),
    }
    return pa.RecordBatch.from_pydict(given | columns)


def arrived(*batches: pa.RecordBatch) -> pa.Table:
    columns = ("exchange_id", "ts", "account_id", "model")
    return pa.Table.from_batches(list(Arrive(columns)(iter(batches))))


def test_a_row_that_breaks_the_contract_comes_with_its_place_and_its_reason() -> None:
    found = arrived(arriving(exchange_id=["x", "y"], model=["m", None]))
    assert found["kind"].to_pylist() == [GOOD, REJECTED, SEEN]
    broken = found.slice(1, 1).to_pylist()[0]
    assert (broken["file"], broken["line"], broken["reason"]) == ("file:/log/part.parquet", 2, "no model")
    assert '"exchange_id":"y"' in broken["shown"]


def test_a_part_without_rows_says_so() -> None:
    assert arrived()["kind"].to_pylist() == [SEEN]


def test_of_equal_ids_the_first_by_file_and_row_stays() -> None:
    late = arriving(exchange_id=["x", "z"], **{FILE: ["file:/log/b.parquet"] * 2})
    early = arriving(exchange_id=["y", "x"], **{FILE: ["file:/log/a.parquet"] * 2})
    with DuckDBEngine(threads=2) as engine:
        engine.read("arrived", arrived(late, early))
        assert engine.query(keying.AGAIN).to_pylist() == [{"file": "file:/log/b.parquet", "line": 1}]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_templates_are_those_of_one_machine(seed: int) -> None:
    random = np.random.default_rng(seed)
    anchors = random.integers(0, 60, (400, len(PLACES))).astype(np.uint64) << np.uint64(58) | np.uint64(1)
    anchors[random.random(anchors.shape) < 0.3] = 0
    account = random.integers(0, 9, len(anchors)).astype(np.int32)
    placed = pa.table({"account": account} | {p: anchors[:, at] for at, p in enumerate(PLACES)})
    with DuckDBEngine(threads=2) as engine:
        engine.read("placed", placed)
        shared = engine.query(keying.SHARED).sort_by("anchor")
    choose = Choose(shared["anchor"].to_numpy(), shared["holders"].to_numpy())
    chosen = choose._templates([pa.array(anchors[:, at].view(np.int64)) for at in range(len(PLACES))])
    assert chosen.tolist() == templates([anchors], account).tolist()
    assert np.count_nonzero(chosen)


def test_requests_of_members_are_the_same_as_a_query() -> None:
    random = np.random.default_rng(5)
    columns = {c.name: pa.array(np.zeros(600, c.type.to_pandas_dtype()), c.type) for c in KEYED.columns}
    columns |= {
        "account": pa.array(random.integers(0, 12, 600).astype(np.int32)),
        "ts": pa.array(random.integers(0, 50, 600)),
        "turns": pa.array(random.integers(0, 6, 600).astype(np.int32), mask=random.random(600) < 0.2),
        "conversation": pa.array(random.integers(0, 40, 600).astype(np.uint64)),
    }
    exchange = pa.table(columns)
    member = pa.table(
        {"account": pa.array([1, 4, 7], pa.int32()), "cluster": pa.array([0, 0, 1], pa.int32())}
    )
    rows = np.flatnonzero(random.random(600) < 0.7)
    line = pa.array(np.arange(600))
    placed = exchange.append_column("line", line).append_column(
        "file_number", pa.array([0] * 600, pa.int32())
    )
    for chosen in (None, rows):
        here = member_exchange(exchange, member, [" ".join(KEYED.arrow.names), "opens"], chosen)
        with DuckDBEngine(threads=2) as engine:
            engine.read("exchange", placed)
            engine.read("member", member)
            engine.read("chosen", placed.take(pa.array(rows)).select(["line", "file_number"]))
            there = engine.query(member_exchange_query(chosen=chosen is not None))
        by = [(name, "ascending") for name in ("account", "ts", "turns", "conversation", "opens")]
        assert there.select(here.column_names).sort_by(by).equals(here.combine_chunks().sort_by(by))


class Storage:
    """Storage that finds the same columns wherever it is asked to look, and says where that was."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns, self.asked, self.name = columns, [], ""

    def find(self, name: str, place: str, file_format: str | None = None) -> tuple[str, ...]:
        self.name = name
        self.asked.append((place, file_format))
        return self.columns

    def holds(self, path: str) -> bool:
        return path.endswith("/exchanges")

    def take(self, _name: str, columns: tuple[str, ...]) -> pa.Schema:
        kinds = {"ts": TIME, "turns": pa.int32()}
        return pa.schema([(name, kinds.get(name, pa.string())) for name in columns])


REQUIRED = ("exchange_id", "ts", "account_id", "model")


def places(tmp_path: Path) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for name in ("world/exchanges", "plain/day=1", "lake/_delta_log"):
        (tmp_path / name).mkdir(parents=True)
        pq.write_table(pa.table({"n": [1]}), tmp_path / name / "part.parquet")
    yield str(tmp_path / "world"), (f"file://{tmp_path}/world/exchanges", "parquet")
    yield str(tmp_path / "plain"), (f"file://{tmp_path}/plain", "parquet")
    yield str(tmp_path / "lake"), (f"file://{tmp_path}/lake", "delta")
    yield "lake.gateway.exchanges", ("lake.gateway.exchanges", None)
    yield "s3://bucket/logs", ("s3://bucket/logs/exchanges", "parquet")


def test_a_log_is_found_in_a_folder_in_storage_and_in_a_catalogue(tmp_path: Path) -> None:
    for path, expected in places(tmp_path):
        storage = Storage((*REQUIRED, "note"))
        found = open_spread(path, storage, {}, log_format=None, scratch=tmp_path)
        assert storage.asked == [expected]
        assert found.columns == frozenset()
        assert found.present["exchanges"] == frozenset(REQUIRED)


def test_a_table_without_a_required_column_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"lake\.exchanges has no column model"):
        open_spread("lake.exchanges", Storage(REQUIRED[:3]), {}, log_format=None, scratch=tmp_path)


def test_logs_in_lines_are_to_be_converted_first(tmp_path: Path) -> None:
    (tmp_path / "exchanges.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="stillwatch convert"):
        open_spread(str(tmp_path), Storage(REQUIRED), {}, log_format=None, scratch=tmp_path)
    with pytest.raises(UsageError, match="parquet, delta, iceberg"):
        open_spread(str(tmp_path), Storage(REQUIRED), {}, log_format="litellm", scratch=tmp_path)
