"""A mapping file: where a house format holds the contract's columns, in TOML. What `--map FILE` reads.

    name = "house_gateway"                  # how the rows name their source; `mapped` if left out
    packed = ["records"]                    # lists of records inside of a record, if there are any

    [columns]
    exchange_id = "request_id"              # a CSV header, or a dotted path into nested records
    account_id = "customer.id"
    ts = {path = "created", unit = "ms"}    # s, ms, us, ns, ticks (.NET), iso (the default)
    model = "req.model"
    channel = {value = "api"}               # the same in every row
    api_key_id = {path = "key", hash = true}
    tools = "req.tools[].function.name"     # of each element of a list

    [body]                                  # request and answer of an API, in any dialect that is known
    request = "req"
    response = "res"
    dialect = "openai_chat"                 # recognised, if left out

    [exclude]                               # what is no exchange of a customer's, by reason
    "no generation" = {path = "kind", equals = ["embedding", "moderation"]}

A time without a zone is no time unless `zone` says where it was written: `{path = "at", zone = "UTC"}`; also an offset
(`+02:00`) or a name (`Europe/Berlin`). What a column says goes before what the body says. The same file shape serves
account exports and edge logs; only their columns differ. `json_schema` publishes the shape; whatever does not fit it is
refused with the file, the key, what was found and what is allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.errors import UsageError
from stillwatch.model.tables import TableSchema
from stillwatch.sources.joins.given import Given
from stillwatch.sources.joins.shapes import BodyPlaces, Exclusion, File, Place


@dataclass(frozen=True)
class HouseFormat:
    """A mapping file that was read and found right for a table."""

    table: TableSchema
    columns: Mapping[str, Place]
    name: str = "mapped"
    packed: tuple[str, ...] = ()
    body: BodyPlaces | None = None
    exclude: Mapping[str, Exclusion] | None = None


def json_schema() -> dict[str, Any]:
    """The shape of a mapping file as JSON Schema."""
    return msgspec.json.schema(File)


def read_mapping(path: Path, table: TableSchema) -> HouseFormat:
    """The mapping file for rows of that table; raises `UsageError` for what it cannot mean."""
    return parsed(_tree(path), table, str(path))


def parsed(tree: Mapping[str, Any], table: TableSchema, file: str) -> HouseFormat:
    """The same of a file that was decoded; `file` is its name in errors."""
    given = Given(file)
    for key in tree:
        given.known(key, ("columns", "name", "packed", "body", "exclude"), "key")
    columns = {name: given.place(name, found, table) for name, found in given.table(tree, "columns").items()}
    body = given.body(tree["body"], table) if "body" in tree else None
    excluded = {
        reason: given.converted(f"exclude.{reason}", found, Exclusion)
        for reason, found in (given.table(tree, "exclude") if "exclude" in tree else {}).items()
    }
    missing = [name for name in table.required if name not in columns and not (body and name == "model")]
    if missing:
        raise given.fault("columns", f"names no {', '.join(missing)}", f"every row of {table.name} needs it")
    packed = given.converted("packed", tree.get("packed", []), list[str])
    return HouseFormat(table, columns, given.name(tree), tuple(packed), body, excluded)


def _tree(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"The mapping file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The mapping file {path} is no TOML: {error}.") from error
