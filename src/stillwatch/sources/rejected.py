"""The rows that broke the contract, written one JSON line each as they are met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from stillwatch.errors import PartialInputError

REJECTED = "rejected.jsonl"
"""The file of a scan's results that keeps them."""
LONGEST = 2_000
"""Characters of a text of a rejected row that are shown."""


class Reject:
    """Collects rejected rows in a file of JSON lines; holds only counts in memory.

    `count` is the number of rows, `tables` the number by table, `reasons` by reason. Without a path the
    rows are counted and not kept. `show` makes of a row what is kept of it, None where nothing may be.
    """

    def __init__(
        self, path: Path | None = None, *, show: Callable[[object], object] = lambda row: row
    ) -> None:
        """Start an empty file at `path`."""
        self.path = path
        self._show = show
        self.tables: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._file: BinaryIO | None = path.open("wb") if path else None

    @property
    def count(self) -> int:
        """How many rows were rejected."""
        return self.tables.total()

    def add(self, table: str, *, file: str, line: int, reason: str, row: object) -> None:
        """Keep one row; `line` is counted from 1."""
        self.tables[table] += 1
        self.reasons[reason] += 1
        if self._file is not None:
            record = {"file": file, "line": line, "reason": reason, "row": self._show(row)}
            self._file.write(msgspec.json.encode(record) + b"\n")

    def close(self) -> None:
        """Finish the file; rows can no longer be added to it."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        """The collection itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, whatever happened."""
        self.close()


def is_no_utf8(fault: Exception) -> bool:
    """Whether bytes could not be decoded for that reason; msgspec names it in a fault of its own from 0.23 on."""
    return isinstance(fault, UnicodeDecodeError) or "Invalid UTF-8" in str(fault)


def shown(value: object) -> object:
    """A value as a rejected row shows it: JSON types only, long texts cut, bad bytes replaced."""
    if isinstance(value, bytes):
        value = value[: 4 * LONGEST].decode("utf-8", "replace")
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode() if not value.isascii() else value
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {str(shown(name)): shown(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value[:LONGEST]]
    if value is None or isinstance(value, bool | int | float):
        return value
    return shown(str(value))


def complain_if_partial(
    path: str | Path, failures: Mapping[str, str], reject: Reject, *, rows_scanned: int
) -> None:
    """Raise `PartialInputError` if files could not be read, or if no row of a log keeps the contract."""
    if failures:
        failed = "; ".join(f"{name}: {why}" for name, why in failures.items())
        raise PartialInputError(
            f"Only a part of {path} could be read, and the findings rest on that part. {failed}"
        )
    if (rejected := reject.tables["exchanges"]) and not rows_scanned:
        raise PartialInputError(
            f"None of the {rejected:,} rows of {path} keeps the data contract: mostly "
            f"{reject.reasons.most_common(1)[0][0]}. {REJECTED} in the results names file, line and reason of each."
        )
