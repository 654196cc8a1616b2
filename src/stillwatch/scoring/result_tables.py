"""The tables of a scan's folder, read so that a missing file, column or row costs points and not the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.scoring.rates import Numbers
from stillwatch.scoring.truth import Texts, texts

Rows = npt.NDArray[np.int64]


def read_table(path: Path, schema: pa.Schema, messages: list[str]) -> pa.Table | None:
    """Read a Parquet file and note where it departs from the contract; None if it cannot be read."""
    if not path.exists():
        messages.append(f"{path.name}: missing")
        return None
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        messages.append(f"{path.name}: unreadable ({type(error).__name__})")
        return None
    for field in schema:
        _note_mismatch(table, field, path.name, messages)
    return table


def _note_mismatch(table: pa.Table, field: pa.Field, name: str, messages: list[str]) -> None:
    """Say where a column is missing or has a type of another kind than the contract's."""
    if field.name not in table.column_names:
        messages.append(f"{name}: column {field.name} missing")
        return
    found = table.schema.field(field.name).type
    fits = _is_text if pa.types.is_string(field.type) else pa.types.is_floating
    if not (fits(found) or pa.types.is_null(found)):
        messages.append(f"{name}: column {field.name} has type {found}, expected {field.type}")


def _is_text(found: pa.DataType) -> bool:
    types = pa.types
    kinds = (types.is_string, types.is_large_string, types.is_string_view, types.is_dictionary)
    return any(is_kind(found) for is_kind in kinds)


def rows_of(accounts: pa.Table | None, account_id: pa.Array, messages: list[str]) -> Rows:
    """For each account of the truth its last row in the report; -1 where it is not listed."""
    row = np.full(len(account_id), -1, dtype=np.int64)
    if accounts is None or "account_id" not in accounts.column_names:
        return row
    listed = accounts["account_id"].cast(pa.string())
    place = pc.fill_null(pc.index_in(listed, value_set=account_id), -1).to_numpy()
    known = place >= 0
    row[place[known]] = np.flatnonzero(known)
    if not known.all():
        messages.append(f"accounts.parquet: {int((~known).sum())} unknown account ids")
    if (row < 0).any():
        messages.append(f"accounts.parquet: {int((row < 0).sum())} accounts of the input are not listed")
    return row


def text_column(table: pa.Table | None, name: str, row: Rows) -> Texts:
    """Take a text column by row; None where the table, the column, the row or the value is missing."""
    result = np.full(row.size, None, dtype=np.object_)
    if table is not None and name in table.column_names:
        result[row >= 0] = texts(table[name])[row[row >= 0]]
    return result


def number_column(table: pa.Table | None, name: str, row: Rows) -> Numbers:
    """Take a number column by row; 0 where table, column, row or value is missing or is no number."""
    result = np.zeros(row.size)
    if table is not None and name in table.column_names:
        result[row >= 0] = _numbers(table[name])[row[row >= 0]]
    return result


def _numbers(column: pa.ChunkedArray) -> Numbers:
    try:
        values: Numbers = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.zeros(len(column))
    return np.nan_to_num(values)
