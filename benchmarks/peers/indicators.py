"""Which account holds which indicator: the account-value graph that graph methods start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from peers.interface import Log, Numbering
from scipy import sparse


@dataclass(frozen=True)
class Incidence:
    """Pairs of an account and a value that it holds, each once; values are numbered over all kinds."""

    account: Numbering
    value: Numbering

    @property
    def holders(self) -> Numbering:
        """How many accounts hold each value."""
        return np.bincount(self.value)

    def held_by(self, least: int, most: int) -> Incidence:
        """Only the values held by at least and at most so many accounts."""
        holders = self.holders[self.value]
        kept = (holders >= least) & (holders <= most)
        return Incidence(self.account[kept], np.unique(self.value[kept], return_inverse=True)[1])


def incidence(log: Log, of_accounts: tuple[str, ...], of_exchanges: tuple[str, ...]) -> Incidence:
    """The values of the columns named, of the accounts table and of the exchanges; nulls say nothing."""
    parts, first = [], 0
    rows_of = {"accounts": log.number(log.accounts["account_id"]), "exchanges": log.account}
    tables = {"accounts": log.accounts, "exchanges": log.exchanges}
    for table, columns in (("accounts", of_accounts), ("exchanges", of_exchanges)):
        for column in columns:
            code = _codes(tables[table][column])
            known = code >= 0
            parts.append(np.stack([rows_of[table][known], code[known] + first]))
            first += int(code.max(initial=-1)) + 1
    pairs = np.concatenate(parts, axis=1)
    shape = (len(log.account_id), max(first, 1))
    held = sparse.csr_array((np.ones(pairs.shape[1], np.int8), (pairs[0], pairs[1])), shape=shape).tocoo()
    return Incidence(held.coords[0].astype(np.int64), held.coords[1].astype(np.int64))


def _codes(column: pa.ChunkedArray) -> Numbering:
    """Equal values to equal numbers from 0 on, null to -1; a list counts as the set of its members."""
    if pa.types.is_list(column.type):
        joined = [
            None if row is None else "\x00".join(sorted(set(row))) or None for row in column.to_pylist()
        ]
        column = pa.chunked_array([pa.array(joined, pa.string())])
    encoded = column.combine_chunks().dictionary_encode()
    return pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64)
