"""A case: a world of a few groups, written by hand as data, and whether a signal must find one of them.

    signal: shared_address
    cases:
      - name: a pool of accounts behind one exit
        expect: found
        groups:
          - {name: pool, role: planted, accounts: 12, exchange: {client_ip: 198.51.100.7}}
          - {name: carrier, role: lookalike, accounts: 12, exchange: {client_ip: 192.0.2.1}}
          - {name: crowd, role: crowd, accounts: 60, exchange: {client_ip: {cycle: [192.0.2.1, 10.0.0.9]}}}

Every account of a group makes `exchanges` requests; a list of such numbers goes round the accounts. A column is
given by a pattern:

- text, in which `{account}` and `{exchange}` stand for running numbers and `{words}` for a dozen words that
  occur nowhere else;
- `{cycle: [...]}`: the items in turn, over the account's requests, or over the group's accounts in the
  account table;
- `{by_account: [...]}`: the items in turn, over the group's accounts in both tables;
- `{from: TIME, every_seconds: N}`: times in turn; without it requests are an hour apart;
- `{from: TIME, within_seconds: N}`: a time of its own for each request, spread without a pattern;
- anything else as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, cast, get_args

import pyarrow as pa
import yaml

from stillwatch.errors import UsageError
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, TableSchema

Role = Literal["planted", "lookalike", "crowd"]
Expectation = Literal["found", "not found"]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SYLLABLES = ("ba", "co", "di", "fu", "ga", "he", "ji", "ko", "lu", "ma", "ne", "po", "qui", "ra", "so", "tu")
WORDS = 12


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some accounts that behave alike: their role in the case, and patterns for their columns."""

    name: str
    role: Role
    accounts: int
    exchanges: int | Sequence[int] = 6
    exchange: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would silently mean nothing."""
        _refuse_unknown(self.exchange, EXCHANGE, self.name)
        _refuse_unknown(self.account, ACCOUNT, self.name)
        if self.role not in get_args(Role):
            raise UsageError(
                f"group {self.name}: the role {self.role!r} is none of {', '.join(get_args(Role))}"
            )

    def exchanges_of(self, account: int) -> int:
        """How many requests that account makes, counted from 0."""
        return (
            self.exchanges
            if isinstance(self.exchanges, int)
            else self.exchanges[account % len(self.exchanges)]
        )

    @property
    def account_ids(self) -> tuple[str, ...]:
        """The accounts of the group."""
        return tuple(f"{self.name}-{number:03}" for number in range(self.accounts))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A world of a few groups and what a signal must make of it.

    `found`: every planted account must be heard, and stand above every look-alike. `not found`: no look-alike
    may be heard. `planted_has` says whether a campaign shows more or less of what is measured. `models` holds
    the release times of models. `synonyms` are groups of words that mean the same, for a signal that rests on a model
    of meanings.
    """

    signal: str
    name: str
    expect: Expectation
    groups: tuple[Group, ...]
    planted_has: Literal["more", "less"] = "more"
    models: Mapping[str, datetime] = field(default_factory=dict)
    synonyms: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        """Refuse a case that could not fail."""
        if self.expect not in get_args(Expectation):
            raise UsageError(
                f"case {self.name!r}: expect {self.expect!r} is none of {', '.join(get_args(Expectation))}"
            )
        if not self.of_role("lookalike") or bool(self.of_role("planted")) != (self.expect == "found"):
            raise UsageError(
                f"case {self.name!r}: a case that must be found needs planted groups and look-alikes, "
                "one that must not be found needs look-alikes only."
            )

    def of_role(self, role: Role) -> tuple[Group, ...]:
        """The groups of that role."""
        return tuple(group for group in self.groups if group.role == role)

    def exchanges(self) -> pa.Table:
        """The exchange table of the contract."""
        return _table(EXCHANGE, [row for group in self.groups for row in _exchange_rows(group)])

    def accounts(self) -> pa.Table:
        """The account table of the contract."""
        return _table(ACCOUNT, [row for group in self.groups for row in _account_rows(group)])

    def releases(self) -> pa.Table:
        """The model table of the contract."""
        rows = [{"model": name, "released_at": _moment(time)} for name, time in self.models.items()]
        return _table(MODEL, rows)


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read the cases of one signal from a YAML file, or of several from the `*.yaml` of a folder."""
    if path.is_dir():
        return tuple(case for file in sorted(path.glob("*.yaml")) for case in read_cases(file))
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return tuple(_case(str(content["signal"]), item) for item in content["cases"])
    except (KeyError, TypeError, UsageError) as error:
        raise UsageError(f"{path} holds no cases that can be read: {error}") from error


def _case(signal: str, item: Mapping[str, Any]) -> Case:
    return Case(signal=signal, **{**item, "groups": tuple(Group(**group) for group in item["groups"])})


def _refuse_unknown(patterns: Mapping[str, Any], schema: TableSchema, group: str) -> None:
    unknown = sorted(set(patterns) - {column.name for column in schema.columns})
    if unknown:
        raise UsageError(f"group {group}: {', '.join(unknown)} is no column of {schema.name}")


def _table(schema: TableSchema, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema.arrow)


def _exchange_rows(group: Group) -> Iterator[dict[str, Any]]:
    for number, account_id in enumerate(group.account_ids):
        for turn in range(group.exchanges_of(number)):
            place = _Place(group.name, number, turn, turn)
            yield {
                "exchange_id": f"{account_id}-{turn:03}",
                "ts": START + timedelta(hours=turn, seconds=97 * number),
                "account_id": account_id,
                "model": "model-1",
                **{name: place.fill(pattern) for name, pattern in group.exchange.items()},
            }


def _account_rows(group: Group) -> Iterator[dict[str, Any]]:
    for number, account_id in enumerate(group.account_ids):
        place = _Place(group.name, number, 0, number)
        yield {"account_id": account_id, **{name: place.fill(item) for name, item in group.account.items()}}


@dataclass(frozen=True)
class _Place:
    """Where a value stands: its group, its account, its request, and its turn in a cycle."""

    group: str
    account: int
    exchange: int
    turn: int

    def fill(self, pattern: object) -> object:
        """The value of a pattern at this place."""
        if isinstance(pattern, str):
            text = pattern.replace("{account}", str(self.account)).replace("{exchange}", str(self.exchange))
            return text.replace("{words}", self.words()) if "{words}" in text else text
        if isinstance(pattern, Mapping) and "cycle" in pattern:
            items = cast("list[object]", pattern["cycle"])
            return self.fill(items[self.turn % len(items)])
        if isinstance(pattern, Mapping) and "by_account" in pattern:
            items = cast("list[object]", pattern["by_account"])
            return self.fill(items[self.account % len(items)])
        if isinstance(pattern, Mapping) and "from" in pattern:
            return _moment(pattern["from"]) + timedelta(seconds=self._seconds(pattern))
        return pattern

    def _seconds(self, pattern: Mapping[str, Any]) -> int:
        if "within_seconds" in pattern:
            return int.from_bytes(self._digest(8)) % int(pattern["within_seconds"])
        return int(pattern.get("every_seconds", 0)) * self.turn

    def words(self) -> str:
        """A dozen words that belong to this place alone."""
        nibbles = [half for byte in self._digest(3 * WORDS // 2) for half in divmod(byte, 16)]
        groups = (nibbles[at : at + 3] for at in range(0, len(nibbles), 3))
        return " ".join("".join(SYLLABLES[n] for n in each) for each in groups)

    def _digest(self, size: int) -> bytes:
        place = f"{self.group}/{self.account}/{self.exchange}"
        return blake2b(place.encode(), digest_size=size).digest()


def _moment(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
