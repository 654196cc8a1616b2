from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, NETWORK, TIMESTAMP
from stillwatch.sources.check import RANGES
from stillwatch.sources.files import sources
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=30)
MICROS = st.integers(0, 7_000_000_000_000_000)
FORMS = [
    "parquet",
    *(f"{text}{packed}" for text in ("jsonl", "csv") for packed in ("", ".gz", ".zst", ".bz2")),
]


def values_of(column):
    low, high = RANGES.get(column.name, (-(2**63), 2**63 - 1))
    kinds = {
        pa.string(): TEXT,
        TIMESTAMP: MICROS,
        pa.int32(): st.integers(int(low), int(min(high, 2**31 - 1))),
        pa.int64(): st.integers(int(low), int(high)),
        pa.float64(): st.floats(low, high).filter(math.isfinite),
        pa.bool_(): st.booleans(),
        pa.list_(pa.string()): st.lists(TEXT, max_size=3),
    }
    return kinds[column.type] if column.required else st.none() | kinds[column.type]


def tables_of(table):
    key = table.required[0]
    row = st.fixed_dictionaries({c.name: values_of(c) for c in table.columns if c.name != key})
    keyed = st.lists(row, max_size=6).map(
        lambda rows: [{key: f"10.0.{number}.0/24", **row} for number, row in enumerate(rows)]
    )
    return keyed.map(lambda rows: pa.Table.from_pylist(rows, schema=table.arrow))


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables_of(EXCHANGE))
def test_what_a_format_writes_it_reads_back(tmp_path_factory, form, table):
    path = tmp_path_factory.mktemp("trip") / f"exchanges.{form}"
    source = sources()[form.partition(".")[0]]
    source.write(table.to_batches(2) or [pa.RecordBatch.from_pylist([], schema=table.schema)], path)
    reject = Reject()
    batches = list(open_input(path).exchanges(reject))
    assert reject.count == 0
    assert [row for batch in batches for row in batch.to_pylist()] == table.to_pylist()


@pytest.mark.parametrize("kind", [ACCOUNT, NETWORK, MODEL], ids=lambda table: table.name)
@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv"])
@settings(max_examples=10, deadline=None)
@given(chosen=st.data())
def test_the_other_tables_come_back_too(tmp_path_factory, kind, form, chosen):
    table = chosen.draw(tables_of(kind))
    folder = tmp_path_factory.mktemp("trip")
    empty = pa.RecordBatch.from_pylist([], schema=EXCHANGE.arrow)
    source = sources()[form]
    source.write([empty], folder / f"exchanges.{form}")
    source.write(
        table.to_batches() or [pa.RecordBatch.from_pylist([], schema=kind.arrow)],
        folder / f"{kind.name}.{form}",
    )
    reject = Reject()
    got = getattr(open_input(folder), kind.name)(reject)
    assert reject.count == 0
    assert got.to_pylist() == table.to_pylist()


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_written_as_the_same_bytes(tmp_path, form):
    table = pa.Table.from_pylist(
        [{"exchange_id": "x", "ts": 1, "account_id": "a", "model": "m"}], schema=EXCHANGE.arrow
    )
    written = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.{form}"
        sources()[form.partition(".")[0]].write(table.to_batches(), path)
        written.append(path.read_bytes())
    assert written[0] == written[1]
