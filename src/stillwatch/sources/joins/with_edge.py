"""Exchanges with what the edge knows of their requests: address, user agent, TLS fingerprint, header order, status.

Only what an exchange lacks is filled in; what it says itself stays. The two are one request if the edge's request id is
the exchange's id, or the value of another column that the gateway kept it in. Of edge rows with one id the first
counts. The edge log is held as Arrow columns and two sorted arrays of numbers, sixteen bytes a row beside its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.joins.keys import keys_of

FILLED = ("client_ip", "user_agent", "ja4", "header_profile", "status")
"""Columns that an edge log can fill in."""


@dataclass
class Joined:
    """Exchanges with and without an edge row, edge rows without an exchange, and edge rows whose id came before.

    Complete when the last batch was taken.
    """

    matched: int = 0
    without_edge: int = 0
    without_exchange: int = 0
    repeated: int = 0


def with_edge(
    batches: Iterable[pa.RecordBatch], edge: pa.Table, joined: Joined, *, on: str = "exchange_id"
) -> Iterator[pa.RecordBatch]:
    """The batches with their empty columns filled from the edge table; what matched is counted in `joined`."""
    edge = edge.filter(pc.is_valid(edge.column("request_id")))
    lookup = _Lookup(edge.column("request_id"))
    columns = {name: _whole(edge.column(name)) for name in FILLED if name in edge.column_names}
    met = np.zeros(len(lookup), np.bool_)
    joined.repeated = edge.num_rows - len(lookup)
    joined.without_exchange = len(lookup)
    for batch in batches:
        found = lookup.places(_texts(batch, on))
        hit = found >= 0
        met[found[hit]] = True
        joined.matched += int(hit.sum())
        joined.without_edge += int((~hit).sum())
        joined.without_exchange = len(lookup) - int(met.sum())
        rows = pa.array(lookup.rows[np.where(hit, found, 0)] if len(lookup) else found, mask=~hit)
        yield _filled(batch, columns, rows)


class _Lookup:
    """The distinct request ids, each with its first row: found by key, and then compared."""

    def __init__(self, ids: pa.ChunkedArray) -> None:
        self._ids = _whole(ids.cast(pa.large_string()))
        self._keys, self.rows = np.unique(keys_of(self._ids), return_index=True)

    def __len__(self) -> int:
        return len(self._keys)

    def places(self, ids: pa.Array) -> NDArray[np.int64]:
        """Where each id stands among the distinct ones, -1 where it does not."""
        if not len(self):
            return np.full(len(ids), -1, np.int64)
        keys = keys_of(ids)
        found = np.minimum(np.searchsorted(self._keys, keys), len(self) - 1)
        near = np.flatnonzero(self._keys[found] == keys)
        same = pc.equal(self._ids.take(pa.array(self.rows[found[near]])), ids.take(pa.array(near)))
        sure = near[np.asarray(same.fill_null(False))]  # noqa: FBT003
        places: NDArray[np.int64] = np.full(len(ids), -1, np.int64)
        places[sure] = found[sure]
        return places


def _texts(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.large_string())
    return _plain(batch.column(name)).cast(pa.large_string())


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece; texts with offsets that are wide enough for any number of them."""
    if column.type == pa.string():
        column = column.cast(pa.large_string())
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _filled(batch: pa.RecordBatch, columns: Mapping[str, pa.Array], rows: pa.Array) -> pa.RecordBatch:
    """The batch in the contract's order of columns, with those of the edge where it has none; types stay."""
    held = dict(zip(batch.schema.names, batch.columns, strict=True))
    for name, values in columns.items():
        column, kind = held.get(name), EXCHANGE[name].type
        if column is not None and not column.null_count:
            continue
        told = _plain(values.take(rows)).cast(kind)
        if column is None:
            held[name] = told
            continue
        filled = pc.coalesce(_plain(column).cast(kind), told)
        held[name] = filled.dictionary_encode() if pa.types.is_dictionary(column.type) else filled
    names = [column.name for column in EXCHANGE.columns if column.name in held]
    return pa.RecordBatch.from_arrays([held[name] for name in names], names)
