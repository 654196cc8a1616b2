"""Which log a log is: its rows, its first and last time, and a digest of its ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.codes import plain
from stillwatch.fingerprint.text import string_keys


@dataclass(frozen=True)
class Extent:
    """How far a whole log goes: its rows, their first and last time in microseconds, and a digest of their ids.

    The digest is the sum of the ids' keys, so that it does not depend on the order of rows.
    """

    rows: int
    first: int | None
    last: int | None
    ids: int

    @property
    def start(self) -> str | None:
        """The first time, ISO 8601 in UTC; None where there is no row."""
        return _time(self.first)

    @property
    def end(self) -> str | None:
        """The last time, likewise."""
        return _time(self.last)

    @property
    def digest(self) -> str:
        """The digest as a manifest writes it."""
        return f"ids-sum64:{self.ids % 2**64:016x}"


def extent(exchange: pa.Table, exchange_ids: pa.ChunkedArray) -> Extent:
    """Of a keyed log with those ids."""
    ends = pc.min_max(plain(exchange["ts"])).as_py()
    with np.errstate(over="ignore"):
        ids = sum(int(np.sum(string_keys(chunk), dtype=np.uint64)) for chunk in exchange_ids.chunks)
    return Extent(exchange.num_rows, ends["min"], ends["max"], ids)


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
