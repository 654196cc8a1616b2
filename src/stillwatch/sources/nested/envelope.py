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
from typing import Any, NamedTuple, Protocol

from stillwatch.sources.lanes.columns import Columns
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


class Held(NamedTuple):
    """An exchange that a lane told and that is held, since more of it may come: its id, the bytes of its line, its row."""

    exchange_id: str
    size: int
    columns: Columns
    row: int
    origin: Callable[[int], bytes]

    @property
    def raw(self) -> bytes:
        """The line that it came from."""
        return self.origin(self.row)


class Holds(Protocol):
    """What holds exchanges that a lane told."""

    def line(self, size: int, records: int) -> None:
        """So many records of a line of so many bytes come next."""

    def has_room(self, one: Held) -> bool:
        """Whether an exchange may be held as a lane told it: nothing else is known of it."""

    def hold(self, one: Held) -> Iterator[Row | Excluded | Held]:
        """Hold it; give what there is no more room for."""


Rows = Callable[[Record], Iterable[Row | Excluded | Held]]


@dataclass(frozen=True)
class Joining:
    """Rows of records of which several make one exchange.

    `rows` takes the records in file order and gives what is complete; `rest` gives what is left at the end of the file.
    Holds what waits for its other part in bounded memory; while anything `waits`, no lane is taken. `others` tells, of lines
    of which a lane takes some, the ids of the exchanges that wait and of records that no lane takes; None if there is no room
    for what a lane takes. `holds` takes what a lane told of exchanges that are held until no more of them can come.
    """

    rows: Rows
    rest: Callable[[], Iterable[Row | Excluded | Held]]
    waits: Callable[[], bool] = field(default=lambda: False)
    others: Callable[[Iterable[Record]], Container[str] | None] | None = None
    holds: Holds | None = None


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A log format of another program.

    `looks_like` recognises a record, `rows` gives its exchanges, `record` the record that a row came from, as far as the
    format can hold it. `carries` are the contract columns that come back from a round trip through `record` and `rows`;
    `source` and `raw_ref` are told for every format alike and are not among them. Where several records make one
    exchange, or a part of one lies beside the log, `joining` makes the state of one file, and `rows` is not used. `packed` are the names under which a record
    may hold a list of records: `{"records": [...]}`. `lane` is a shorter way for most of its records (`stillwatch.sources.lanes`); `is_holding`
    says that what it tells is held until no more of it can come.
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
    is_holding: bool = False
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

    def count(self, record: object) -> int:
        """How many records a line holds, however they are packed or wrapped; at least one."""
        return max(1, self._count(record))

    def _count(self, record: object) -> int:
        if isinstance(record, dict):
            if is_wrapped(record):
                return self._count(unwrapped(record))
            record = next((one for name in self.packed if isinstance(one := record.get(name), list)), None)
        return sum(map(self._count, record)) if isinstance(record, list) else 1

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
