"""Delta and Iceberg tables that lie in a folder: which Parquet files are the table now.

Either keeps files of its earlier states in the same folder, so that what lies there is not what the table holds. Its own log says
which files are live, and packages of its makers read that. A table that is more than its files (rows marked as deleted, columns
renamed, a column that is in no file) is refused by name: Spark reads it with the reader of its format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq

from stillwatch.errors import InputError
from stillwatch.model.tables import TableSchema

FORMATS = ("delta", "iceberg")
_ICEBERG = ".metadata.json"
_SAYS = (b'"format-version"', b'"table-uuid"')
"""What every description of an Iceberg table holds."""
_LARGEST = 256 * 1024 * 1024
"""Bytes of the largest description that is looked into."""
_LOCATION = re.compile(r"(?:(?P<store>[A-Za-z][A-Za-z0-9+.-]*):)?(?P<path>.*)", re.DOTALL)
_FIELD_ID = b"PARQUET:field_id"


@dataclass(frozen=True)
class Live:
    """The files that a table is made of, in order of their paths, and which of its states that is."""

    files: tuple[Path, ...]
    note: str


def named(kind: str | None) -> str:
    """The name of a format as people write it."""
    return "Delta" if kind == "delta" else "Iceberg"


def table_format(place: Path) -> str | None:
    """Which of `FORMATS` lies there, if any: a folder, or a file in which Iceberg describes one state of a table."""
    if place.is_file():
        return "iceberg" if _is_description(place) else None
    if (place / "_delta_log").is_dir():
        return "delta"
    return "iceberg" if next(_descriptions(place), None) is not None else None


def tables_in(paths: Iterable[PurePath]) -> dict[PurePath, str]:
    """The folders of tables among these paths, files and folders below them, each with its format; none inside another."""
    found: dict[PurePath, str] = {}
    for path in paths:
        if "_delta_log" in path.parts:
            at = path.parts.index("_delta_log")
            found.setdefault(PurePath(*path.parts[:at]), "delta")
        elif path.parent.name == "metadata" and path.name.endswith(_ICEBERG):
            found.setdefault(path.parent.parent, "iceberg")
    return {place: kind for place, kind in found.items() if not any(p in found for p in place.parents)}


def live(place: Path, table: TableSchema) -> Live:
    """The files of the table that lies there, which hold that table of the contract.

    Raises `InputError` if the package for its format is missing, its log cannot be read, or files alone are not the table.
    """
    kind = table_format(place)
    try:
        found = _delta(place, table) if kind == "delta" else _iceberg(place, table)
    except ImportError as error:
        raise InputError(
            f"{place} is a table of {named(kind)}, whose folder holds files of its earlier states too, and {error.name}, which "
            f"says which files count, is not installed: pip install 'stillwatch[lake]', or scan it with --engine spark."
        ) from error
    except InputError:
        raise
    except Exception as error:  # the packages raise what they like
        said = next(iter(str(error).splitlines()), type(error).__name__)  # what follows is a trace of theirs
        raise InputError(f"{place} cannot be read as a table of {named(kind)}: {said}") from error
    return found


def _delta(place: Path, table: TableSchema) -> Live:
    from deltalake import DeltaTable  # noqa: PLC0415  an optional extra

    found = DeltaTable(place)
    _complain(place, "delta", _not_in_delta_files(found, table))
    return Live(
        _here(place, "delta", found.file_uris()), f"{_name(place)}: a Delta table, version {found.version()}"
    )


def _not_in_delta_files(found: Any, table: TableSchema) -> str:
    """Why the table is not just the rows of its files; nothing if it is."""
    if found.metadata().configuration.get("delta.columnMapping.mode", "none") != "none":
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
    others = sorted(
        {str(t.file.file_format) for t in tasks if "parquet" not in str(t.file.file_format).lower()}
    )
    if others:
        _complain(place, "iceberg", f"it has files of {others[0]}")
    if any(task.delete_files for task in tasks):
        _complain(place, "iceberg", "rows of its files are marked as deleted")
    files = _here(place, "iceberg", (task.file.file_path for task in tasks))
    fields = {field.name: field for field in found.schema().fields}
    parted = {
        found.schema().find_column_name(part.source_id)
        for spec in found.specs().values()
        for part in spec.fields
    }
    for file in files:
        _complain(place, "iceberg", _told_otherwise(file, fields, parted, table))
    return Live(files, f"{_name(place)}: an Iceberg table as {description.name} describes it")


def _told_otherwise(file: Path, fields: dict[str, Any], parted: set[Any], table: TableSchema) -> str:
    """Why a file's own columns are not those that the table has now; nothing if they are. Iceberg knows columns by number."""
    held = {field.name: int((field.metadata or {}).get(_FIELD_ID, b"-1")) for field in pq.read_schema(file)}
    for name in (column.name for column in table.columns):
        now = fields.get(name)
        if name in held and (now is None or held[name] not in {-1, now.field_id}):
            return f"its column {name} was dropped or renamed, and {file.name} still holds it"
        if now is None or name in held:
            continue
        if now.field_id in held.values():
            return f"its column {name} has another name in {file.name}"
        if name in parted or getattr(now, "initial_default", None) is not None:
            return f"its column {name} is not in {file.name}, and the table tells its values"
    return ""


def _newest(place: Path) -> Path:
    """The description of the table's present state: that of a catalogue in files, or else the one with the highest number.

    Such a catalogue counts `v1`, `v2`, ... and notes the last one afterwards, so that the note may lag behind.
    """
    found = sorted(_descriptions(place), key=_number)
    numbered = [one for one in found if one.name == f"v{_number(one)}{_ICEBERG}"]
    if numbered:
        return numbered[-1]
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


def _is_description(file: Path) -> bool:
    is_named_so = file.parent.name == "metadata" and file.name.endswith(_ICEBERG)
    if not is_named_so or file.stat().st_size > _LARGEST:
        return False
    content = file.read_bytes()
    return all(words in content for words in _SAYS)


def _here(place: Path, kind: str, locations: Iterable[str]) -> tuple[Path, ...]:
    """The files of this machine at these locations, in order."""
    files = []
    for location in locations:
        parts = _LOCATION.fullmatch(location)
        store, path = (parts["store"], parts["path"]) if parts else (None, location)
        if store not in {None, "file"}:
            raise InputError(
                f"{place} names {location}, which is not on this machine. Scan it with --engine spark."
            )
        plain = f"/{path.lstrip('/')}" if store else path
        file = next((one for one in map(Path, (plain, unquote(plain))) if one.is_file()), None)
        if file is None:
            raise InputError(f"{place}: {named(kind)} names {location}, which is not here.")
        files.append(file)
    return tuple(sorted(files))


def _name(place: Path) -> str:
    return place.resolve().name if place.is_dir() else place.resolve().parent.parent.name


def _complain(place: Path, kind: str, why: str) -> None:
    if why:
        raise InputError(
            f"{place} is a table of {named(kind)} and more than its files: {why}. Scan it with --engine spark in a session that has "
            f"{kind}, or write its rows anew as Parquet."
        )
