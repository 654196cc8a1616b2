"""DuckDB, embedded, behind five verbs: read, map_batches, query, answers, write.

Results come back in the order the query gives them. A query without ORDER BY over a table that was
read keeps the table's order, whatever the number of threads; a sum of floating-point numbers over
several threads does not, so queries that must give the same bytes sum integers or round.

Dividing by zero is null, in fractions and in whole numbers alike: a rate of nothing is not known.

Many questions are answered several at once, each on one thread: a question that is divided among threads
groups its rows once for each of them and then puts the groups together, which costs a third more.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.engine.batches import in_order
from stillwatch.errors import EngineError

T = TypeVar("T")
R = TypeVar("R")

_HUGE = pa.decimal128(38, 0)
_ROWS_A_BATCH = 122_880
MOST_AT_ONCE = 4
"""Connections that are asked at once: a question may hold as much as the table it asks about."""
INTERRUPTED = "Query interrupted"
"""What DuckDB says where a signal stopped it."""


class Apart:
    """One connection of an engine: it answers one question after the other, and names that it is given are its own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, shared: Mapping[str, pa.Table]) -> None:
        """Ask by that connection; `shared` are the tables that all know."""
        self.connection = connection
        self._shared = shared
        self._own: dict[str, pa.Table] = {}

    def read(self, name: str, table: pa.Table) -> None:
        """Give an Arrow table a name, here alone, in place of what had it."""
        self.connection.register(name, table)
        self._own[name] = table

    def forget(self, name: str) -> None:
        """Let go of what was given that name here; what all know by it has it again."""
        del self._own[name]
        self.connection.unregister(name)
        if name in self._shared:
            self.connection.register(name, self._shared[name])

    def answers(self, questions: Iterable[tuple[str, Mapping[str, object]]]) -> Generator[pa.Table]:
        """The rows of many statements, each with its parameters, in their order."""
        for sql, parameters in questions:
            yield _answer(self.connection, sql, parameters)

    def close(self) -> None:
        """Let go of all names that were given here."""
        for name in list(self._own):
            self.forget(name)


class DuckDBEngine:
    """A private in-memory database with its own scratch folder, both gone after `close`."""

    def __init__(
        self, threads: int | None = None, memory_limit: str | None = None, temporary: Path | None = None
    ) -> None:
        """Open the database; `temporary` is where its scratch folder is made."""
        self._scratch = tempfile.TemporaryDirectory(prefix="stillwatch-engine-", dir=temporary)
        config: dict[str, Any] = {
            "temp_directory": self._scratch.name,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": True,
            "error_on_division_by_zero": False,
            "ieee_floating_point_ops": False,
        }
        if threads is not None:
            config["threads"] = threads
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        self._connection = duckdb.connect(":memory:", config=config)
        self.threads = int(self._one("SELECT current_setting('threads')"))
        others = (self._connection.cursor() for _ in range(1, min(self.threads, MOST_AT_ONCE)))
        self._connections = (self._connection, *others)
        for connection in self._connections:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")
        self._held: dict[str, pa.Table] = {}
        self._each = self.threads

    def read(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Give an Arrow table the name `name` in queries, in place of what had that name before.

        A table is not copied and is held until the name is given again or the engine is closed. A
        reader can be read only once, so its rows are taken into the database here.
        """
        self.forget(name)
        if isinstance(table, pa.Table):
            for connection in self._connections:
                connection.register(name, table)
            self._held[name] = table
            return
        with_name = f"{name} arriving"
        self._connection.register(with_name, table)
        try:
            _run(self._connection, f"CREATE TABLE {_quoted(name)} AS SELECT * FROM {_quoted(with_name)}", {})
        finally:
            self._connection.unregister(with_name)

    def forget(self, name: str) -> None:
        """Let go of what has that name, if anything has."""
        if self._held.pop(name, None) is not None:
            for connection in self._connections:
                connection.unregister(name)
        else:
            with _stopped_by_the_user():
                self._connection.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")

    def query(self, sql: str, /, **parameters: object) -> pa.Table:
        """The rows of one statement, with `$name` in it bound to the parameter of that name."""
        self._let_each_take(self.threads)
        return _answer(self._connection, sql, parameters)

    def answers(self, questions: Iterable[tuple[str, Mapping[str, object]]]) -> Generator[pa.Table]:
        """The rows of many statements, each with its parameters, in their order; a few are asked ahead."""
        yield from self._apart(
            questions, lambda one, question: _answer(one.connection, *question), at_once=self.at_once, ahead=1
        )

    def side_by_side(
        self, items: Sequence[T], function: Callable[[Apart, T], R], *, at_once: int
    ) -> Iterator[R]:
        """`function` of each item, in their order, so many at once, each with a connection of its own to ask by.

        None waits for one before it, so that what the function gives should be small.
        """
        return self._apart(items, function, at_once=min(at_once, self.at_once), ahead=len(items))

    @property
    def at_once(self) -> int:
        """How many questions are answered at once, and how many threads help with what else is done here: memory does not grow with the cores."""
        return len(self._connections)

    def _apart(
        self, items: Iterable[T], function: Callable[[Apart, T], R], *, at_once: int, ahead: int
    ) -> Iterator[R]:
        idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
        for connection in self._connections:
            idle.put(connection)

        def on_its_own(item: T) -> R:
            connection = idle.get()
            try:
                with closing(Apart(connection, self._held)) as one:
                    return function(one, item)
            finally:
                idle.put(connection)

        self._let_each_take(1)
        return in_order(items, on_its_own, threads=at_once, ahead=ahead, given_up=self._interrupt)

    def _let_each_take(self, threads: int) -> None:
        """How many threads a statement takes; said only where it is another number: all memory is given back to the system then."""
        if threads != self._each:
            self._connection.execute(f"SET threads = {threads}")
            self._each = threads

    def map_batches(
        self, batches: Iterable[pa.RecordBatch], function: Callable[[pa.RecordBatch], pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """`function` of every batch, in the batches' order, on as many threads as the engine has."""
        return in_order(batches, function, threads=self.threads)

    def write(self, table: str | pa.Table, path: Path) -> None:
        """Write a table, or the one that was read under that name, as Parquet with zstd."""
        if isinstance(table, pa.Table):
            pq.write_table(table, path, compression="zstd")
            return
        sql = f"SELECT * FROM {_quoted(table)}"
        try:
            with _stopped_by_the_user():
                reader = self._connection.sql(sql).to_arrow_reader(_ROWS_A_BATCH)
                with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
                    for batch in reader:
                        writer.write_batch(batch)
        except duckdb.Error as error:
            raise EngineError(f"Writing {table} to {path} failed: {error}", sql) from error

    def close(self) -> None:
        """Close the database, let go of its tables and remove its scratch folder."""
        for connection in self._connections:
            connection.close()
        self._held.clear()
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        """The engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def _one(self, sql: str) -> Any:
        return _run(self._connection, sql, {}).column(0)[0].as_py()

    def _interrupt(self) -> None:
        for connection in self._connections:
            connection.interrupt()


def _answer(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> pa.Table:
    table = _run(connection, sql, parameters).combine_chunks()
    try:
        return _narrowed(table)
    except pa.ArrowInvalid as error:
        raise EngineError(f"The query failed: a sum does not fit in 64 bits ({error}).", sql) from error


def _run(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> pa.Table:
    try:
        with _stopped_by_the_user():
            relation: Any = connection.sql(sql, params=dict(parameters) or None)
            if relation is not None:
                return relation.to_arrow_table()
    except (duckdb.Error, pa.ArrowException) as error:
        bound = f" It was asked with {_shown(parameters)}." if parameters else ""
        raise EngineError(f"The query failed: {error}.{bound}", sql) from error
    raise EngineError("The query holds no statement.", sql)


@contextmanager
def _stopped_by_the_user() -> Iterator[None]:
    """Ctrl-C as what it is: the database answers it with an error like any other of its own."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == INTERRUPTED:
            raise KeyboardInterrupt from error
        raise


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _shown(parameters: Mapping[str, object], longest: int = 80) -> str:
    return ", ".join(f"${name} = {str(value)[:longest]!r}" for name, value in parameters.items())


def _narrowed(table: pa.Table) -> pa.Table:
    """Sums of integers, which the database makes 128 bits wide, as 64-bit integers."""
    for position, column in enumerate(table.schema):
        if column.type == _HUGE:
            table = table.set_column(position, column.name, table.column(position).cast(pa.int64()))
    return table
