from __future__ import annotations

import shutil
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import InputError, SchemaError
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources import parquet as source
from stillwatch.sources.parquet import SOURCE
from tests.sources.logs import parquet, scan


def broken_text(*texts: bytes) -> pa.Array:
    return pa.array(texts, pa.binary()).view(pa.string())


BROKEN = {
    "null id": ({"exchange_id": pa.array(["x1", None, "x3"])}, "no exchange_id"),
    "empty id": ({"exchange_id": pa.array(["x1", "", "x3"])}, "no exchange_id"),
    "null time": ({"ts": pa.array([1, None, 3], pa.timestamp("us", "UTC"))}, "no ts"),
    "time before 1970": ({"ts": pa.array([1, -1, 3], pa.timestamp("us", "UTC"))}, "time out of range: ts"),
    "endless time": ({"ts": pa.array([1, 2**63 - 1, 3], pa.timestamp("us", "UTC"))}, "time out of range: ts"),
    "milliseconds overflow": (
        {"ts": pa.array([1, 2**62, 3], pa.timestamp("ms", "UTC"))},
        "number out of range: ts",
    ),
    "no UTF-8": ({"prompt": broken_text(b"ok", b"\xff\xfe", "é".encode())}, "no UTF-8 in prompt"),
    "cut character": ({"prompt": broken_text(b"ok", b"caf\xc3", b"\xc3\xa9")}, "no UTF-8 in prompt"),
    "null byte": ({"user_agent": pa.array(["a", "b\0", None])}, "null byte in user_agent"),
    "list null byte": ({"tools": pa.array([["a"], ["b", "\0"], []])}, "null byte in tools"),
    "list null": ({"tools": pa.array([["a"], ["b", None], None])}, "wrong type: null in tools"),
    "negative": ({"input_tokens": pa.array([1, -1, None], pa.int32())}, "number out of range: input_tokens"),
    "too wide": (
        {"input_tokens": pa.array([1, 2**31, None], pa.int64())},
        "number out of range: input_tokens",
    ),
    "unsigned": ({"seed": pa.array([1, 2**63, None], pa.uint64())}, "number out of range: seed"),
    "fraction": ({"turns": pa.array([1.0, 1.5, None])}, "wrong type: turns"),
    "NaN": ({"temperature": pa.array([1.0, float("nan"), None])}, "number out of range: temperature"),
    "infinite": ({"temperature": pa.array([1.0, float("inf"), None])}, "number out of range: temperature"),
    "rate": ({"sampling_rate": pa.array([0.0, 1.01, 1.0])}, "number out of range: sampling_rate"),
    "text number": ({"turns": pa.array(["1", "many", None])}, "wrong type: turns"),
    "text time": (
        {"ts": pa.array(["2026-01-01T00:00:00Z", "soon", "2026-01-01T00:00:00Z"])},
        "no ISO 8601 time with a zone: ts",
    ),
    "text list": ({"tools": pa.array(['["a"]', "[", None])}, "wrong type: tools"),
    "text truth": ({"logprobs": pa.array(["true", "perhaps", None])}, "wrong type: logprobs"),
    "duplicate": ({"exchange_id": pa.array(["x1", "x1", "x3"])}, "duplicate exchange_id"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_row_is_rejected_and_its_neighbours_are_kept(tmp_path, kind):
    changes, reason = BROKEN[kind]
    got = scan(parquet(tmp_path / "exchanges.parquet", **changes))
    assert got.ids == ["x1", "x3"]
    assert got.reasons == {2: reason}
    assert got.rejected[0]["row"]["model"] == "m"


SAME = {
    "large text": ("prompt", pa.array(["a", None, "é"], pa.large_string())),
    "text view": ("prompt", pa.array(["a", None, "é"], pa.string_view())),
    "dictionary": ("prompt", pa.array(["a", None, "é"]).dictionary_encode()),
    "bytes": ("prompt", pa.array([b"a", None, "é".encode()], pa.binary())),
    "int16": ("turns", pa.array([1, None, 3], pa.int16())),
    "int64": ("turns", pa.array([1, None, 3], pa.int64())),
    "uint32": ("turns", pa.array([1, None, 3], pa.uint32())),
    "whole floats": ("turns", pa.array([1.0, None, 3.0])),
    "decimals": ("turns", pa.array([Decimal(1), None, Decimal(3)])),
    "float32": ("temperature", pa.array([0.5, None, 1.0], pa.float32())),
    "whole temperature": ("temperature", pa.array([0, None, 1], pa.int8())),
    "large list": ("tools", pa.array([["a"], None, []], pa.large_list(pa.large_string()))),
    "list of dictionary": (
        "tools",
        pa.array([["a"], None, []], pa.list_(pa.dictionary(pa.int32(), pa.string()))),
    ),
    "milliseconds": ("ts", pa.array([1, 2, 3], pa.timestamp("ms", "UTC"))),
    "nanoseconds": ("ts", pa.array([1999, 2000, 3000], pa.timestamp("ns", "UTC"))),
    "seconds elsewhere": ("ts", pa.array([1, 2, 3], pa.timestamp("s", "America/New_York"))),
    "nothing": ("prompt", pa.nulls(3)),
    "whole ids": ("account_id", pa.array([1, 2, 2**60])),
}
WANTED = {
    "prompt": ["a", None, "é"],
    "turns": [1, None, 3],
    "tools": [["a"], None, []],
    "float32": [0.5, None, 1.0],
    "whole temperature": [0.0, None, 1.0],
    "milliseconds": [datetime(1970, 1, 1, 0, 0, 0, 1000 * n, tzinfo=UTC) for n in (1, 2, 3)],
    "nanoseconds": [datetime(1970, 1, 1, 0, 0, 0, n, tzinfo=UTC) for n in (1, 2, 3)],
    "seconds elsewhere": [datetime(1970, 1, 1, 0, 0, n, tzinfo=UTC) for n in (1, 2, 3)],
    "nothing": [None, None, None],
    "whole ids": ["1", "2", str(2**60)],
}


@pytest.mark.parametrize("kind", SAME)
def test_other_types_of_the_same_thing_are_read_as_contract_types(tmp_path, kind):
    name, column = SAME[kind]
    got = scan(parquet(tmp_path / "exchanges.parquet", **{name: column}))
    assert got.rejected == []
    assert got.table[name].to_pylist() == WANTED.get(kind, WANTED.get(name))


def test_times_without_a_zone_are_taken_as_utc_and_noted(tmp_path):
    got = scan(parquet(tmp_path / "exchanges.parquet", ts=pa.array([1, 2, 3], pa.timestamp("us"))))
    assert got.rows[0]["ts"] == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert got.input.notes == ("exchanges.parquet: ts has times without a zone; they were taken as UTC",)


IMPOSSIBLE = {
    "account_id": pa.array([{"a": 1}, {"a": 2}, None]),
    "ts": pa.array([1, 2, 3]),
    "prompt": pa.array([True, False, None]),
    "turns": pa.array([True, False, None]),
    "logprobs": pa.array([1, 0, 1]),
    "tools": pa.array([[1], [2], None]),
    "model": pa.array([1.5, 2.5, None]),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_column_of_an_impossible_type_is_named_with_both_types(tmp_path, name):
    path = parquet(tmp_path / "exchanges.parquet", **{name: IMPOSSIBLE[name]})
    with pytest.raises(SchemaError) as caught:
        scan(path)
    assert name in str(caught.value)
    assert str(IMPOSSIBLE[name].type).replace("item", "element") in str(caught.value)


def test_a_missing_required_column_is_named(tmp_path):
    with pytest.raises(SchemaError, match="no column account_id"):
        scan(parquet(tmp_path / "exchanges.parquet", account_id=None))


def test_a_column_that_occurs_twice_is_refused(tmp_path):
    path = parquet(tmp_path / "exchanges.parquet")
    table = pq.read_table(path)
    pq.write_table(table.append_column("model", table["model"]), path)
    with pytest.raises(SchemaError, match="model occurs 2 times"):
        scan(path)


def test_unknown_columns_are_kept_out_and_counted(tmp_path):
    got = scan(
        parquet(
            tmp_path / "exchanges.parquet",
            beside=pa.array([{"any": 1}] * 3),
            exchange_id=pa.array(["x1", None, "x3"]),
        )
    )
    assert got.input.unknown_columns == {"exchanges.beside": 3}
    assert got.table.column_names == ["exchange_id", "ts", "account_id", "model"]


def test_columns_come_in_contract_order(tmp_path):
    got = scan(
        parquet(tmp_path / "exchanges.parquet", status=pa.array([200] * 3), prompt=pa.array(["p"] * 3))
    )
    assert got.table.column_names == ["exchange_id", "ts", "account_id", "model", "prompt", "status"]


def many(path, rows=200_000, group=10_000):
    numbers = np.arange(rows)
    table = pa.table(
        {
            "exchange_id": pa.array(numbers).cast(pa.string()),
            "ts": pa.array(numbers, pa.timestamp("us", "UTC")),
            "account_id": pa.array(numbers % 7).cast(pa.string()),
            "model": pa.array(["m"] * rows),
        }
    )
    pq.write_table(table, path, row_group_size=group, compression="none", use_dictionary=False)
    return path


def test_many_row_groups_are_read_in_order_in_batches_of_about_64k(tmp_path):
    got = scan(many(tmp_path / "exchanges.parquet"))
    assert got.ids == [str(n) for n in range(200_000)]
    assert got.input.rows == 200_000


def test_wide_rows_come_in_smaller_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "BYTES", 200_000)
    path = many(tmp_path / "exchanges.parquet", rows=20_000)
    chunks = list(SOURCE.read(path, source_table()).chunks())
    assert max(chunk.batch.num_rows for chunk in chunks) < 10_000
    assert [line for chunk in chunks for line in chunk.lines.tolist()] == list(range(1, 20_001))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary()])
def test_a_long_text_that_a_file_holds_once_is_not_written_out_for_all_rows_at_once(
    tmp_path, monkeypatch, kind
):
    monkeypatch.setattr(source, "BYTES", 20_000)
    path, rows = many(tmp_path / "exchanges.parquet", rows=1_000), 1_000
    places = pa.array([None if row == 7 else row % 2 for row in range(rows)], pa.int32())
    texts = pa.DictionaryArray.from_arrays(places, pa.array(["long " * 100, "short"]).cast(kind))
    pq.write_table(pq.read_table(path).append_column("prompt", texts), path)
    chunks = list(SOURCE.read(path, source_table()).chunks())
    assert [line for chunk in chunks for line in chunk.lines.tolist()] == list(range(1, rows + 1))
    assert max(chunk.batch["prompt"].nbytes for chunk in chunks) < 30_000
    told = [text for chunk in chunks for text in chunk.batch["prompt"].to_pylist()]
    assert told == [None if row == 7 else ("long " * 100, "short")[row % 2] for row in range(rows)]


def source_table():
    return EXCHANGE


def test_a_damaged_row_group_costs_its_own_rows_and_is_told(tmp_path):
    folder = tmp_path / "log" / "exchanges"
    folder.mkdir(parents=True)
    path = many(folder / "a.parquet", rows=300_000, group=100_000)
    place = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    bytes_of_it = bytearray(path.read_bytes())
    bytes_of_it[place : place + 64] = b"\xff" * 64
    path.write_bytes(bytes_of_it)
    got = scan(tmp_path / "log", failing=True)
    assert got.ids == [str(n) for n in [*range(100_000), *range(200_000, 300_000)]]
    assert "rows 100001 to 200000" in got.input.failures["exchanges/a.parquet"]


@pytest.mark.parametrize("damage", ["empty", "words", "cut"])
def test_a_file_that_is_no_parquet_is_an_input_error_if_it_is_the_only_one(tmp_path, damage):
    path = parquet(tmp_path / "exchanges.parquet")
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "words": b"hello", "cut": whole[: len(whole) // 2]}[damage])
    with pytest.raises(InputError, match=r"exchanges\.parquet: not readable as Parquet"):
        scan(tmp_path)


def test_a_file_that_is_no_parquet_among_others_is_told_and_the_others_are_read(tmp_path):
    parquet(tmp_path / "log/exchanges/a.parquet")
    (tmp_path / "log/exchanges/b.parquet").write_bytes(b"hello")
    shutil.copy(tmp_path / "log/exchanges/a.parquet", tmp_path / "log/exchanges/c.parquet")
    got = scan(tmp_path / "log", failing=True)
    assert got.ids == ["x1", "x2", "x3"]
    assert {row["file"] for row in got.rejected} == {"exchanges/c.parquet"}
    assert list(got.input.failures) == ["exchanges/b.parquet"]


@pytest.mark.parametrize("by", ["its beginning", "a file of fewer columns", "a file of other columns"])
def test_a_file_that_is_replaced_while_it_is_read_is_told(tmp_path, by):
    path = parquet(tmp_path / "exchanges.parquet")
    reading = SOURCE.read(path, source_table())
    if by == "its beginning":
        path.write_bytes(path.read_bytes()[:100])
    else:
        held = pq.read_table(path)
        pq.write_table(held.drop(["model"]) if "fewer" in by else pa.table({"n": [1, 2]}), path)
    (chunk,) = reading.chunks()
    assert chunk.batch.num_rows == 0
    assert "is it being written?" in chunk.failure


def test_an_empty_table_holds_no_rows(tmp_path):
    path = parquet(tmp_path / "exchanges.parquet")
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    assert scan(path).rows == []


def test_an_encoded_text_that_breaks_the_contract_costs_the_rows_that_carry_it(tmp_path):
    columns = {
        "exchange_id": pa.array([f"x{at}" for at in range(6)]),
        "ts": pa.array(range(6), EXCHANGE["ts"].type),
        "account_id": pa.array(["a1"] * 6),
        "model": pa.array(["a", "", "b", "a\0", None, "a"]),
    }
    got = scan(parquet(tmp_path / "exchanges.parquet", columns))
    assert got.ids == ["x0", "x2", "x5"]
    assert got.reasons == {2: "no model", 4: "null byte in model", 5: "no model"}
    assert got.table["model"].type == EXCHANGE["model"].encoded
