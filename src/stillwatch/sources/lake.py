"""Delta and Iceberg tables that lie in a folder: which Parquet files are the table now.

Either keeps files of its earlier states in the same folder, so that what lies there is not what the table holds. Its own log says
which files are live, and packages of its makers read that. A table that is more than its files (rows marked as deleted, columns
renamed, a column that is in no file) is refused by name: Spark reads it with the reader of its format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from stillwatch.errors import InputError
from stillwatch.model.tables import TableSchema

FORMATS = ("delta", "iceberg")
_ICEBERG = ".metadata.json"


@dataclass(frozen=True)
class Live:
    """The files that a table is made of, in order of their paths, and which of its states that is."""

    files: tuple[Path, ...]
    note: str


def table_format(place: Path) -> str | None:
    """Which of `FORMATS` lies there, if any: a folder, or a file in which Iceberg describes one state of a table."""
    if place.is_file():
        return "iceberg" if place.name.endswith(_ICEBERG) else None
    if (place / "_delta_log").is_dir():
        return "delta"
    return "iceberg" if next(_descriptions(place), None) is not None else None


def table_in(names: Iterable[str]) -> str | None:
    """Which of `FORMATS` has files of these names in its folder, if any."""
    for name in names:
        if "/_delta_log/" in name:
            return "delta"
        if "/metadata/" in name and name.endswith(_ICEBERG):
            return "iceberg"
    return None


def live(place: Path, table: TableSchema) -> Live:
    """The files of the table that lies there, which hold that table of the contract.

    Raises `InputError` if the package for its format is missing, its log cannot be read, or files alone are not the table.
    """
    kind = table_format(place)
    try:
        found = _delta(place, table) if kind == "delta" else _iceberg(place, table)
    except ImportError as error:
        raise InputError(
            f"{place} is a table of {_named(kind)}, whose folder holds files of its earlier states too, and {error.name}, which "
            f"says which files count, is not installed: pip install 'stillwatch[lake]', or scan it with --engine spark."
        ) from error
    except InputError:
        raise
    except Exception as error:  # the packages raise what they like
        raise InputError(f"{place} cannot be read as a table of {_named(kind)}: {error}") from error
    if not found.files:
        raise InputError(f"{place} is a table of {_named(kind)} that holds no rows.")
    for file in found.files:
        if not file.is_file():
            raise InputError(f"{place}: {_named(kind)} names {file}, which is not here.")
    return found


def _delta(place: Path, table: TableSchema) -> Live:
    from deltalake import DeltaTable  # noqa: PLC0415  an optional extra

    found = DeltaTable(place)
    _complain(place, "delta", _not_in_delta_files(found, table))
    files = [_path(uri) for uri in found.file_uris()]
    return Live(tuple(sorted(files)), f"{place.name}: a Delta table, version {found.version()}")


def _not_in_delta_files(found: Any, table: TableSchema) -> str:
    """Why the table is not just the rows of its files; nothing if it is."""
    features = set(found.protocol().reader_features or ())
    if "columnMapping" in features or "delta.columnMapping.mode" in found.metadata().configuration:
        return "its columns have other names in its files"
    parted = sorted({column.name for column in table.columns} & set(found.metadata().partition_columns))
    if parted:
        return f"it is partitioned by {parted[0]}, which its files do not hold"
    if any(batch.num_rows for batch in found.deletion_vectors()):
        return "rows of its files are marked as deleted"
    return ""


def _iceberg(place: Path, table: TableSchema) -> Live:
    from pyiceberg.table import StaticTable  # noqa: PLC0415  an optional extra

    description = place if place.is_file() else _newest(place)
    found = StaticTable.from_metadata(str(description))
    tasks = list(found.scan().plan_files())
    _complain(place, "iceberg", _not_in_iceberg_files(found, tasks, table))
    files = sorted(_path(task.file.file_path) for task in tasks)
    return Live(tuple(files), f"{place.name}: an Iceberg table as {description.name} describes it")


def _not_in_iceberg_files(found: Any, tasks: list[Any], table: TableSchema) -> str:
    """Why the table is not just the rows of its files; nothing if it is."""
    if any(task.delete_files for task in tasks):
        return "rows of its files are marked as deleted"
    others = sorted(
        {str(task.file.file_format) for task in tasks if "parquet" not in str(task.file.file_format).lower()}
    )
    if others:
        return f"it has files of {others[0]}"
    known = {column.name for column in table.columns}
    pairs = {(f.name, f.field_id) for schema in found.metadata.schemas for f in schema.fields}
    now = {f.name: f.field_id for f in found.schema().fields}
    for name, number in sorted(pairs):
        if (name in known or any(n in known and i == number for n, i in pairs)) and now.get(name) != number:
            return f"its column {name} was renamed, or dropped, and files still hold it"
    return ""


def _newest(place: Path) -> Path:
    """The description of the table's present state: the one that is said to be, or else the one with the highest number."""
    hint = place / "metadata" / "version-hint.text"
    if hint.is_file():
        named = hint.read_text("utf-8").strip()
        return hint.with_name(
            f"v{named}{_ICEBERG}" if named.isdecimal() else named.removesuffix(_ICEBERG) + _ICEBERG
        )
    found = sorted(_descriptions(place), key=_number)
    if len(found) > 1 and _number(found[-1]) == _number(found[-2]):
        raise InputError(
            f"{place} is a table of Iceberg, and both {found[-2].name} and {found[-1].name} describe its latest state: its catalogue "
            f"knows which counts. Give that file in place of the folder."
        )
    return found[-1]


def _number(description: Path) -> int:
    """The number of a state: 3 of `v3.metadata.json`, and of `00003-5f0e.metadata.json`."""
    digits = description.name.removeprefix("v").partition(".")[0].partition("-")[0]
    return int(digits) if digits.isdecimal() else -1


def _descriptions(place: Path) -> Iterator[Path]:
    return (place / "metadata").glob(f"*{_ICEBERG}")


def _path(uri: str) -> Path:
    """A file of this machine."""
    scheme, _, rest = uri.rpartition("://")
    if scheme not in {"", "file"}:
        raise InputError(f"{uri} is not on this machine. Scan the table with --engine spark.")
    return Path(rest) if Path(rest).is_file() else Path(unquote(rest))


def _complain(place: Path, kind: str, why: str) -> None:
    if why:
        raise InputError(
            f"{place} is a table of {_named(kind)} and more than its files: {why}. Scan it with --engine spark in a session that has "
            f"{kind}, or write it anew: stillwatch reads Parquet."
        )


def _named(kind: str | None) -> str:
    return "Delta" if kind == "delta" else "Iceberg"
