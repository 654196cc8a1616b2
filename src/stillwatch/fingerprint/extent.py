"""Which log a log is: its first and last time, and a digest of its rows."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow.compute as pc

from stillwatch.fingerprint.assemble import Log
from stillwatch.fingerprint.text import string_keys


def window(log: Log) -> tuple[str | None, str | None]:
    """First and last time of the log, ISO 8601 in UTC; None where it has no row."""
    found = pc.min_max(log.exchange["ts"]).as_py()
    return _time(found["min"]), _time(found["max"])


def digest(log: Log) -> str:
    """A digest of the scanned rows' ids that does not depend on their order."""
    with np.errstate(over="ignore"):
        total = (
            sum(int(np.sum(string_keys(chunk), dtype=np.uint64)) for chunk in log.exchange_ids.chunks) % 2**64
        )
    return f"ids-sum64:{total:016x}"


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
