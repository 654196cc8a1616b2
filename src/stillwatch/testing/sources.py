"""The checks that every log format passes, ours and others'."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from stillwatch.errors import PartialInputError
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, NETWORK, TableSchema
from stillwatch.sources._base import Chunk, Source
from stillwatch.sources.check import broken_rows
from stillwatch.testing import plain
from stillwatch.testing.check import Check, demand, run_all

TABLES: Mapping[TableSchema, Callable[[], pa.Table]] = {
    EXCHANGE: plain.exchanges,
    ACCOUNT: plain.accounts,
    NETWORK: plain.networks,
    MODEL: plain.models,
}
PACKED = (".gz", ".zst", ".bz2")
ROWS_A_BATCH = 100
SNIFFED = 65_536
NO_LOG = (b"", b"\x00" * 100, b"GIF89a and then some bytes that are no log")
DAMAGE = b"\xff\xfe\xff\xfe"


@dataclass(frozen=True)
class Read:
    """What came of reading a file: the good rows, their lines, rejected rows, and why reading stopped."""

    rows: pa.Table
    lines: tuple[int, ...]
    rejected: int
    unknown: Mapping[str, int]
    failure: str
    chunks: tuple[Chunk, ...]


def source_checks(source: Source) -> list[Check]:
    """List every check of a log format."""
    return [Check(source.name, name, partial(run, source)) for name, run in DEMANDS.items()]


def check_source(source: Source) -> None:
    """Run every check of a log format; one error names all demands it does not meet."""
    run_all(source_checks(source))


@contextmanager
def _written(source: Source, table: pa.Table, packing: str = "") -> Iterator[Path]:
    with TemporaryDirectory(prefix="stillwatch-testing-") as folder:
        path = Path(folder) / f"log{(*source.suffixes, '.log')[0]}{packing}"
        batches = table.combine_chunks().to_batches(max_chunksize=ROWS_A_BATCH)
        source.write(iter(batches or [pa.RecordBatch.from_pylist([], schema=table.schema)]), path)
        yield path


def _read(source: Source, path: Path, schema: TableSchema = EXCHANGE) -> Read:
    """Read a file as a scan does: what the source hands over, less the rows with values that are refused."""
    reading = source.read(path, schema)
    chunks = tuple(reading.chunks())
    refused = [broken_rows(chunk.batch, schema) for chunk in chunks]
    rows: dict[str, list[object]] = {name: [] for name in reading.columns}
    for chunk, broken in zip(chunks, refused, strict=True):
        kept = [row for row in range(chunk.batch.num_rows) if row not in broken]
        for name in chunk.batch.schema.names:
            rows[name].extend(chunk.batch.column(name).take(pa.array(kept, pa.int64())).to_pylist())
    return Read(
        rows=pa.table({name: pa.array(values, schema[name].type) for name, values in rows.items()}),
        lines=tuple(int(line) for chunk in chunks for line in chunk.lines),
        rejected=sum(len(chunk.rejected) for chunk in chunks) + sum(len(broken) for broken in refused),
        unknown=sum((Counter(chunk.unknown) for chunk in chunks), Counter()),
        failure=" ".join(chunk.failure for chunk in chunks if chunk.failure),
        chunks=chunks,
    )


def _tables(source: Source) -> Mapping[TableSchema, Callable[[], pa.Table]]:
    """What the format can hold: every table, or of another program's log the columns of exchanges that it carries."""
    if source.carries is None:
        return TABLES
    kept = [column.name for column in EXCHANGE.columns if column.name in source.carries]
    return {EXCHANGE: lambda: plain.logged().select(kept)}


def _exchanges(source: Source) -> pa.Table:
    return _tables(source)[EXCHANGE]()


def _demand_equal(read: Read, written: pa.Table) -> None:
    demand(not read.rejected, f"{read.rejected} good rows were rejected")
    demand(not read.failure, f"reading stopped: {read.failure}")
    demand(read.rows.num_rows == written.num_rows, f"{written.num_rows} rows became {read.rows.num_rows}")
    for name in written.column_names:
        same = name in read.rows.column_names and read.rows[name].to_pylist() == written[name].to_pylist()
        demand(same or _holds_nothing(written[name]), f"column {name} came back with other values")


def _holds_nothing(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count == len(column))


def _declares_itself(source: Source) -> None:
    demand(
        source.name.isidentifier() and source.name.islower(), f"{source.name!r} is no lower-case identifier"
    )
    demand(bool(source.suffixes) or source.carries is not None, "it names no suffix")
    lacking = {name for name in EXCHANGE.required if source.carries and name not in source.carries}
    demand(not lacking, f"it carries no {', '.join(lacking)}")
    for suffix in source.suffixes:
        demand(
            suffix.startswith(".") and suffix.islower(), f"{suffix!r} is no lower-case suffix with its dot"
        )
    demand(bool(source.description.strip()), "the description is empty")


def _returns_what_it_wrote(source: Source) -> None:
    for schema, make in _tables(source).items():
        for packing in ("", *(PACKED if source.compressed else ())):
            with _written(source, make(), packing) as path:
                _demand_equal(_read(source, path, schema), make())


def _keeps_missing_values(source: Source) -> None:
    for every in (3, 1):
        if source.carries is None:
            table = plain.with_gaps(plain.exchanges(), EXCHANGE, every=every)
        else:
            table = _once(source, plain.with_gaps(plain.logged(), EXCHANGE, every=every))
        with _written(source, table) as path:
            _demand_equal(_read(source, path), table)


def _once(source: Source, table: pa.Table) -> pa.Table:
    """What the format makes of rows with gaps: a log cannot hold any, such as an answer's length without an answer."""
    columns = _exchanges(source).column_names
    with _written(source, table.select(columns)) as path:
        read = _read(source, path)
    demand(read.rows.num_rows == table.num_rows, f"{table.num_rows} rows became {read.rows.num_rows}")
    for name in EXCHANGE.required:
        demand(read.rows[name].to_pylist() == table[name].to_pylist(), f"column {name} came back changed")
    return read.rows.select(columns)


def _reads_an_empty_table(source: Source) -> None:
    with _written(source, _exchanges(source).slice(0, 0)) as path:
        read = _read(source, path)
    demand(
        read.rows.num_rows == 0 and not read.rejected and not read.failure,
        "an empty table is not read as such",
    )


def _hands_over_contract_types(source: Source) -> None:
    with _written(source, _exchanges(source)) as path:
        for chunk in _read(source, path).chunks:
            for field in chunk.batch.schema:
                column = EXCHANGE[field.name]
                fits = field.type == column.type or (column.repeated and field.type == column.encoded)
                demand(fits, f"{field.name} has type {field.type}, the contract has {column.type}")


def _numbers_its_rows(source: Source) -> None:
    with _written(source, _exchanges(source)) as path:
        read = _read(source, path)
    demand(len(read.lines) == read.rows.num_rows, f"{len(read.lines)} lines for {read.rows.num_rows} rows")
    demand(bool(read.lines) and read.lines[0] >= 1, "the first line is not counted from 1")
    rising = all(first <= second for first, second in zip(read.lines, read.lines[1:], strict=False))
    demand(rising, "line numbers do not rise in file order")


def _shows_raw_rows(source: Source) -> None:
    with _written(source, _exchanges(source)) as path:
        chunk = next(chunk for chunk in _read(source, path).chunks if chunk.batch.num_rows)
        shown = json.dumps(chunk.show(0))
    name = str(chunk.batch.column("exchange_id")[0])
    demand(name in shown, f"the raw row of {name} does not show its id: {shown[:200]}")


def _recognises_its_files(source: Source) -> None:
    with _written(source, _exchanges(source)) as path:
        demand(source.sniff(path.read_bytes()[:SNIFFED]), "it does not recognise a file that it wrote")
    for head in NO_LOG:
        demand(not source.sniff(head), f"it takes {head[:12]!r} for its own")


def _counts_unknown_columns(source: Source) -> None:
    if source.carries is not None:
        return
    table = plain.exchanges()
    table = table.append_column("colour", pa.array(["red"] * table.num_rows))
    with _written(source, table) as path:
        read = _read(source, path)
    demand("colour" not in read.rows.column_names, "it hands over a column that is not in the contract")
    counted = read.unknown.get("colour", 0)
    demand(counted == table.num_rows, f"a column outside the contract was counted {counted} times")


def _loses_nothing_in_silence(source: Source) -> None:
    for packing in ("", *(PACKED if source.compressed else ())):
        with _written(source, _exchanges(source), packing) as path:
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) * 3 // 5])
            read = _read_damaged(source, path)
        if read is not None:
            demand(
                bool(read.rejected or read.failure), f"a file{packing} that breaks off is read without a word"
            )
            _demand_true_rows(source, read, last=read.rows.num_rows - 1)


def _survives_damage(source: Source) -> None:
    with _written(source, _exchanges(source)) as path:
        content = bytearray(path.read_bytes())
        content[len(content) // 2 : len(content) // 2 + len(DAMAGE)] = DAMAGE
        path.write_bytes(content)
        read = _read_damaged(source, path)
    if read is not None and not read.failure:
        seen = read.rows.num_rows + read.rejected
        demand(
            seen >= ROWS_A_BATCH * 3, f"of a file with one damaged row only {seen} rows are read or rejected"
        )


def _read_damaged(source: Source, path: Path) -> Read | None:
    """Read a damaged file; None if it was refused as a whole, in the way that sources refuse."""
    try:
        return _read(source, path)
    except PartialInputError:
        return None


def _demand_true_rows(source: Source, read: Read, *, last: int) -> None:
    """Refuse rows of a broken file that were not in it; the very last may be cut short."""
    written = _exchanges(source)
    for name in {"exchange_id", "account_id", "prompt"} & set(written.column_names):
        kept = read.rows[name].to_pylist()[: max(0, last)]
        demand(
            kept == written[name].to_pylist()[: len(kept)], f"column {name} of a broken file has other values"
        )


DEMANDS: Mapping[str, Callable[[Source], None]] = {
    "declares itself": _declares_itself,
    "returns what it wrote, for every table": _returns_what_it_wrote,
    "keeps missing values missing": _keeps_missing_values,
    "reads an empty table": _reads_an_empty_table,
    "hands over the types of the contract": _hands_over_contract_types,
    "numbers its rows by line": _numbers_its_rows,
    "shows raw rows": _shows_raw_rows,
    "recognises its own files and no others": _recognises_its_files,
    "keeps unknown columns out and counts them": _counts_unknown_columns,
    "loses nothing in silence when a file breaks off": _loses_nothing_in_silence,
    "survives a damaged row": _survives_damage,
}
"""What is demanded of every log format."""
