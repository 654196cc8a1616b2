"""A log whose exchanges lie with executors: what comes here of it, and what stays there.

Here come what executors saw, the rows that broke the contract, the ids of accounts, and after clusters are known those
exchanges that are looked at one by one. All else is asked of the relation `exchange`, which stays there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.assemble import NAMED, Log, account_keys
from stillwatch.fingerprint.extent import Extent
from stillwatch.fingerprint.positions import known_ids
from stillwatch.fingerprint.text import string_keys
from stillwatch.model.tables import EXCHANGE, KEYED
from stillwatch.sources.layout import Input, Table
from stillwatch.sources.rejected import Reject
from stillwatch.sources.spread import keying
from stillwatch.sources.spread.arrive import ARRIVED, FILE, HELD, LINE, SHOWN, Arrive, Choose, Seen, show

SOURCE = "contract_exchange"
"""The relation of the log as it lies in storage."""
Keep = Callable[[npt.NDArray[np.int32], npt.NDArray[np.int64]], npt.NDArray[np.bool_]]
"""Which exchanges are looked at one by one, by their account and time."""


class Executors(Protocol):
    """What is needed of an engine that has executors."""

    def read(self, name: str, table: pa.Table) -> None:
        """Send a table there."""

    def map_batches(self, name: str, function: Any, schema: pa.Schema, *, into: str) -> None:
        """Name what the function makes of a table's batches there."""

    def derive(self, name: str, sql: str, /, **parameters: object) -> None:
        """Name the answer of a query there."""

    def bring(self, name: str) -> None:
        """Have what was derived there here as well, if it is small."""

    def query(self, sql: str, /, **parameters: object) -> pa.Table:
        """The answer of a query, here."""

    def forget(self, name: str) -> None:
        """Let go of a table there."""


@dataclass(frozen=True)
class Columns:
    """The columns of a log in storage: those of the contract, and others; notes say how some were understood."""

    known: tuple[str, ...]
    others: tuple[str, ...]
    notes: tuple[str, ...] = ()


class SpreadInput(Input):
    """A log as `SOURCE` of an engine with executors, and the tables beside it, which lie here."""

    def __init__(
        self, executors: Executors, columns: Columns, beside: Input, *, root: str, simulated: bool = False
    ) -> None:
        """Made by `open_spread`; in reports, files have their names from `root` on."""
        super().__init__(
            {**beside.tables, "exchanges": Table(EXCHANGE, ())},
            simulated=simulated or beside.simulated,
            notes=(*beside.notes, *columns.notes),
        )
        self._unopened.update(beside.failures)
        self._executors, self._columns, self._root = executors, columns, root
        self._seen = Seen()
        self._where = pa.table({})

    def keyed(self, accounts: pa.Table, reject: Reject) -> Log:
        """Read, check and key the log there; the relation `exchange` is then there, and of its rows none is here."""
        there = self._executors
        there.map_batches(SOURCE, Arrive(self._columns.known), ARRIVED, into="arrived")
        self._seen = Seen()
        for part in there.query(keying.SEEN_OF_PARTS)["shown"].to_pylist():
            self._seen.add(msgspec.json.decode(part, type=Seen))
        self._reject(reject)
        known = known_ids(
            accounts.column("account_id").combine_chunks(),
            there.query(keying.ACCOUNT_IDS)["account_id"].combine_chunks(),
        )
        position = pa.array(np.arange(len(known), dtype=np.int32))
        there.read("account_position", pa.table({"account_id": known, "account": position}))
        there.derive("placed", keying.PLACED)
        shared = there.query(keying.SHARED).sort_by("anchor")
        choose = Choose(shared["anchor"].to_numpy(), shared["holders"].to_numpy())
        there.map_batches("placed", choose, HELD, into="exchange")
        extent = _extent(there.query(keying.EXTENT))
        for name in ("arrived", "again", "placed", "account_position", "input_file"):
            there.forget(name)
        return Log(
            exchange=KEYED.arrow.empty_table(),
            account=account_keys(accounts, known),
            exchange_ids=pa.chunked_array([], pa.string()),
            account_ids=known.to_pylist(),
            extent=extent,
            names={column: _by_key(self._seen.names.get(column, set())) for column in NAMED},
        )

    def rows_by_account(self, accounts: int) -> npt.NDArray[np.int64]:
        """How many exchanges each of so many accounts made."""
        counted = self._executors.query(keying.COUNTS)
        found = np.zeros(accounts, np.int64)
        found[counted["account"]] = counted["rows"]
        return found

    def near(self, log: Log, keep: Keep) -> Log:
        """The log with those of its exchanges that are to be kept here, in the order of files and rows."""
        self._executors.map_batches("exchange", Near(keep), HELD, into="near")
        here = self._executors.query("SELECT * FROM near")
        self._executors.forget("near")
        here = here.take(pc.sort_indices(here, [("file_number", "ascending"), ("line", "ascending")]))
        here = here.combine_chunks()
        self._where = here.select(["file_number", "line"])
        return replace(log, exchange=here.select(KEYED.arrow.names), exchange_ids=here["exchange_id"])

    def members(self, query: str, rows: npt.NDArray[np.int64] | None) -> None:
        """Derive `member_exchange` there by that query, which may name as `chosen` the exchanges at those positions here."""
        if rows is not None:
            self._executors.read("chosen", self._where.take(pa.array(rows)))
        self._executors.derive("member_exchange", query)
        self._executors.bring("member_exchange")

    @property
    def rows(self) -> int | None:
        """How many exchanges there are is known when they are read."""
        return None

    @property
    def present(self) -> dict[str, frozenset[str]]:
        """The tables there are, each with its columns."""
        return {"exchanges": frozenset(self._seen.held or self._columns.known), **super().present}

    @property
    def rows_read(self) -> dict[str, int]:
        """Rows read so far by table."""
        return {**super().rows_read, "exchanges": self._seen.rows}

    @property
    def unknown_columns(self) -> dict[str, int]:
        """Columns outside the contract, with the number of rows that carried them."""
        others = {f"exchanges.{name}": self._seen.rows for name in self._columns.others}
        return dict(sorted({**super().unknown_columns, **others}.items()))

    def _reject(self, reject: Reject) -> None:
        """Hand over the rows that broke the contract, file after file, and leave later rows of an id out."""
        there = self._executors
        files = sorted(self._seen.files)
        numbers = pa.array(np.arange(len(files), dtype=np.int32))
        there.read("input_file", pa.table({"file": pa.array(files, pa.string()), "number": numbers}))
        again = there.query(keying.AGAIN)
        there.read("again", again)
        broken = set(self._seen.broken)
        if again.num_rows:
            there.derive(
                "repeated",
                f"SELECT s.* FROM {SOURCE} AS s JOIN again AS d ON d.file = s.{FILE} AND d.line = s.{LINE}",
            )
            there.map_batches("repeated", show, SHOWN, into="shown_again")
            broken |= set(again["file"].to_pylist())
        for file in sorted(broken):
            found = there.query(keying.BROKEN, file=file)
            if again.num_rows:
                found = pa.concat_tables([found, there.query(keying.REPEATED, file=file)])
            for row in found.sort_by([("line", "ascending"), ("reason", "ascending")]).to_pylist():
                reject.add(
                    EXCHANGE.name,
                    file=_named(file, self._root),
                    line=row["line"],
                    reason=row["reason"],
                    row=msgspec.json.decode(row["shown"]),
                )
        for name in ("shown_again", "repeated"):
            there.forget(name)


@dataclass(frozen=True)
class Near:
    """The function that leaves of the exchanges those that are to be kept."""

    keep: Keep

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each batch without the others."""
        for batch in batches:
            account, time = (batch.column(name).to_numpy() for name in ("account", "ts"))
            yield batch.filter(pa.array(self.keep(account, time)))


def _named(file: str, root: str) -> str:
    """The name of a file in reports: from the root of the log on, or the last part of its path."""
    path = re.sub("^file:(//)?", "", file)
    return path.removeprefix(f"{root}/") if root and path.startswith(f"{root}/") else path.rsplit("/", 1)[-1]


def _by_key(names: set[str]) -> dict[int, str]:
    distinct = sorted(names)
    return dict(zip(string_keys(pa.array(distinct, pa.string())).tolist(), distinct, strict=True))


def _extent(found: pa.Table) -> Extent:
    one = found.to_pylist()[0]
    return Extent(one["rows"], one["first"], one["last"], ((one["high"] or 0) << 32) + (one["low"] or 0))
