"""Several account exports as one `accounts` table: first come, first kept, and nothing differs in silence.

Exports are taken in the order in which they are given. Per account and column the first value that is there counts; a
later one that says something else is counted as a conflict of its column. Customers of a payment processor are told
under the account that any of the exports names for them. Accounts are told in the order in which they are first met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.model.tables import ACCOUNT
from stillwatch.sources.joins.exports import EXPORTED, PACKED, export_rows
from stillwatch.sources.joins.mapped import rows_of
from stillwatch.sources.joins.mapping import HouseFormat
from stillwatch.sources.joins.rows import Read, read_rows
from stillwatch.sources.privacy.key import Key

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Accounts:
    """The merged table; how many values differed by column; and for each export, accounts that no other one has."""

    table: pa.Table
    conflicts: Counter[str] = field(default_factory=Counter)
    alone: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unmatched:
    """Accounts that made exchanges and have no row, and rows of accounts that made none."""

    without_row: int
    without_exchange: int


def read_accounts(path: Path, form: HouseFormat | None = None, key: Key | None = None) -> Read:
    """One export, by its mapping or by its keys; with a key, the processor's fingerprints are hashed."""
    if form is not None:
        read = read_rows(path, EXPORTED, rows_of(form), packed=form.packed)
    else:
        read = read_rows(path, EXPORTED, export_rows, packed=PACKED)
    if key is None:
        return read
    place = EXPORTED.arrow.get_field_index("payment_fingerprint")
    once = pc.dictionary_encode(read.table.column(place).combine_chunks())
    known = pa.array([key.hashed("payment", told) for told in once.dictionary.to_pylist()], pa.string())
    table = read.table.set_column(place, "payment_fingerprint", known.take(once.indices))
    return Read(table, read.without, read.failure)


def merged(exports: Mapping[str, pa.Table]) -> Accounts:
    """One row per account of all exports, by name of the export and in their order."""
    whole = pa.concat_tables([_held(table) for table in exports.values()] or [EXPORTED.arrow.empty_table()])
    ids = _under_their_accounts(whole)
    once = pc.dictionary_encode(ids)
    codes: Codes = np.asarray(once.indices, np.int32)
    conflicts: Counter[str] = Counter()
    columns: list[pa.Array] = [once.dictionary]
    for column in ACCOUNT.columns[1:]:
        values = _one(whole.column(column.name))
        kept, differing = _first_of_each(codes, values, len(once.dictionary))
        conflicts.update({column.name: differing} if differing else {})
        columns.append(kept)
    table = pa.Table.from_arrays(columns, schema=ACCOUNT.arrow)
    return Accounts(table, conflicts, _alone(codes, exports))


def unmatched(accounts: pa.Table, seen: pa.Array) -> Unmatched:
    """How accounts and the account ids of exchanges, each once, miss each other."""
    ids = _one(accounts.column("account_id"))
    return Unmatched(
        without_row=len(seen) - int(pc.sum(pc.is_in(seen, value_set=ids)).as_py() or 0),
        without_exchange=len(ids) - int(pc.sum(pc.is_in(ids, value_set=seen)).as_py() or 0),
    )


def _held(table: pa.Table) -> pa.Table:
    """All columns in their order; an export without aliases has none."""
    if "alias" in table.column_names:
        return table.select(EXPORTED.arrow.names)
    return table.append_column("alias", pa.nulls(table.num_rows, pa.string()))


def _under_their_accounts(whole: pa.Table) -> pa.Array:
    """The account ids, customers' ids replaced by their accounts'."""
    ids = _one(whole.column("account_id"))
    named = whole.filter(pc.not_equal(whole.column("alias"), whole.column("account_id")))
    aliases, owners = _one(named.column("alias")), _one(named.column("account_id"))
    if not len(aliases):
        return ids
    return pc.coalesce(owners.take(pc.index_in(ids, value_set=aliases)), ids)


def _first_of_each(codes: Codes, values: pa.Array, count: int) -> tuple[pa.Array, int]:
    """For each account its first value that is there, and how many later ones differ from it."""
    there = np.flatnonzero(np.asarray(values.is_valid()))
    accounts, firsts = np.unique(codes[there], return_index=True)
    row = np.zeros(count, np.int64)
    row[accounts] = there[firsts]
    none = np.ones(count, np.bool_)
    none[accounts] = False
    told = _comparable(values)
    same = pc.equal(told.take(pa.array(there)), told.take(pa.array(row[codes[there]])))
    return values.take(pa.array(row, mask=none)), len(there) - int(pc.sum(same).as_py() or 0)


def _comparable(values: pa.Array) -> pa.Array:
    return pc.binary_join(values, "\n") if pa.types.is_list(values.type) else values


def _alone(codes: Codes, exports: Mapping[str, pa.Table]) -> dict[str, int]:
    """For each export the accounts that stand in no other one."""
    ends = np.cumsum([table.num_rows for table in exports.values()])
    parts: Sequence[Codes] = [np.unique(part) for part in np.split(codes, ends[:-1])]
    times = np.bincount(np.concatenate(parts), minlength=1) if parts else np.zeros(1, np.int64)
    return {name: int((times[part] == 1).sum()) for name, part in zip(exports, parts, strict=False)}


def _one(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
