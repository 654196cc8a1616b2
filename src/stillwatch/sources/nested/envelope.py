"""What an envelope is: how the records of one program's log become rows of the exchange table, and back.

An envelope is one file of the room above that binds `SOURCE = source(Envelope(...))`. It knows who called, when and from
where; what was said it leaves to the bodies (`stillwatch.sources.bodies`), to which it hands request and answer as it
found them. Its functions take records as JSON gave them: any value may be missing or of another type than expected, and
`stillwatch.sources.nested.values` reads them so that this never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.nested.wrapped import is_wrapped, unwrapped

Row = dict[str, Any]
"""Contract columns of one exchange; a missing key and None mean the same. `ts` in microseconds since 1970, UTC."""

Record = Mapping[str, Any]
"""One record of a log: a JSON object, or a row of a CSV or Parquet file."""


class NoExchangeError(ValueError):
    """The record should be an exchange and cannot be read as one; the message is the reason, one of a few."""


@dataclass(frozen=True)
class Excluded:
    """A record, or a part of one, that is no exchange of a customer's, and why: one of a few reasons."""

    reason: str


Rows = Callable[[Record], Iterable[Row | Excluded]]


@dataclass(frozen=True)
class Joining:
    """Rows of records of which several make one exchange.

    `rows` takes the records in file order and gives what is complete; `rest` gives what is left at the end of the file.
    Holds what waits for its other part in bounded memory. `others` tells, of lines of which a lane takes some, the ids of
    the exchanges that wait and of records that no lane takes; None if there is no room for what a lane takes.
    """

    rows: Rows
    rest: Callable[[], Iterable[Row | Excluded]]
    others: Callable[[Iterable[Record]], Container[str] | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A log format of another program.

    `looks_like` recognises a record, `rows` gives its exchanges, `record` the record that a row came from, as far as the
    format can hold it. `carries` are the contract columns that come back from a round trip through `record` and `rows`;
    `source` and `raw_ref` are told for every format alike and are not among them. Where several records make one
    exchange, or a part of one lies beside the log, `joining` makes the state of one file, and `rows` is not used. `packed` are the names under which a record
    may hold a list of records: `{"records": [...]}`. `lane` is a shorter way for most of its records (`stillwatch.sources.lanes`).
    """

    name: str
    description: str
    looks_like: Callable[[Record], bool]
    record: Callable[[Row], Mapping[str, Any]]
    carries: frozenset[str]
    rows: Rows = field(default=lambda _: ())
    joining: Callable[[Path], Joining] | None = None
    packed: tuple[str, ...] = ()
    lane: Lane | None = None
    version: int = 1

    @property
    def reader(self) -> str:
        """The value of the column `source`."""
        return f"{self.name}/{self.version}"

    def opened(self, log: Path) -> Joining:
        """The state of one file."""
        return self.joining(log) if self.joining is not None else Joining(self.rows, lambda: ())

    def is_single(self, record: object) -> bool:
        """Whether this is one record as it stands, as nearly all are, packed or wrapped in nothing."""
        if not isinstance(record, dict) or is_wrapped(record):
            return False
        return not self.packed or not any(isinstance(record.get(name), list) for name in self.packed)

    def unpacked(self, record: object) -> Iterator[Record]:
        """The records in what a line or a document held; raises `NoExchangeError` for what is none."""
        if isinstance(record, list):
            for one in record:
                yield from self.unpacked(one)
            return
        if not isinstance(record, dict):
            raise NoExchangeError("no JSON object")
        if is_wrapped(record):
            yield from self.unpacked(unwrapped(record))
            return
        for name in self.packed:
            if isinstance(inside := record.get(name), list):
                yield from self.unpacked(inside)
                return
        yield record
