"""Put keyed batches together: positions for accounts, one template per request, names for keys.

A request's template is its text anchor that the most accounts share (see `shared`), so that a fixed text
around a changing slot gives all its requests one key, and a request carries one template, not eight anchors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.alike import meanings
from stillwatch.fingerprint.codes import Coded, coded
from stillwatch.fingerprint.door import column, encoded, keyed_accounts
from stillwatch.fingerprint.extent import Extent, extent
from stillwatch.fingerprint.kept import InMemory, Kept
from stillwatch.fingerprint.kernels import ANCHORS
from stillwatch.fingerprint.meaning import open_meanings
from stillwatch.fingerprint.memory import give_back
from stillwatch.fingerprint.positions import Ids
from stillwatch.fingerprint.shared import templates
from stillwatch.fingerprint.text import Keys, string_keys
from stillwatch.model.tables import KEYED, KEYED_ACCOUNT, MEANING

_ANCHORS = pa.list_(pa.uint64(), ANCHORS)
_TYPES = {column.name: column.type for column in KEYED.columns}

MADE = frozenset({"account", "template"})
"""Columns that are made at the end, of what came of all rows."""
BY_ROW = frozenset(
    {
        *("ts", "model", "turns", "conversation", "task", "words", "prompt", "opening", "ending"),
        *("shape", "system", "system_ending", "tools", "channel", "images", "thinking"),
        *("script", "capability"),
    }
)
"""Columns that are looked up by row after the queries, sixty times as fast in one piece, or of which one takes little room; of no other is one made that is held plainly."""


@dataclass(frozen=True)
class Log:
    """A log after the door; of one that lies elsewhere, only those exchanges that are looked at one by one.

    `exchange` and `account` are keyed tables, the first with columns of few values as Arrow dictionaries (`codes.py`);
    `exchange_ids` and `account_ids` give back the ids by row and by position; `names` gives back what a key stood for, for
    columns with few values. `models` are digests of what the operator gave to read the log with.
    """

    exchange: pa.Table
    account: pa.Table
    exchange_ids: pa.ChunkedArray
    account_ids: list[str]
    extent: Extent
    names: dict[str, dict[int, str]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)


Names = Mapping[str, Mapping[int, str]]
"""By column what its keys stood for."""


@dataclass(frozen=True)
class Passed:
    """What passed the door of one batch: its keys, what those of `NAMED` stood for, and codes of meaning if there is a model.

    `is_mapped` says that it lies in a file. `contract` is the batch itself, None where an earlier scan kept what came of it.
    """

    keyed: pa.RecordBatch
    names: Names
    codes: Keys | None = None
    is_mapped: bool = False
    contract: pa.RecordBatch | None = None


class _Names:
    """What keys stood for, gathered while the rows pass."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.names: dict[str, dict[int, str]] = {column: {} for column in columns}

    def see(self, names: Names) -> None:
        for name, told in names.items():
            known = self.names[name]
            for key, value in told.items():
                known.setdefault(key, value)


def _named(values: pa.Array) -> dict[int, str]:
    """The keys of the values, and what they stand for."""
    distinct = encoded(values).dictionary.drop_null()
    named: dict[int, str] = {}
    for key, value in zip(string_keys(distinct).tolist(), distinct.to_pylist(), strict=True):
        named.setdefault(key, value)
    return named


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
    """Collects keyed batches in any order of rows; `finish` gives the log.

    Columns are `kept` in memory unless told otherwise. With `meaning_model`, the folder of a model, the log has the column
    `MEANING` as well.
    """

    def __init__(self, meaning_model: str | Path | None = None, kept: Kept | None = None) -> None:
        self._meanings = None if meaning_model is None else open_meanings(meaning_model)
        self._kept = kept or InMemory()
        self._ids = Ids()
        self._codes: list[Keys] = []
        self._names = _Names(NAMED)
        self._coded = {c.name: Coded(c.type) for c in KEYED.columns if c.name not in MADE}

    @property
    def models(self) -> dict[str, str]:
        """Digests of what the operator gave to read the log with."""
        return {} if self._meanings is None else {"meaning_model": self._meanings.digest}

    def passed(self, contract: pa.RecordBatch, keyed: pa.RecordBatch) -> Passed:
        """All that is wanted of one batch of the contract and its keys."""
        there = {name: contract.schema.get_field_index(source) for name, source in NAMED.items()}
        names = {name: _named(contract.column(at)) for name, at in there.items() if at >= 0}
        codes = None if self._meanings is None else self._meanings.codes(column(contract, "prompt"))
        return Passed(keyed, names, codes, contract=contract)

    def add(self, contract: pa.RecordBatch, keyed: pa.RecordBatch) -> None:
        """One batch of the contract and its keys."""
        self.take(self.passed(contract, keyed))

    def take(self, passed: Passed) -> None:
        """One batch that passed the door, now or earlier."""
        self._names.see(passed.names)
        columns = dict(zip(passed.keyed.schema.names, passed.keyed.columns, strict=True))
        ids = columns.pop("account_id")
        held = {"account": self._ids.add(ids)} | {
            name: self._held(name, values) for name, values in columns.items()
        }
        lie = [name for name, values in held.items() if passed.is_mapped and values is columns.get(name)]
        self._kept.add(held, mapped=lie)
        if passed.codes is not None:
            self._codes.append(passed.codes)

    def finish(self, accounts: pa.Table) -> Log:
        """The log, with positions for every account that the account table or an exchange names."""
        ids, self._ids = self._ids, Ids()
        named = accounts.column("account_id").combine_chunks()
        known, account = ids.positions(named, self._kept.take("account", pa.int32(), whole=False))
        del ids
        template = templates(_anchors(self._kept.take("anchors", _ANCHORS, whole=False)), account, self._kept)
        give_back()
        columns = {"account": pa.array(account), "template": coded(pa.array(template))}
        columns |= {name: self._column(name) for name in list(self._coded)}
        exchange = pa.table({c.name: columns[c.name] for c in KEYED.columns})
        if self._meanings is not None:
            exchange = exchange.append_column(MEANING.name, coded(pa.array(meanings(self._codes, account))))
        exchange_ids = self._kept.take("exchange_id", pa.string(), whole=False)
        give_back()
        return Log(
            exchange=exchange,
            account=account_keys(accounts, known),
            exchange_ids=exchange_ids,
            account_ids=known.to_pylist(),
            extent=extent(exchange, exchange_ids),
            names=self._names.names,
            models=self.models,
        )

    def _held(self, name: str, values: pa.Array) -> pa.Array:
        """How the values of a column are kept until the end."""
        one = self._coded.get(name)
        return values if one is None else one.of(_typed(name, values))

    def _column(self, name: str) -> pa.ChunkedArray:
        """All of a column, whose codes are then known."""
        one = self._coded.pop(name)
        kind = one.finish()
        whole = name in BY_ROW or kind != one.kind
        return one.column(self._kept.take(name, kind, whole=whole, settled=one.settled))


def _typed(name: str, values: pa.Array) -> pa.Array:
    """The values in the type of their column."""
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    return values if kind == _TYPES[name] else values.cast(_TYPES[name])


def _anchors(held: pa.ChunkedArray) -> list[npt.NDArray[np.uint64]]:
    return [np.asarray(part.flatten()).reshape(-1, ANCHORS) for part in held.chunks]


def account_keys(accounts: pa.Table, known: pa.Array) -> pa.Table:
    """The relation `account`: a row for every known id, null or 0 where the account table does not name it."""
    keys = keyed_accounts(accounts)
    columns: dict[str, pa.Array] = {"account": pa.array(np.arange(len(known), dtype=np.int32))}
    taken = pc.index_in(known, accounts.column("account_id").combine_chunks())
    for spec in KEYED_ACCOUNT.columns[1:]:
        values = keys.column(spec.name).take(taken).combine_chunks()
        columns[spec.name] = values.fill_null(0) if spec.type == pa.uint64() else values
    return pa.table(columns)
