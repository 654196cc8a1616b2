"""The names under which telemetry tells what the contract asks for: a table that comes with the package.

The conventions for generative AI are young and their names move; programs keep writing older ones for years. So the names
are data, `data/otel-attributes.toml`, and a new name is a line there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

Names = Mapping[str, tuple[str, ...]]

NUMBERED = "numbered"
"""Stands among what was found where attributes have numbered names."""


class Told(NamedTuple):
    """A value, the name under which it stood, and the place of that name in the list of its column."""

    rank: int
    name: str
    value: Any


Found = dict[str, Told]
"""What attributes tell, by column or by kind of message."""


@dataclass(frozen=True)
class Aliases:
    """The table: names by column, by kind of message, and what tells a call of a model from other spans.

    `operations` are names of attributes that say what a span does, each with the values that stand for a generation.
    `edge` and `resource` are the columns that may stand outside the span of the call. `ranks` gives for each name what
    it tells, and how far down the list it stands there. `quiet` are scopes of spans without words, `statuses` HTTP
    statuses by the names of errors.
    """

    columns: Names
    messages: Names
    numbered: Names
    operations: tuple[tuple[str, frozenset[str]], ...]
    marks: tuple[str, ...]
    event: str
    internal: str
    edge: frozenset[str]
    resource: frozenset[str]
    redacted: str
    redactable: tuple[str, ...]
    ranks: Mapping[str, tuple[tuple[str, int], ...]]
    prefixes: tuple[str, ...]
    quiet: frozenset[str]
    statuses: Mapping[str, int]

    def written(self, column: str) -> str:
        """The name under which a column is written."""
        return self.columns[column][0]


@cache
def aliases() -> Aliases:
    """The table that comes with the package."""
    text = (resources.files("stillwatch.sources") / "data" / "otel-attributes.toml").read_text("utf-8")
    held = tomllib.loads(text)
    columns, messages, numbered = (_names(held[part]) for part in ("columns", "messages", "numbered"))
    return Aliases(
        columns=columns,
        messages=messages,
        numbered=numbered,
        operations=tuple((one["name"], frozenset(one["generating"])) for one in held["operations"]),
        marks=tuple(held["generation"]["marks"]),
        event=held["generation"]["event"],
        internal=held["generation"]["internal"],
        edge=frozenset(held["places"]["edge"]),
        resource=frozenset(held["places"]["resource"]),
        redacted=held["redacted"]["text"],
        redactable=tuple(held["redacted"]["names"]),
        ranks=_ranks({**columns, **messages}),
        prefixes=tuple(f"{prefix}." for some in numbered.values() for prefix in some),
        quiet=frozenset(held["quiet"]["scopes"]),
        statuses=held["statuses"],
    )


def found(attributes: Mapping[str, Any]) -> Found:
    """What attributes tell under the most trusted of their names, in one pass over them."""
    known, best = aliases(), Found()
    for name, value in attributes.items():
        if (tells := known.ranks.get(name)) is None:
            if name.startswith(known.prefixes):
                best[NUMBERED] = Told(0, name, value)
        elif value is not None and value != "":
            for column, rank in tells:
                if column not in best or rank < best[column].rank:
                    best[column] = Told(rank, name, value)
    return best


def joined(best: Found, other: Found, columns: Iterable[str]) -> None:
    """Add to what was found what another place tells of these columns under a more trusted name."""
    for column in columns:
        if (told := other.get(column)) and (column not in best or told.rank < best[column].rank):
            best[column] = told


def _names(table: Mapping[str, Sequence[str]]) -> Names:
    return {name: tuple(some) for name, some in table.items()}


def _ranks(names: Names) -> Mapping[str, tuple[tuple[str, int], ...]]:
    ranks: dict[str, tuple[tuple[str, int], ...]] = {}
    for column, some in names.items():
        for rank, name in enumerate(some):
            ranks[name] = (*ranks.get(name, ()), (column, rank))
    return ranks
