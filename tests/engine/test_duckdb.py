from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.engine.open import EngineSettings, open_engine
from stillwatch.errors import EngineError, SettingsError

LARGEST = 2**64 - 1


@pytest.fixture
def engine(tmp_path):
    with DuckDBEngine(threads=2, temporary=tmp_path) as opened:
        yield opened


def test_unsigned_keys_of_64_bits_come_back_as_they_went_in(engine):
    keys = pa.table({"key": pa.array([LARGEST, 2**63, 0, None], pa.uint64())})
    engine.read("trait", keys)
    assert engine.query("SELECT * FROM trait").equals(keys)
    assert engine.query("SELECT key FROM trait WHERE key = $key", key=LARGEST)["key"].to_pylist() == [LARGEST]


INTERACTIVE = """
from stillwatch.engine.open import open_engine
asked = [("SELECT current_setting('enable_progress_bar') AS shown, $n AS n", {"n": n}) for n in range(4)]
with open_engine() as engine:
    print([found["shown"][0].as_py() for found in engine.answers(asked)])
"""


def test_no_bar_is_drawn_for_a_long_query_where_the_database_would_draw_one():
    """It does where it takes a process for interactive, as a notebook is, and one whose program stands in its command."""
    found = subprocess.run([sys.executable, "-c", INTERACTIVE], check=True, capture_output=True, text=True)
    assert found.stdout == f"{[False] * 4}\n"


def test_contract_types_come_back_as_they_went_in(engine):
    table = pa.table(
        {
            "ts": pa.array([0, None], pa.timestamp("us", tz="UTC")),
            "tools": pa.array([["a", "b"], None], pa.list_(pa.string())),
            "logprobs": [True, None],
            "n": pa.array([1, None], pa.int32()),
        }
    )
    engine.read("exchange", table)
    assert engine.query("SELECT * FROM exchange").to_pydict() == table.to_pydict()
    assert engine.query("SELECT * FROM exchange").schema.types[0] == pa.timestamp("us", tz="UTC")


def test_a_table_lives_on_when_the_caller_lets_go_of_it(engine):
    engine.read("numbers", pa.table({"x": np.arange(100_000)}))
    gc.collect()
    assert engine.query("SELECT sum(x) AS total FROM numbers")["total"].to_pylist() == [4_999_950_000]


def test_a_reader_can_be_queried_more_than_once(engine):
    table = pa.table({"x": [1, 2, 3]})
    engine.read("numbers", pa.RecordBatchReader.from_batches(table.schema, table.to_batches()))
    assert engine.query("SELECT x FROM numbers").equals(table)
    assert engine.query("SELECT x FROM numbers").equals(table)


def test_reading_a_name_again_replaces_what_had_it(engine):
    as_reader = pa.table({"x": [2]})
    engine.read("numbers", pa.table({"x": [1]}))
    engine.read("numbers", pa.RecordBatchReader.from_batches(as_reader.schema, as_reader.to_batches()))
    assert engine.query("SELECT x FROM numbers")["x"].to_pylist() == [2]
    engine.read("numbers", pa.table({"x": [3]}))
    assert engine.query("SELECT x FROM numbers")["x"].to_pylist() == [3]


def test_a_forgotten_table_is_no_longer_there(engine):
    engine.read("numbers", pa.table({"x": [1]}))
    engine.forget("numbers")
    with pytest.raises(EngineError, match="numbers"):
        engine.query("SELECT x FROM numbers")


def test_a_failing_query_is_raised_with_its_sql_and_parameters(engine):
    with pytest.raises(EngineError, match=r"SELECT nowhere") as caught:
        engine.query("SELECT nowhere WHERE $least > 1", least=2)
    assert caught.value.sql.startswith("SELECT nowhere")
    assert "$least = '2'" in str(caught.value)


@pytest.mark.parametrize("sql", ["", "-- nothing", "SELEC 1", "SELECT $x", "SELECT error('no')"])
def test_every_failure_is_an_engine_error(engine, sql):
    with pytest.raises(EngineError):
        engine.query(sql)


def test_the_engine_works_on_after_a_failure(engine):
    with pytest.raises(EngineError):
        engine.query("SELECT error('no')")
    assert engine.query("SELECT 1 AS one")["one"].to_pylist() == [1]


def test_ctrl_c_during_a_query_is_ctrl_c(engine):
    stop = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    with pytest.raises(KeyboardInterrupt):
        engine.query("SELECT sum(a.range * b.range) FROM range(15000) AS a, range(15000) AS b")
    stop.join()
    assert engine.query("SELECT 1 AS one")["one"].to_pylist() == [1]


@pytest.mark.parametrize("threads", [1, 2, 6])
def test_many_questions_are_answered_in_their_order(threads):
    with DuckDBEngine(threads=threads) as engine:
        engine.read("by table", pa.table({"x": np.arange(1000)}))
        engine.read("by reader", pa.RecordBatchReader.from_batches(pa.schema([("x", pa.int64())]), []))
        asked = [(f"SELECT {n} + $y AS n, count(*) AS rows FROM 'by table'", {"y": n}) for n in range(40)]
        found = list(engine.answers([*asked, ("SELECT count(*) AS rows FROM 'by reader'", {})]))
        assert [t["n"][0].as_py() for t in found[:-1]] == [2 * n for n in range(40)]
        assert {t["rows"][0].as_py() for t in found[:-1]} == {1000}
        assert found[-1]["rows"].to_pylist() == [0]
        assert engine.query("SELECT current_setting('threads') AS n")["n"].to_pylist() == [threads]


def test_one_question_that_fails_ends_the_others_and_the_engine_works_on(engine):
    long = ("SELECT sum(a.range * b.range) FROM range(60000) AS a, range(60000) AS b", {})
    with pytest.raises(EngineError, match="no"):
        list(engine.answers([("SELECT error('no')", {}), *[long] * 3]))
    engine.read("numbers", pa.table({"x": [1]}))
    assert [t["x"].to_pylist() for t in engine.answers([("SELECT x FROM numbers", {})] * 3)] == [[1]] * 3


def test_ctrl_c_during_many_questions_is_ctrl_c(engine):
    stop = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    with pytest.raises(KeyboardInterrupt):
        list(
            engine.answers(
                [("SELECT sum(a.range * b.range) FROM range(60000) AS a, range(60000) AS b", {})] * 4
            )
        )
    stop.join()
    assert engine.query("SELECT 1 AS one")["one"].to_pylist() == [1]


@pytest.mark.parametrize("threads", [1, 2, 6])
def test_each_of_several_at_once_has_names_of_its_own(threads):
    def look(one, number):
        one.read("mine", pa.table({"x": [number]}))
        one.read("shared", pa.table({"x": [number]}))
        one.read("shared", pa.table({"x": [10 * number]}))
        asked = [("SELECT x + $y AS x FROM mine", {"y": 1}), ("SELECT x FROM shared", {})]
        found = [table["x"].to_pylist() for table in one.answers(asked)]
        one.forget("shared")
        (again,) = one.answers([("SELECT x FROM shared", {})])
        return [*found, again["x"].to_pylist()]

    with DuckDBEngine(threads=threads) as engine:
        engine.read("shared", pa.table({"x": [-1]}))
        assert list(engine.side_by_side(range(20), look, at_once=threads)) == [
            [[n + 1], [10 * n], [-1]] for n in range(20)
        ]
        asked = [("SELECT x FROM shared", {})] * 8
        assert [table["x"].to_pylist() for table in engine.answers(asked)] == [[-1]] * 8
        with pytest.raises(EngineError, match="mine"):
            list(engine.answers([("SELECT x FROM mine", {})]))


def test_one_of_several_that_fails_ends_the_others_and_lets_go_of_its_names(engine):
    def look(one, number):
        one.read("mine", pa.table({"x": [number]}))
        if not number:
            raise ValueError("no")
        return list(
            one.answers([("SELECT sum(a.range * b.range) FROM range(60000) AS a, range(60000) AS b", {})])
        )

    with pytest.raises(ValueError, match="no"):
        list(engine.side_by_side(range(4), look, at_once=2))
    with pytest.raises(EngineError, match="mine"):
        engine.query("SELECT x FROM mine")


def test_a_sum_of_integers_is_a_64_bit_integer(engine):
    assert engine.query("SELECT sum(1) AS n").schema.field("n").type == pa.int64()


def test_a_sum_beyond_64_bits_is_refused_and_not_cut(engine):
    with pytest.raises(EngineError, match="64 bits"):
        engine.query("SELECT sum(x) AS n FROM (VALUES (9223372036854775807), (1)) AS t(x)")


def test_python_variables_are_not_tables(engine):
    hidden = pa.table({"x": [1]})
    with pytest.raises(EngineError, match="hidden"):
        engine.query("SELECT * FROM hidden")
    assert hidden.num_rows == 1


def test_times_are_in_utc_whatever_the_machine_says(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with DuckDBEngine(threads=1) as engine:
        engine.read("t", pa.table({"ts": pa.array([0], pa.timestamp("us", tz="UTC"))}))
        assert engine.query("SELECT hour(ts) AS h FROM t")["h"].to_pylist() == [0]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_row_order_does_not_depend_on_threads(threads):
    with DuckDBEngine(threads=threads) as engine:
        engine.read("t", pa.table({"x": np.arange(300_000)}))
        kept = engine.query("SELECT x FROM t WHERE x % 3 = 0")["x"].to_numpy()
    assert np.array_equal(kept, np.arange(0, 300_000, 3))


def test_more_memory_than_the_limit_spills_into_the_scratch_folder_which_is_removed(tmp_path):
    keys = np.random.default_rng(1).integers(0, 2**63, 2_000_000)
    with DuckDBEngine(threads=1, memory_limit="100MB", temporary=tmp_path) as engine:
        engine.read("t", pa.table({"k": keys}))
        counted = engine.query("SELECT count(*) AS n FROM (SELECT DISTINCT k FROM t ORDER BY k)")
        assert len(list(tmp_path.iterdir())) == 1
    assert counted["n"].to_pylist() == [len(np.unique(keys))]
    assert list(tmp_path.iterdir()) == []


def test_the_scratch_folder_is_removed_after_an_error(tmp_path):
    with pytest.raises(EngineError), DuckDBEngine(temporary=tmp_path) as engine:
        engine.query("SELECT nothing")
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_can_be_read_from_parquet(engine, tmp_path):
    table = pa.table({"key": pa.array([LARGEST, 1], pa.uint64()), "name": ["a", None]})
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    engine.read("by reader", reader)
    engine.read("by table", table)
    for number, written in enumerate(["by reader", "by table", table]):
        engine.write(written, tmp_path / f"{number}.parquet")
        assert pq.read_table(tmp_path / f"{number}.parquet").equals(table)
    assert pq.ParquetFile(tmp_path / "0.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_writing_a_table_that_is_not_there_names_it(engine, tmp_path):
    with pytest.raises(EngineError, match="nowhere"):
        engine.write("nowhere", tmp_path / "x.parquet")


def test_map_batches_keeps_the_order(engine):
    batches = [pa.record_batch({"x": [number]}) for number in range(50)]
    doubled = engine.map_batches(batches, lambda b: pa.record_batch({"x": [2 * b["x"][0].as_py()]}))
    assert [b["x"][0].as_py() for b in doubled] == list(range(0, 100, 2))


def test_settings_reach_the_engine():
    with open_engine(EngineSettings(threads=1, memory="200MB")) as engine:
        limit = engine.query("SELECT current_setting('memory_limit') AS m")["m"][0].as_py()
        assert engine.threads == 1
    assert limit.startswith("95.3"), "half of the memory is for queries"


@pytest.mark.parametrize(
    "wrong", [{"threads": 0}, {"threads": -1}, {"memory": "much"}, {"memory": "0GB"}, {"memory": "2"}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        EngineSettings(**wrong)


def test_only_paths_of_the_scratch_folder_are_touched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with DuckDBEngine() as engine:
        engine.query("SELECT 1")
    assert list(Path.cwd().iterdir()) == []
