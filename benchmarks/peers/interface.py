"""What every detector of this comparison takes and gives: contract tables in, a value for each account out.

A detector first learns what it keeps of benign past traffic, then ranks the accounts of a log. Where it draws the line is
not its own affair: `threshold.py` does that for all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Numbers = npt.NDArray[np.float64]
Numbering = npt.NDArray[np.int64]

OURS = "stillwatch"
"""Our own scan among the detectors of a result."""

UNSEEN = -np.inf
"""The value of an account that a detector has too little traffic of to judge: it is never flagged."""


@dataclass(frozen=True)
class Log:
    """A log in the tables of the contract, exchanges in any order."""

    exchanges: pa.Table
    accounts: pa.Table

    @classmethod
    def read(cls, folder: Path, columns: tuple[str, ...]) -> Log:
        """Read a log's two tables from Parquet, of the exchanges only the columns named beside account and time."""
        wanted = ["account_id", "ts", "exchange_id", *columns]
        exchanges = pq.read_table(folder / "exchanges.parquet", columns=wanted)
        return cls(exchanges, pq.read_table(folder / "accounts.parquet"))

    @cached_property
    def account_id(self) -> pa.Array:
        """Every account of either table, sorted: accounts are numbered in this order everywhere."""
        both = pa.chunked_array(
            [*self.accounts["account_id"].chunks, *self.exchanges["account_id"].chunks], pa.string()
        )
        ids = pc.unique(both)
        return ids.take(pc.sort_indices(ids))

    @cached_property
    def account(self) -> Numbering:
        """The number of the account of each exchange."""
        return self.number(self.exchanges["account_id"])

    def number(self, account_id: pa.ChunkedArray) -> Numbering:
        """The numbers of these accounts."""
        return pc.index_in(account_id, value_set=self.account_id).to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Ranked:
    """What a detector says of each account: the higher the value, the more it suspects it.

    `groups`, of a detector that groups, numbers the groups that accounts above a threshold fall into; -1 is none.
    """

    value: Numbers
    groups: Callable[[float], Numbering] | None = None


@dataclass(frozen=True)
class Peer:
    """A detector: its name in results, its name for people, its paper, the columns it reads, and its two steps."""

    name: str
    title: str
    source: str
    columns: tuple[str, ...]
    learn: Callable[[Log], Any]
    rank: Callable[[Log, Any], Ranked]


def nothing_to_learn(_past: Log) -> None:
    """The first step of a detector that needs no past traffic beside its threshold."""
