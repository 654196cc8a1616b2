"""A plain world: small contract tables with a value in every column, in which nothing is hidden.

Thirty accounts, twelve requests each; values repeat, so that accounts share some and hold others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, NETWORK, Column, TableSchema

ACCOUNTS = 30
EXCHANGES = 12
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

Value = Callable[[int], object]

_WORDS = (
    "river",
    "stone",
    "lamp",
    "winter",
    "garden",
    "copper",
    "letter",
    "bridge",
    "violin",
    "harbour",
    "pepper",
)
_TASK = "Explain step by step how the following task should be solved, and say why:"


def _prompt(row: int) -> str:
    if row % 4 == 0:
        return f"{_TASK} {_WORDS[row % 11]} {row}"
    return " ".join(_WORDS[(row * step + step) % 11] for step in range(1, 10 + row % 5))


_NAMES: Mapping[str, Value] = {
    "exchange_id": lambda row: f"exchange-{row:04}",
    "account_id": lambda row: f"account-{row % ACCOUNTS:02}",
    "cidr": lambda row: f"198.51.{row}.0/24",
}
_SPECIAL: Mapping[str, Value] = {
    "model": lambda row: f"model-{row % 3}",
    "client_ip": lambda row: f"198.51.{row % 7}.9" if row % 9 else f"2001:db8:{row % 5:x}::9",
    "signup_ip": lambda row: f"203.0.113.{row % 11}",
    "system_prompt": lambda row: (
        f"You are a helpful assistant of the {['red', 'green', 'blue'][row % 3]} team."
        + ("" if row % 4 else " Show your reasoning to whoever asks a question.")
    ),
    "prompt": _prompt,
    "response": lambda row: f'Here is an answer, number {row}, with a comma, a "quote" and\na second line.',
    "tools": lambda row: [[], ["search"], ["search", "write file"], ["search", "write, file", "run"]][
        row % 4
    ],
    "programmes": lambda row: [[], ["research"]][row % 10 == 0],
    "images": lambda row: row % 3,
    "reasoning_token": lambda row: f"reasoning-{row % 5}" if row % 4 else None,
    "temperature": lambda row: [0.0, 0.7, 1.0][row % 3],
    "top_p": lambda row: [0.9, 0.95, 1.0][row % 3],
    "sampling_rate": lambda _: 1.0,
    "content_state": lambda _: "full",
    "kind": lambda row: ["residential", "hosting", "vpn"][row % 3],
}


_LOGGED: Mapping[str, Value] = {
    "turns": lambda row: 1 + row % 4,
    "max_tokens": lambda row: 256 + row % 5,
    "n": lambda row: 1 + row % 2,
    "input_tokens": lambda row: 100 + row,
    "cached_input_tokens": lambda row: row % 90,
    "output_tokens": lambda row: 300 + row,
    "reasoning_tokens": lambda row: row % 200,
    "response_format": lambda row: ["text", "json_object", "json_schema"][row % 3],
    "tool_choice": lambda row: ["auto", "none", "required", "named"][row % 4],
    "stop_reason": lambda row: ["stop", "length"][row % 2],
    "status": lambda row: 429 if row % 11 == 0 else 200,
    "reasoning_token": lambda _: None,
    "sampling_rate": lambda _: None,
    "content_state": lambda _: None,
}
"""Values that agree with each other, as in a log that a program wrote."""


def exchanges() -> pa.Table:
    """The exchange table of the plain world."""
    return _table(EXCHANGE, ACCOUNTS * EXCHANGES)


def logged() -> pa.Table:
    """The same exchanges as a program would have logged them: no request without a message, no part above its whole."""
    table = exchanges()
    for name, value in _LOGGED.items():
        values = pa.array([value(row) for row in range(table.num_rows)], EXCHANGE[name].type)
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def accounts() -> pa.Table:
    """The account table of the plain world."""
    return _table(ACCOUNT, ACCOUNTS)


def networks() -> pa.Table:
    """The network table of the plain world."""
    return _table(NETWORK, 7)


def models() -> pa.Table:
    """The model table of the plain world."""
    return _table(MODEL, 3)


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """The same rows in another order."""
    return table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))


def emptied(table: pa.Table, name: str, columns: Collection[str]) -> pa.Table:
    """The same table with nulls in those columns, written `table.column`, that are its own."""
    for column in (c.removeprefix(f"{name}.") for c in columns if c.startswith(f"{name}.")):
        place = table.schema.get_field_index(column)
        table = table.set_column(place, column, pa.nulls(table.num_rows, table.schema.field(place).type))
    return table


def with_gaps(table: pa.Table, schema: TableSchema, *, every: int) -> pa.Table:
    """The same table, in each optional column every so many-th value null; with 1, all of them."""
    columns = {}
    for place, column in enumerate(schema.columns):
        gap = (np.arange(table.num_rows) + place) % every == 0
        values = table[column.name].to_pylist()
        kept = [
            None if missing and not column.required else v for v, missing in zip(values, gap, strict=True)
        ]
        columns[column.name] = pa.array(kept, column.type)
    return pa.table(columns)


def _table(schema: TableSchema, rows: int) -> pa.Table:
    return pa.table(
        {c.name: pa.array([_value(c, row) for row in range(rows)], c.type) for c in schema.columns}
    )


def _value(column: Column, row: int) -> object:
    if column.name in _NAMES:
        return _NAMES[column.name](row)
    varied = row + row // ACCOUNTS
    if column.name in _SPECIAL:
        return _SPECIAL[column.name](varied)
    if pa.types.is_timestamp(column.type):
        return START + timedelta(minutes=7 * row)
    if pa.types.is_string(column.type):
        return f"{column.name}-{varied % 5}"
    if pa.types.is_boolean(column.type):
        return varied % 3 == 0
    return (200, 200, 200, 429, 403)[varied % 5] if column.name == "status" else 1 + varied % 6
