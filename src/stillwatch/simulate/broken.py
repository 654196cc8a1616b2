"""The `dirty` world: good rows as JSON lines with broken ones planted between them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from stillwatch.simulate.arrays import Rng, mix
from stillwatch.simulate.assumptions import ASSUMED

Row = dict[str, Any]


def as_lines(table: pa.Table) -> Iterator[bytes]:
    """Each row as a JSON line; a missing key stands for null."""
    for row in table.to_pylist():
        yield _line({name: value for name, value in row.items() if value is not None})


def _line(row: Row) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def _with(row: Row, **changes: object) -> bytes:
    return _line(row | changes)


def _without(row: Row, name: str) -> bytes:
    return _line({key: value for key, value in row.items() if key != name})


def _spliced(row: Row, wrong: bytes) -> bytes:
    return _with(row, user_agent="client~~").replace(b"client~~", b"client" + wrong)


def _bomb(row: Row) -> bytes:
    depth = ASSUMED.dirty.bomb_depth
    return _with(row, tools="~~").replace(b'"~~"', b"[" * depth + b"]" * depth)


BREAKS: Mapping[str, Callable[[Row], bytes]] = {
    "wrong_type": lambda row: _with(row, input_tokens="many"),
    "missing_id": lambda row: _without(row, "exchange_id"),
    "missing_time": lambda row: _without(row, "ts"),
    "duplicate_id": _line,
    "invalid_utf8": lambda row: _spliced(row, b"\xff\xfe"),
    "truncated_line": lambda row: _line(row)[: len(_line(row)) // 2] + b"\n",
    "out_of_range": lambda row: _with(row, input_tokens=2**40),
    "null_byte": lambda row: _spliced(row, b"\x00"),
    "oversized_line": lambda row: _with(row, prompt="x" * ASSUMED.dirty.oversized_bytes),
    "nested_bomb": _bomb,
}
"""What makes a row of each kind; all of them must be rejected."""

UNKNOWN_COLUMN = "unknown_column"
"""A good row with a column the contract does not have: the row stays, the column is kept out."""


class Breaker:
    """Plants broken rows into a file and remembers where."""

    def __init__(self, rng: Rng, file: str, exchanges: int) -> None:
        dirty = ASSUMED.dirty
        each = max(dirty.smallest, round(dirty.per_kind * exchanges / 100_000))
        self.rng, self.file = rng, file
        self.chance = min(0.5, 1.5 * each / max(exchanges, 1))
        self.left = Counter(dict.fromkeys([*BREAKS, UNKNOWN_COLUMN], each))
        self.left["oversized_line"] = min(each, dirty.oversized_lines)
        self.line = 0
        self.planted: list[dict[str, object]] = []

    def spoil(self, table: pa.Table) -> Iterator[bytes]:
        """The rows as lines, with broken lines after some of them."""
        for row in table.to_pylist():
            good = {name: value for name, value in row.items() if value is not None}
            chosen = [kind for kind in self.left if self.left[kind] and self.rng.random() < self.chance]
            if UNKNOWN_COLUMN in chosen:
                chosen.remove(UNKNOWN_COLUMN)
                good["x_shard"] = self.line % 7
                self._note(UNKNOWN_COLUMN)
            yield self._count(_line(good))
            for kind in chosen:
                self._note(kind)
                yield self._count(BREAKS[kind](good if kind == "duplicate_id" else self._renamed(good)))

    def write(self, path: Path) -> None:
        """Write what was planted."""
        path.write_text(json.dumps(self.planted, indent=1) + "\n", "utf-8")

    def _note(self, kind: str) -> None:
        self.left[kind] -= 1
        self.planted.append({"file": self.file, "line": self.line + 1, "kind": kind})

    def _count(self, line: bytes) -> bytes:
        self.line += 1
        return line

    def _renamed(self, row: Row) -> Row:
        number = int(mix([self.line], len(self.planted))[0])
        return {name: value for name, value in row.items() if name != "x_shard"} | {
            "exchange_id": f"ex_{number:016x}"
        }
