"""Where the tables of a log lie that executors read: on this machine, in storage, or in a catalogue.

world/                          a folder in the contract's layout, with exchanges.parquet or exchanges/
logs/day=2026-01-05/...         Parquet files in a folder, also in partitions
s3://bucket/logs                the same in storage that the session reads
lake.gateway.exchanges          a table of the session's catalogue: Delta, Iceberg or Parquet
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import InputError, SchemaError, UsageError
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources import lake
from stillwatch.sources.cast import check_castable
from stillwatch.sources.layout import SIMULATED, open_beside
from stillwatch.sources.spread.arrive import FILE, LINE
from stillwatch.sources.spread.log import SOURCE, Columns, Executors, SpreadInput

FORMATS = ("parquet", *lake.FORMATS)
BESIDE = ("accounts", "networks", "models")


class Storage(Executors, Protocol):
    """What is needed of an engine that finds tables in storage."""

    def find(self, name: str, place: str | Sequence[str], file_format: str | None = None) -> tuple[str, ...]:
        """Give a table in storage, or many files of one, a name; its columns."""

    def holds(self, path: str) -> bool:
        """Whether there is a file or a folder at that path of storage."""

    def take(self, name: str, columns: tuple[str, ...]) -> pa.Schema:
        """Name a table that was found by those of its columns alone; their types."""


@dataclass(frozen=True)
class Place:
    """Where a table lies: a path with the format of its files, or a name in the catalogue."""

    path: str
    file_format: str | None


def open_spread(
    path: str, storage: Storage, given: Mapping[str, str], *, log_format: str | None, scratch: Path
) -> SpreadInput:
    """The log at that place, and the tables beside it; what is `given` elsewhere is brought to `scratch`.

    `log_format` is one of `FORMATS` where files lie at a path that does not say it.
    """
    if log_format is not None and log_format not in FORMATS:
        raise UsageError(
            f"Spark was asked to read {log_format}, and reads {', '.join(FORMATS)}. Turn the log into Parquet first: "
            f"stillwatch convert {path} --out FOLDER."
        )
    here = Path(path)
    root, simulated = str(here.resolve()), False
    if here.exists():
        place = _on_this_machine(here, log_format)
    else:
        place, root = _elsewhere(path, log_format), path.rstrip("/")
    if not here.exists() and place.file_format == "parquet":
        place = _inside(place, storage)
        simulated = storage.holds(f"{root}/{SIMULATED}")
        files = {name: f"{root}/{name}.parquet" for name in BESIDE if name not in given}
        given = {**given, **{name: file for name, file in files.items() if storage.holds(file)}}
    brought = {name: _brought(name, table, storage, scratch) for name, table in given.items()}
    beside = open_beside(here if here.is_dir() else None, brought)
    found, told = _found(place, storage)
    known = _contract_names(found, place.path)
    schema = storage.take(SOURCE, known)
    for name in known:
        check_castable(schema.field(name).type, EXCHANGE[name], where=place.path)
    others = tuple(name for name in found if name not in known)
    notes = tuple(
        f"{path}: {name} has times without a zone; they were taken as UTC"
        for name in known
        if pa.types.is_timestamp(schema.field(name).type) and schema.field(name).type.tz is None
    )
    return SpreadInput(
        storage, Columns(known, others, (*told, *notes)), beside, root=root, simulated=simulated
    )


def _found(place: Place, storage: Storage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of the log, and notes; where the session has no reader for a table on this machine, it is its live files."""
    try:
        return storage.find(SOURCE, place.path, place.file_format), ()
    except InputError as error:
        here = Path(place.path.removeprefix("file://"))
        if place.file_format not in lake.FORMATS or lake.table_format(here) != place.file_format:
            raise
        try:
            found = lake.live(here, EXCHANGE)
        except InputError as other:
            raise InputError(f"{error} Nor can it be read without: {other}") from other
        files = [f"file://{file.resolve()}" for file in found.files]
        return storage.find(SOURCE, files, "parquet"), (found.note,)


def _on_this_machine(path: Path, log_format: str | None) -> Place:
    whole = path.resolve()
    if path.is_file():
        if path.suffix != ".parquet" and log_format is None:
            raise InputError(f"{path} is no Parquet file, which is what Spark reads. {_convert(path)}")
        return Place(f"file://{whole}", log_format or "parquet")
    for inside in ("exchanges.parquet", "exchanges"):
        if (path / inside).exists():
            whole = whole / inside
            break
    kind = lake.table_format(whole)
    if kind is not None:
        return Place(f"file://{whole}", kind)
    if log_format is None and not whole.is_file() and next(whole.rglob("*.parquet"), None) is None:
        raise InputError(f"{whole} holds no Parquet files, which is what Spark reads. {_convert(path)}")
    return Place(f"file://{whole}", log_format or "parquet")


def _elsewhere(path: str, log_format: str | None) -> Place:
    """A path of storage, which has a slash, or a name in the catalogue."""
    if "/" in path and "`" not in path:
        return Place(path, log_format or "parquet")
    return Place(path, None)


def _inside(place: Place, storage: Storage) -> Place:
    """The exchanges of a folder in the contract's layout; any other folder is the table itself."""
    root = place.path.rstrip("/")
    for inside in (f"{root}/exchanges.parquet", f"{root}/exchanges"):
        if storage.holds(inside):
            return Place(inside, place.file_format)
    return place


def _brought(name: str, place: str, storage: Storage, scratch: Path) -> Path:
    """A small table as a file of this machine."""
    if Path(place).exists():
        return Path(place)
    where = _elsewhere(place, None)
    columns = storage.find(name, where.path, where.file_format)
    storage.take(name, columns)
    file = scratch / f"{name}.parquet"
    table = storage.query(f"SELECT * FROM {name}")
    pq.write_table(table.drop_columns([FILE, LINE]), file)
    storage.forget(name)
    return file


def _contract_names(found: tuple[str, ...], where: str) -> tuple[str, ...]:
    missing = [name for name in EXCHANGE.required if name not in found]
    if missing:
        raise SchemaError(
            f"{where} has no column {', '.join(missing)}, which every row of exchanges needs; "
            f"it has {', '.join(found[:60]) or 'no columns'}."
        )
    return tuple(column.name for column in EXCHANGE.columns if column.name in found)


def _convert(path: Path) -> str:
    return f"Turn the log into Parquet first: stillwatch convert {path} --out FOLDER."
