"""What happens to a log on its way into the contract's tables: joins first, then what must not leave the house is taken out.

The order matters. The edge log fills in who asked from where; account exports and facts of networks are joined while
ids and addresses are still what they were; then secrets are masked, words hashed if no text is wanted, and ids and
addresses hashed if they are to be redacted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.errors import PartialInputError, UsageError
from stillwatch.model.tables import EXCHANGE, NETWORK
from stillwatch.sources.files import one_file
from stillwatch.sources.files import sources as known_sources
from stillwatch.sources.joins.accounts import merged, read_accounts, unmatched
from stillwatch.sources.joins.edge import EDGE, read_edge
from stillwatch.sources.joins.exports import EXPORTED
from stillwatch.sources.joins.mapping import read_mapping
from stillwatch.sources.joins.with_edge import Joined, with_edge
from stillwatch.sources.layout import Input, Table
from stillwatch.sources.networks.clouds import read_cloud
from stillwatch.sources.networks.dated import Dated, as_of
from stillwatch.sources.networks.lists import read_list
from stillwatch.sources.networks.mmdb import read_mmdb
from stillwatch.sources.networks.together import together
from stillwatch.sources.privacy.key import Key
from stillwatch.sources.privacy.no_text import HashedWords, without_text
from stillwatch.sources.privacy.redact import Redactor
from stillwatch.sources.privacy.secrets import masked, masked_value
from stillwatch.sources.rejected import Reject


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is to be joined and what taken out.

    `edge` are edge logs, joined by the exchanges' column `edge_key`; `accounts` are account exports; `networks` files, a
    list of addresses written `kind=file`; `maps` the mapping files by what they map: edge, accounts. `key` hashes ids and
    addresses where `redacts`, and words where `hides_text`; `masks` says that secrets in texts are masked.
    """

    edge: Sequence[Path] = ()
    edge_key: str = "exchange_id"
    accounts: Sequence[Path] = ()
    networks: Sequence[str] = ()
    maps: Mapping[str, Path] = field(default_factory=dict)
    key: Key | None = None
    redacts: bool = False
    hides_text: bool = False
    masks: bool = True

    def shown(self, row: object) -> object:
        """What may be kept of a row that was rejected."""
        if self.redacts or self.hides_text:
            return None
        return masked_value(row) if self.masks else row

    def __post_init__(self) -> None:
        """Refuse what cannot be had together."""
        if (self.redacts or self.hides_text) and self.key is None:
            raise UsageError("To hash ids or words a key is needed. Name a file or a variable that holds it.")
        if self.redacts and self.networks:
            raise UsageError(
                "Networks cannot be told of addresses that are redacted: leave out one of --networks and --redact."
            )
        if self.edge_key not in EXCHANGE.arrow.names:
            raise UsageError(f"There is no column {self.edge_key!r} of exchanges to join the edge log by.")


class Conversion:
    """One log under way; `told` is what came of it, complete when all tables were taken."""

    def __init__(self, log: Input, reject: Reject, wishes: Wishes) -> None:
        """Read what is to be joined; the log itself is read as its batches are taken."""
        self._log, self._reject, self._wishes = log, reject, wishes
        self._edge_counts, self.secrets = Joined(), Counter[str]()
        self._redactor = Redactor(wishes.key) if wishes.redacts and wishes.key else None
        self._words = HashedWords(wishes.key) if wishes.hides_text and wishes.key else None
        self._seen: dict[str, pa.Array] = {n: pa.array([], pa.string()) for n in ("account_id", "client_ip")}
        self._last: datetime | None = None
        self.rows = 0
        self.told: dict[str, Any] = {}

    def exchanges(self) -> Iterator[pa.RecordBatch]:
        """The exchanges; an empty batch where there is none, for its columns."""
        for batch in self._joined():
            self.rows += batch.num_rows
            self._see(batch)
            yield self._private(batch)
        if not self.rows:
            yield pa.RecordBatch.from_pylist([], schema=EXCHANGE.arrow)

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """The other tables that there are, after the exchanges."""
        present = self._log.present
        if "accounts" in present or self._wishes.accounts:
            yield "accounts", self._accounts()
        if "networks" in present or self._wishes.networks:
            yield "networks", self._networks()
        if "models" in present:
            yield "models", self._log.models(self._reject)

    def _joined(self) -> Iterator[pa.RecordBatch]:
        batches = self._log.exchanges(self._reject)
        if not self._wishes.edge:
            yield from batches
            return
        form = read_mapping(self._wishes.maps["edge"], EDGE) if "edge" in self._wishes.maps else None
        left: Counter[str] = Counter()
        tables = []
        for path in self._wishes.edge:
            read = read_edge(path, form)
            if read.failure:
                raise PartialInputError(f"The edge log {path} could be read in part only: {read.failure}")
            tables.append(read.table)
            left.update(read.without)
        edge = pa.concat_tables(tables)
        yield from with_edge(batches, edge, self._edge_counts, on=self._wishes.edge_key)
        counts = self._edge_counts
        self.told["edge"] = {
            "matched": counts.matched,
            "exchanges without an edge row": counts.without_edge,
            "edge rows without an exchange": counts.without_exchange,
            "edge rows whose id came before": counts.repeated,
            **{f"edge rows left out: {reason}": rows for reason, rows in sorted(left.items())},
        }

    def _see(self, batch: pa.RecordBatch) -> None:
        """Keep the distinct ids and addresses that other tables are joined by, and the time of the last exchange."""
        last: datetime | None = pc.max(batch.column("ts")).as_py()
        self._last = max(filter(None, (last, self._last)), default=None)
        wanted = {"account_id": self._wishes.accounts, "client_ip": self._wishes.networks}
        for name, known in self._seen.items():
            if wanted[name] and name in batch.schema.names:
                column = batch.column(name)
                plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
                self._seen[name] = pc.unique(pa.concat_arrays([known, pc.unique(plain.drop_null())]))

    def _private(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if self._wishes.masks:
            batch = masked(batch, self.secrets)
        if self._words is not None:
            batch = without_text(batch, self._words)
        return batch if self._redactor is None else self._redactor.redacted(batch)

    def _accounts(self) -> pa.Table:
        form = (
            read_mapping(self._wishes.maps["accounts"], EXPORTED) if "accounts" in self._wishes.maps else None
        )
        own = self._log.accounts(self._reject)
        exports = {"the log's own": own} if own.num_rows else {}
        left: Counter[str] = Counter()
        for path in self._wishes.accounts:
            read = read_accounts(path, form, self._wishes.key)
            if read.failure:
                raise PartialInputError(f"The accounts {path} could be read in part only: {read.failure}")
            exports[path.name] = read.table
            left.update(read.without)
        if not self._wishes.accounts:
            return own if self._redactor is None else self._redactor.table(own)
        whole = merged(exports)
        missing = unmatched(whole.table, self._seen["account_id"])
        self.told["accounts"] = {
            "rows": whole.table.num_rows,
            "accounts of exchanges without a row": missing.without_row,
            "rows of accounts without an exchange": missing.without_exchange,
            "values that differ": dict(whole.conflicts),
            "in one export only": dict(whole.alone),
            **{f"records left out: {reason}": rows for reason, rows in sorted(left.items())},
        }
        return whole.table if self._redactor is None else self._redactor.table(whole.table)

    def _networks(self) -> pa.Table:
        own = self._log.networks(self._reject)
        if not self._wishes.networks:
            return own
        addresses = self._seen["client_ip"]
        lists: dict[str, list[Dated]] = {}
        for given in self._wishes.networks:
            kind, equals, file = given.partition("=")
            lists.setdefault(kind if equals else given, []).append(
                read_list(Path(file), kind) if equals else self._networks_in(Path(given), addresses)
            )
        chosen = [as_of(versions, self._last) if self._last else versions[-1] for versions in lists.values()]
        tables = [*(one.table for one in chosen), *([own] if own.num_rows else [])]
        self.told["networks"] = {
            "files": {one.source: str(one.as_of) if one.as_of else "no date" for one in chosen},
            "lines that are no networks": sum(len(one.rejected) for one in chosen),
            "addresses": len(addresses),
        }
        return together(addresses, tables)

    def _networks_in(self, path: Path, addresses: pa.Array) -> Dated:
        """A database, a cloud's range file, or a table of the contract."""
        if path.suffix.lower() == ".mmdb":
            return read_mmdb(path, addresses)
        if path.suffix.lower() == ".json":
            return read_cloud(path)
        file = one_file(path, known_sources())
        table = Table(NETWORK, [(file, file.source.read(path, NETWORK))]).table(self._reject)
        return Dated(table, None, path.name)
