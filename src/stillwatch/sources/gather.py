"""Logs from wherever they are: files, folders, patterns, standard input, object stores through fsspec, LiteLLM's database.

What is not on the disk is brought there file by file while it is read, and goes again, so that the disk holds one at a
time. Standard input is held as a whole, because its format is told by its beginning.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

from stillwatch.errors import InputError, PartialInputError, UsageError
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources._base import Chunk, Reading, Source, empty_chunk
from stillwatch.sources.files import TABLES, LogFile, format_named, logs_in, one_file
from stillwatch.sources.joins.mapped import mapped_source
from stillwatch.sources.joins.mapping import read_mapping
from stillwatch.sources.lake import named, table_format, tables_in
from stillwatch.sources.layout import Input, Table, open_input
from stillwatch.sources.litellm_database import spend_rows
from stillwatch.sources.nested.beside import fetching, is_body

STDIN = "-"
_FIRST = 1 << 20
_COLUMNS = tuple(column.name for column in EXCHANGE.columns)


@dataclass(frozen=True)
class _Place:
    """A log that is not on the disk: its name, how to open it, and the same for what lies in its bucket."""

    name: str
    open: Callable[[], BinaryIO]
    beside: Callable[[str], BinaryIO]


DATABASES = ("postgresql://", "postgres://")
"""Addresses of a database: that of LiteLLM."""


def open_logs(
    inputs: Sequence[str], known: Mapping[str, Source], wanted: Source | None, scratch: Path
) -> Input:
    """Open the logs, in the order given, as one input; `wanted` is their format where it is not to be recognised.

    One folder in the contract's layout is opened with all its tables. `scratch` is a folder for what must be brought
    to the disk. Raises `InputError` where nothing is found.
    """
    if wanted is None and len(inputs) == 1 and _is_layout(Path(inputs[0])):
        return open_input(Path(inputs[0]))
    opened: list[tuple[LogFile, Reading]] = []
    notes: list[str] = []
    for given in inputs:
        found, aside = _found(given, known, wanted, scratch)
        if not found:
            raise InputError(
                f"{_shown(given)} holds no log: no file is there whose content is in a known format."
            )
        opened += found
        notes += aside
    tables = {name: Table(schema, opened if name == EXCHANGE.name else ()) for name, schema in TABLES.items()}
    return Input(tables, simulated=False, notes=notes)


def wanted(log_format: str | None, mapping: Path | None, known: Mapping[str, Source]) -> Source | None:
    """The format that was asked for, by its name or by a mapping file; None if it is to be recognised."""
    if mapping is not None and log_format is not None:
        raise UsageError("A log has one format: name it, or give a mapping file, not both.")
    if mapping is not None:
        return mapped_source(read_mapping(mapping, EXCHANGE))
    return None if log_format is None else format_named(log_format, known)


def _is_layout(path: Path) -> bool:
    """Whether the folder names its tables as the contract does."""
    return path.is_dir() and any(entry.name.partition(".")[0] == EXCHANGE.name for entry in path.iterdir())


def _found(
    given: str, known: Mapping[str, Source], wanted: Source | None, scratch: Path
) -> tuple[list[tuple[LogFile, Reading]], tuple[str, ...]]:
    """The logs behind one input, and notes on files left aside."""
    if given.startswith(DATABASES):
        return [_of_database(given, known, scratch)], ()
    if _is_remote(given):
        return _there(list(_remote(given)), known, wanted, scratch)
    return _here(_local(given, scratch), known, wanted)


def _of_database(given: str, known: Mapping[str, Source], scratch: Path) -> tuple[LogFile, Reading]:
    """LiteLLM's table, brought to the disk as its export would be; the address is never shown, it holds a password."""
    local = scratch / "LiteLLM_SpendLogs.jsonl"
    with local.open("wb") as file:
        for row in spend_rows(given):
            file.write(msgspec.json.encode(row) + b"\n")
    source = known["litellm_spend"]
    return LogFile(local, "LiteLLM_SpendLogs", source), source.read(local, EXCHANGE)


def _shown(given: str) -> str:
    return "the database" if given.startswith(DATABASES) else given


def _here(
    paths: Sequence[Path], known: Mapping[str, Source], wanted: Source | None
) -> tuple[list[tuple[LogFile, Reading]], tuple[str, ...]]:
    """The logs at these places on the disk, and notes on files left aside."""
    files: list[LogFile] = []
    notes = tuple(
        f"{folder}: files of a table of {named(kind)} were named one by one; some may be of its earlier states"
        for folder in dict.fromkeys(path.parent for path in paths if path.is_file())
        if (kind := table_format(folder)) is not None
    )
    for path in paths:
        if path.is_dir() or table_format(path) is not None:
            inside, aside = logs_in(path, known, wanted)
            files += inside
            notes += aside
        elif not path.exists():
            raise InputError(f"{path} does not exist. Give a log file, a folder, or a pattern of names.")
        else:
            files.append(one_file(path, known, wanted))
    return [(file, file.source.read(file.path, EXCHANGE)) for file in files], notes


def _is_remote(given: str) -> bool:
    return "://" in given


def _local(given: str, scratch: Path) -> list[Path]:
    if given == STDIN:
        held = scratch / "stdin"
        with held.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        return [held]
    if Path(given).exists() or not has_magic(given):
        return [Path(given)]
    found = [Path(one) for one in sorted(glob(given, recursive=True)) if Path(one).is_file()]  # noqa: PTH207
    return [path for path in found if len(found) == 1 or not is_body(path)]


def _remote(given: str) -> Iterator[_Place]:
    """The files behind an address, in order of their names: one, those of a folder, or those of a pattern."""
    try:
        import fsspec  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            f"{given} needs the package fsspec and the one for its store: pip install 'stillwatch[cloud]'."
        ) from error
    try:
        store, inside = fsspec.core.url_to_fs(given)
        found = store.glob(inside) if has_magic(inside) else store.find(inside)
        marks = [f"{_fixed(inside)}/_delta_log"] if has_magic(inside) else []
        seen = [*map(str, found), *(mark for mark in marks if store.exists(mark))]
        for place, kind in tables_in(map(PurePosixPath, seen)).items():
            raise InputError(
                f"{given}: {place} is a table of {named(kind)}, whose folder holds files of its earlier states too. Scan it with "
                "--engine spark, or bring the whole folder here."
            )
        for name in sorted(map(str, found)):
            yield _Place(name, partial(store.open, name, "rb"), partial(store.open, mode="rb"))
    except (OSError, ImportError, ValueError) as error:
        raise InputError(f"{given} cannot be opened: {error}") from error


def _fixed(pattern: str) -> str:
    """The folder that a pattern names before its first sign that stands for others."""
    parts = PurePosixPath(pattern).parts
    return str(PurePosixPath(*parts[: next(at for at, part in enumerate(parts) if has_magic(part))]))


def _there(
    places: Sequence[_Place], known: Mapping[str, Source], wanted: Source | None, scratch: Path
) -> tuple[list[tuple[LogFile, Reading]], tuple[str, ...]]:
    """The logs among remote files, and notes on those left aside; of one file alone the format must be known."""
    logs: list[tuple[LogFile, Reading]] = []
    aside: list[str] = []
    bodies = 0
    for place in places:
        if len(places) > 1 and is_body(PurePosixPath(place.name)):
            bodies += 1
            continue
        try:
            logs.append(_brought(place, known, wanted, scratch))
        except InputError:
            if len(places) == 1:
                raise
            aside.append(f"{place.name}: not read, its content is in no format that is known")
    if bodies:
        aside.append(f"{bodies} files are named as bodies, which are read with the records that name them")
    return logs, tuple(aside)


def _brought(
    place: _Place, known: Mapping[str, Source], wanted: Source | None, scratch: Path
) -> tuple[LogFile, Reading]:
    """A remote log as a reading that brings it to the disk when its rows are asked for; its head tells the format."""
    local = scratch / f"remote-{place.name.rpartition('/')[2]}"
    with place.open() as there:
        local.write_bytes(there.read(_FIRST))
    try:
        source = one_file(local, known, wanted).source
    finally:
        local.unlink()

    def chunks() -> Iterator[Chunk]:
        try:
            _copied(place.open, local)
            with fetching(local, partial(_body, place)):
                yield from source.read(local, EXCHANGE).chunks()
        except (OSError, PartialInputError) as error:
            yield empty_chunk(EXCHANGE, _COLUMNS, failure=f"not read: {error}")
        finally:
            local.unlink(missing_ok=True)

    return LogFile(local, place.name, source), Reading(columns=_COLUMNS, chunks=chunks)


def _copied(opened: Callable[[], BinaryIO], to: Path) -> None:
    with opened() as there, to.open("wb") as here:
        shutil.copyfileobj(there, here, _FIRST)


def _body(log: _Place, body: str, to: Path, most: int) -> bool:
    """Bring a body from the bucket that its log lies in, up to so many bytes; nothing of another bucket."""
    lead = "/" if log.name.startswith("/") else ""
    if log.name.lstrip("/").partition("/")[0] != body.partition("/")[0]:
        return False
    try:
        with log.beside(f"{lead}{body}") as there:
            held = there.read(most + 1)
    except Exception:  # noqa: BLE001  stores raise what they like: a body that is not had is told as cut
        return False
    to.write_bytes(held)
    return len(held) <= most
