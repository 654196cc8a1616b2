"""Put keyed batches together: positions for accounts, one template per request, names for keys.

A request's template is its text anchor that the most accounts share (at least `SHARED_BY`), so that a fixed text
around a changing slot gives all its requests one key, and a request carries one template, not eight anchors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.door import keyed_accounts
from stillwatch.fingerprint.kernels import MIX_A
from stillwatch.fingerprint.text import Keys, string_keys
from stillwatch.model.tables import KEYED, KEYED_ACCOUNT

SHARED_BY = 3
"""An anchor counts as shared from this many accounts on."""


@dataclass(frozen=True)
class Log:
    """A log after the door.

    `exchange` and `account` are keyed tables; `exchange_ids` and `account_ids` give back the ids by row and by
    position; `names` gives back what a key stood for, for columns with few values.
    """

    exchange: pa.Table
    account: pa.Table
    exchange_ids: pa.ChunkedArray
    account_ids: list[str]
    names: dict[str, dict[int, str]] = field(default_factory=dict)


@nb.njit(cache=True, nogil=True)
def _slot_of(key: np.uint64, check: npt.NDArray[np.uint64], mask: np.uint64) -> np.int64:
    slot = (key * MIX_A) >> np.uint64(20) & mask
    while check[slot] != np.uint64(0) and check[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@nb.njit(cache=True, nogil=True)
def _most_shared(
    anchors: npt.NDArray[np.uint64],
    account: npt.NDArray[np.int32],
    order: npt.NDArray[np.int64],
    least: int,
    check: npt.NDArray[np.uint64],
) -> npt.NDArray[np.uint64]:
    """Count accounts per anchor over rows in account order, then pick each row's most shared anchor."""
    template = np.zeros(len(account), np.uint64)
    last = np.full(len(check), -1, np.int32)
    count = np.zeros(len(check), np.int32)
    mask = np.uint64(len(check) - 1)
    width = anchors.shape[1]
    for row in order:
        for a in range(width):
            key = anchors[row, a]
            if key == np.uint64(0):
                break
            slot = _slot_of(key, check, mask)
            check[slot] = key
            if last[slot] != account[row]:
                last[slot] = account[row]
                count[slot] += 1
    for row in range(len(order)):
        best, holders = np.uint64(0), least - 1
        for a in range(width):
            key = anchors[row, a]
            if key == np.uint64(0):
                break
            n = count[_slot_of(key, check, mask)]
            if n > holders:
                best, holders = key, n
        template[row] = best
    return template


def templates(anchors: npt.NDArray[np.uint64], account: npt.NDArray[np.int32]) -> Keys:
    """The most widely shared anchor of each of n requests, 0 where none is shared by `SHARED_BY` accounts."""
    used = int(np.count_nonzero(anchors))
    if not used:
        return np.zeros(len(account), np.uint64)
    slots = 1 << max(10, int(np.ceil(np.log2(used * 1.6))))
    order = np.argsort(account, kind="stable")
    return _most_shared(anchors, account, order, SHARED_BY, np.zeros(slots, np.uint64))


class _Names:
    """What keys stood for, gathered while the rows pass."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.names: dict[str, dict[int, str]] = {column: {} for column in columns}

    def see(self, column: str, values: pa.Array) -> None:
        distinct = pc.unique(values).drop_null()
        known = self.names[column]
        for key, value in zip(string_keys(distinct).tolist(), distinct.to_pylist(), strict=True):
            known.setdefault(key, value)


NAMED = {
    "model": "model",
    "channel": "channel",
    "user_agent": "user_agent",
    "tls": "ja4",
    "headers": "header_profile",
    "sdk": "sdk",
}
"""Keyed columns of few values, whose names are kept for people."""


class Gather:
    """Collects keyed batches in any order of rows; `finish` gives the log."""

    def __init__(self) -> None:
        self._batches: list[pa.RecordBatch] = []
        self._names = _Names(NAMED)

    def add(self, contract: pa.RecordBatch, keyed: pa.RecordBatch) -> None:
        """One batch of the contract and its keys."""
        for name, source in NAMED.items():
            position = contract.schema.get_field_index(source)
            if position >= 0:
                self._names.see(name, contract.column(position))
        self._batches.append(keyed)

    def finish(self, accounts: pa.Table) -> Log:
        """The log, with positions for every account that the account table or an exchange names."""
        rows = _chunks(self._batches)
        seen = {
            value for batch in self._batches for value in batch.column("account_id").dictionary.to_pylist()
        }
        account_ids = sorted(seen | set(accounts.column("account_id").to_pylist()))
        position = {value: at for at, value in enumerate(account_ids)}
        account = np.concatenate(
            [_positions(b.column("account_id"), position) for b in self._batches] or [np.zeros(0, np.int32)]
        )
        anchors = _anchors(self._batches)
        columns: dict[str, pa.Array | pa.ChunkedArray] = {
            "account": pa.array(account),
            "template": pa.array(templates(anchors, account)),
        }
        for spec in KEYED.columns:
            if spec.name not in columns:
                columns[spec.name] = rows[spec.name].cast(spec.type)
        return Log(
            exchange=pa.table({c.name: columns[c.name] for c in KEYED.columns}).combine_chunks(),
            account=_account_table(accounts, account_ids, position),
            exchange_ids=rows["exchange_id"],
            account_ids=account_ids,
            names=self._names.names,
        )


def _chunks(batches: list[pa.RecordBatch]) -> dict[str, pa.ChunkedArray]:
    names = [c.name for c in KEYED.columns if c.name not in ("account", "template")]
    types = {c.name: c.type for c in KEYED.columns}
    out = {
        name: pa.chunked_array([b.column(name) for b in batches], None if batches else types[name])
        for name in names
    }
    out["exchange_id"] = pa.chunked_array([b.column("exchange_id") for b in batches], pa.string())
    return out


def _positions(ids: pa.DictionaryArray, position: dict[str, int]) -> npt.NDArray[np.int32]:
    table = np.array([position[value] for value in ids.dictionary.to_pylist()], np.int32)
    at: npt.NDArray[np.int32] = ids.indices.to_numpy(zero_copy_only=False)
    return table[at]


def _anchors(batches: list[pa.RecordBatch]) -> npt.NDArray[np.uint64]:
    parts = [np.asarray(b.column("anchors").flatten()).reshape(b.num_rows, -1) for b in batches if b.num_rows]
    return np.concatenate(parts) if parts else np.zeros((0, 8), np.uint64)


def _account_table(accounts: pa.Table, account_ids: list[str], position: dict[str, int]) -> pa.Table:
    keys = keyed_accounts(accounts)
    at = np.array([position[value] for value in accounts.column("account_id").to_pylist()], np.int64)
    columns: dict[str, pa.Array] = {"account": pa.array(np.arange(len(account_ids), dtype=np.int32))}
    row = np.full(len(account_ids), -1, np.int64)
    row[at] = np.arange(len(at))
    taken = pa.array(row, mask=row < 0)
    for spec in KEYED_ACCOUNT.columns[1:]:
        values = keys.column(spec.name).take(taken).combine_chunks()
        columns[spec.name] = values.fill_null(0) if spec.type == pa.uint64() else values
    return pa.table(columns)
