"""The pass over the log: a sample that no order changes, and that holds nobody who is accused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.bench.sample import LONGEST, sample
from stillwatch.sources.layout import open_input
from tests.bench.conftest import NOBODY
from tests.scan.logs import copied


def test_the_sample_is_the_same_in_any_order_of_rows(log: Path, tmp_path: Path, exchanges: pa.Table) -> None:
    order = np.random.default_rng(3).permutation(exchanges.num_rows)
    other = copied(log, tmp_path / "log", lambda table: table.take(order))
    one, two = (sample(open_input(place), NOBODY, most=500) for place in (log, other))
    assert one.innocent.equals(two.innocent)


def test_the_sample_is_no_larger_than_asked(log: Path) -> None:
    assert sample(open_input(log), NOBODY, most=500).innocent.num_rows == 500


def test_accused_accounts_lend_no_exchange(log: Path, exchanges: pa.Table) -> None:
    accused = exchanges["account_id"].unique()[:200]
    taken = sample(
        open_input(log), accused.combine_chunks() if hasattr(accused, "combine_chunks") else accused
    )
    assert not set(taken.innocent["account_id"].to_pylist()) & set(accused.to_pylist())


def test_an_exchange_of_a_whole_book_is_not_held(log: Path, tmp_path: Path) -> None:
    def longer(table: pa.Table) -> pa.Table:
        prompts = pa.array(["a " * LONGEST] * 10 + table["prompt"].to_pylist()[10:], pa.string())
        return table.set_column(table.schema.get_field_index("prompt"), "prompt", prompts)

    place = copied(log, tmp_path / "log", longer)
    prompts = sample(open_input(place), NOBODY).innocent["prompt"].drop_null().to_pylist()
    assert max(map(len, prompts)) <= LONGEST


def test_nulls_are_counted_over_all_rows(log: Path, exchanges: pa.Table) -> None:
    counted = sample(open_input(log), NOBODY, most=10)
    assert (counted.rows, counted.nulls["client_ip"]) == (
        exchanges.num_rows,
        exchanges["client_ip"].null_count,
    )


def test_a_log_of_one_row_is_its_own_sample(log: Path, tmp_path: Path) -> None:
    copied(log, tmp_path / "log", lambda table: table.slice(0, 1))
    one = sample(open_input(tmp_path / "log"), NOBODY)
    assert (
        one.innocent["exchange_id"].to_pylist()
        == pq.read_table(tmp_path / "log" / "exchanges.parquet")["exchange_id"].to_pylist()
    )
