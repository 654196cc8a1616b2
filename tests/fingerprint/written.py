"""Small logs for the door: rows as dicts, and plain-Python readings of what the compiled loops do."""

from __future__ import annotations

import re

import pyarrow as pa

from stillwatch.fingerprint.assemble import Gather, Log
from stillwatch.fingerprint.door import keyed
from stillwatch.model.tables import ACCOUNT, EXCHANGE

WORD = re.compile(r"[\u3000-\U0010ffff]|[0-9A-Za-z\u0080-\u2fff]+")


def words(text: str) -> list[str]:
    """The words of a text as the fingerprints see them."""
    return [
        re.sub("[0-9]+", "0", word.lower() if word.isascii() else fold(word)) for word in WORD.findall(text)
    ]


def fold(word: str) -> str:
    """Case folded for ASCII only."""
    return "".join(c.lower() if c.isascii() else c for c in word)


def shingles(text: str) -> set[tuple[str, ...]]:
    """The runs of eight words."""
    split = words(text)
    return {tuple(split[at : at + 8]) for at in range(len(split) - 7)}


def batch(*rows: dict) -> pa.RecordBatch:
    """Rows of the contract; what a row does not say is null, but what is required."""
    plain = [
        {"exchange_id": f"x{at}", "ts": at, "account_id": "a", "model": "m"} | row
        for at, row in enumerate(rows)
    ]
    return pa.RecordBatch.from_pylist(plain, EXCHANGE.arrow)


def people(*rows: dict) -> pa.Table:
    """Rows of the account table."""
    return pa.Table.from_pylist(list(rows), ACCOUNT.arrow)


def gathered(*batches: pa.RecordBatch, accounts: pa.Table | None = None) -> Log:
    """The log of these batches."""
    gather = Gather()
    for each in batches:
        gather.add(each, keyed(each))
    return gather.finish(people() if accounts is None else accounts)


def by_id(log: Log) -> dict[str, dict]:
    """The keyed rows by exchange id, with the account's id for its position."""
    rows = log.exchange.to_pylist()
    for row in rows:
        row["account"] = log.account_ids[row["account"]]
    return dict(zip(log.exchange_ids.to_pylist(), rows, strict=True))
