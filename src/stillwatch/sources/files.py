"""Which files make up a table of the input: names, folders, formats by suffix, compression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import InputError, UsageError
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, NETWORK, TableSchema
from stillwatch.registry import discover
from stillwatch.sources import lake
from stillwatch.sources._base import Source
from stillwatch.sources.nested.beside import is_body
from stillwatch.sources.nested.records import head_of
from stillwatch.sources.stream import COMPRESSIONS, first_bytes

TABLES = {table.name: table for table in (EXCHANGE, ACCOUNT, NETWORK, MODEL)}
"""The tables of an input, by name."""
_SNIFFED = 1 << 20
_LOOKED_AT = 8


@dataclass(frozen=True)
class LogFile:
    """One file of the input: where it lies, its name in reports, and the format that reads it."""

    path: Path
    name: str
    source: Source


def sources() -> Mapping[str, Source]:
    """The formats there are, by name."""
    return discover("sources", Source)


def files_of(
    folder: Path, table: str, known: Mapping[str, Source]
) -> tuple[tuple[LogFile, ...], tuple[str, ...]]:
    """The files of one table in a folder, in name order, and notes on files left aside."""
    single = [
        LogFile(path, path.name, source)
        for path in sorted(folder.iterdir())
        if path.is_file() and (source := _by_suffix(path, known)) and _stem(path, source) == table
    ]
    told: tuple[str, ...] = ()
    inside, aside = _in_subfolder(folder / table, known)
    if lake.table_format(folder / table) is not None:
        (*inside,), told = _live(folder / table, TABLES[table], known)
        aside = []
    ways = {f"{table}/*" if "/" in file.name else file.name for file in (*single, *inside)}
    formats = {file.source.name for file in inside}
    if len(ways) > 1 or len(formats) > 1:
        found = ", ".join(sorted(ways if len(ways) > 1 else (file.name for file in inside))[:10])
        raise InputError(
            f"{folder} holds {table} in more than one form: {found}. "
            f"One form must hold all of them: move the others out of the folder."
        )
    unread = [
        path.name
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name.partition(".")[0] == table and not _by_suffix(path, known)
    ]
    notes = tuple(f"{name}: not read, its suffix names no format" for name in (*unread, *aside))
    return (*single, *inside), (*notes, *told)


def format_named(name: str, known: Mapping[str, Source]) -> Source:
    """The format of that name."""
    if name in lake.FORMATS:
        raise UsageError(
            f"A table of {name} is known by its folder: leave the format out, and give that folder."
        )
    if name not in known:
        raise UsageError(f"There is no log format {name!r}. There are {', '.join(known)}.")
    return known[name]


def logs_in(
    folder: Path, known: Mapping[str, Source], wanted: Source | None = None
) -> tuple[tuple[LogFile, ...], tuple[str, ...]]:
    """Log files of other programs anywhere in a folder, in order of their paths, and notes on files left aside.

    Without a format that is wanted each file's own is recognised; with one, every file is taken for such. Bodies that
    records have the address of are no logs. Of a Delta or Iceberg table the files are those that are live.
    """
    if lake.table_format(folder) is not None:
        return _live(folder, EXCHANGE, known, wanted)
    files: list[LogFile] = []
    aside: list[str] = []
    found = sorted(folder.rglob("*"))
    tables = [Path(one) for one in lake.tables_in(found)]
    for table in tables:
        inside, told = _live(table, EXCHANGE, known, wanted)
        files += inside
        aside += told
    found = [path for path in found if not any(path.is_relative_to(table) for table in tables)]
    bodies = set(_bodies(found, known))
    for path in found:
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or any(part.startswith((".", "_")) for part in path.relative_to(folder).parts):
            continue
        if path in bodies:
            continue
        source = wanted or _by_content(path, _foreign(known), rows=True)
        if source is not None:
            files.append(LogFile(path, name, source))
        else:
            aside.append(f"{name}: not read, its content is in no format that is known")
    if bodies:
        aside.append(
            f"{len(bodies)} files are named as bodies, which are read with the records that name them"
        )
    return tuple(files), tuple(aside) if files else ()


def _bodies(paths: Sequence[Path], known: Mapping[str, Source]) -> list[Path]:
    """Which of these are bodies beside a log: those that are named so, if the first of them are in no known format."""
    named = [path for path in paths if is_body(path) and path.is_file()]
    logs = (_by_content(path, _foreign(known), rows=True) for path in named[:_LOOKED_AT])
    return [] if any(source is not None for source in logs) else named


def one_file(path: Path, known: Mapping[str, Source], wanted: Source | None = None) -> LogFile:
    """A file named on its own: its format by its first bytes if another program wrote it, else by suffix."""
    if not path.is_file():
        raise InputError(f"{path} is no file. {_formats(known)}")
    source = (
        wanted
        or _by_content(path, _foreign(known), rows=True)
        or _by_suffix(path, known)
        or _by_content(path, known)
    )
    if source is None:
        raise InputError(f"{path} is in no format that can be read. {_formats(known)}")
    return LogFile(path, path.name, source)


def expected_names(table: str, known: Mapping[str, Source]) -> str:
    """The file names under which a table is looked for, for messages."""
    names = [f"{table}{suffix}" for source in known.values() for suffix in source.suffixes]
    return f"{', '.join(names)} (the text formats also with {' or '.join(COMPRESSIONS)}), or {table}/ with such files"


def _live(
    place: Path, table: TableSchema, known: Mapping[str, Source], wanted: Source | None = None
) -> tuple[tuple[LogFile, ...], tuple[str, ...]]:
    """The files of a Delta or Iceberg table, and which of its states was read.

    Its files are Parquet with the contract's columns, or with what another program logs.
    """
    found = lake.live(place, table)
    if table is EXCHANGE and not found.files:
        raise InputError(f"{found.note}, which holds no rows.")
    root = (place if place.is_dir() else place.parent.parent).resolve()
    called = place.name if place.is_dir() and place.name else root.name
    logs, elsewhere = [], []
    for file in found.files:
        inside = file.resolve()
        name = f"{called}/{inside.relative_to(root).as_posix()}" if inside.is_relative_to(root) else str(file)
        elsewhere += [] if inside.is_relative_to(root) else [name]
        source = wanted or _by_content(file, _foreign(known), rows=True) or known["parquet"]
        logs.append(LogFile(file, name, source))
    told = (
        [f"{called}: {len(elsewhere)} of its files lie outside its folder, such as {elsewhere[0]}"]
        if elsewhere
        else []
    )
    return tuple(logs), (found.note, *told)


def _in_subfolder(folder: Path, known: Mapping[str, Source]) -> tuple[list[LogFile], list[str]]:
    if not folder.is_dir():
        return [], []
    files: list[LogFile] = []
    aside: list[str] = []
    for path in sorted(folder.iterdir()):
        source = _by_suffix(path, known) if path.is_file() else None
        if source:
            files.append(LogFile(path, f"{folder.name}/{path.name}", source))
        elif not path.name.startswith((".", "_")):
            aside.append(f"{folder.name}/{path.name}")
    return files, aside


def _by_suffix(path: Path, known: Mapping[str, Source]) -> Source | None:
    fitting = (source for source in known.values() if _stem(path, source) is not None)
    return next(fitting, None)


def _stem(path: Path, source: Source) -> str | None:
    """The file's name without its format's suffix; None if the format has another suffix."""
    endings = source.suffixes
    if source.compressed:
        endings += tuple(f"{suffix}{packed}" for suffix in source.suffixes for packed in COMPRESSIONS)
    fitting = [ending for ending in endings if path.name.lower().endswith(ending)]
    return path.name[: -len(max(fitting, key=len))] if fitting else None


def _by_content(path: Path, known: Mapping[str, Source], *, rows: bool = False) -> Source | None:
    """The format whose beginning this file has; with `rows`, of a Parquet file that of its first row."""
    try:
        head = head_of(path, _SNIFFED) if rows else first_bytes(path, _SNIFFED)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    return next((source for source in known.values() if source.sniff(head)), None)


def _foreign(known: Mapping[str, Source]) -> Mapping[str, Source]:
    """The formats of other programs' logs, which are told by what stands in them."""
    return {name: source for name, source in known.items() if source.carries is not None}


def _formats(known: Mapping[str, Source]) -> str:
    suffixes = ", ".join(suffix for source in known.values() for suffix in source.suffixes)
    return f"Give a folder that holds {expected_names('exchanges', known)}, or a file whose name ends in {suffixes}."
