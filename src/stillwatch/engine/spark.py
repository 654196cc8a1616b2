"""Spark behind the verbs of the engine: tables lie with the executors, and are named here.

A query is DuckDB's SQL, which `transpile` turns into Spark's. What types its answer has, DuckDB says, asked the same of
empty tables: so a query that one engine refuses is refused by both, and an answer has the same types from either.
Keys, unsigned numbers of 64 bits, which Spark has not, lie there as signed numbers with the same bits.

Beside the verbs of `duckdb` there are four for what is too large to come here: `find` names a table in storage,
`map_batches` runs a function of Arrow batches on the executors, `derive` names the answer of a query, and `bring` has a
small one here as well. What is asked of tables that are all here is answered here: it would cost Spark a second to plan.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from stillwatch.engine.batches import in_order
from stillwatch.engine.driver import first_line
from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.engine.session import Session, open_session
from stillwatch.engine.transpile import tables_of, to_spark
from stillwatch.errors import EngineError, InputError

MOST_AT_ONCE = 4
"""Questions asked at once: most leave executors idle at their ends."""

MOST_HERE = 2**29
"""Bytes of a table that is small enough to be here as well; a session sends at most twice that in one answer."""

Function = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""Of the batches of one part of a table: it is sent to the executors, and run again where one of them fails."""


@dataclass(frozen=True)
class _Question:
    """A statement as it was written and as Spark is asked, the columns of its answer, or all of it."""

    sql: str
    asked: str
    schema: pa.Schema
    answer: pa.Table | None = None


class SparkEngine:
    """Tables of a Spark session under names of ours, all let go of after `close`."""

    def __init__(
        self, master: str | None = None, memory: str | None = None, most_here: int | None = None
    ) -> None:
        """Open the session; `memory` is for a local one, others have what their job was given."""
        self._session: Session = open_session(master, memory)
        self._spark = self._session.spark
        self._types = DuckDBEngine(threads=1)
        self._here = DuckDBEngine()
        self.at_once = self._here.at_once
        self._at_hand: set[str] = set()
        self._most_here = MOST_HERE if most_here is None else most_here
        self._found: dict[str, Any] = {}
        self._frames: dict[str, Any] = {}
        self._schemas: dict[str, pa.Schema] = {}

    def find(self, name: str, place: str | Sequence[str], file_format: str | None = None) -> tuple[str, ...]:
        """Give a table in storage a name: files at a path or many, or without a format a table of the catalogue; its columns.

        Beside those it has `input_file` and `input_line` of every row, as far as the format tells; both are constant where
        it does not.
        """
        shown = place if isinstance(place, str) else place[0]
        try:
            if file_format is None:
                frame = self._spark.table(place)
            else:
                frame = self._spark.read.format(file_format).option("mergeSchema", "true").load(place)
            self._found[name] = _with_places(frame, shown)
            return tuple(frame.columns)
        except Exception as error:
            if self._session.has_ended:
                raise EngineError(f"Spark could not answer: {self._session.why(error)}", shown) from error
            how = "a table of the session's catalogue" if file_format is None else f"{file_format} files"
            raise InputError(
                f"Spark was asked for {shown} as {how}, and answered: {first_line(error)} {_to_do(file_format)}"
            ) from error

    def holds(self, path: str) -> bool:
        """Whether there is a file or a folder at that path of storage."""
        try:
            return len(self._spark.read.format("binaryFile").load(path).columns) > 0
        except Exception:  # noqa: BLE001  each kind of session says it with an error of its own
            return False

    def take(self, name: str, columns: Sequence[str]) -> pa.Schema:
        """Name a table that was found by those of its columns alone, and `input_file` and `input_line`; their types."""
        with self._asking(f"the columns of {name}"):
            frame = self._found.pop(name).select(
                *(_quoted(column) for column in columns), "input_file", "input_line"
            )
            schema: pa.Schema = frame.limit(0).toArrow().schema
            self._name(name, frame, schema)
        return schema

    def read(self, name: str, table: pa.Table) -> None:
        """Send an Arrow table to the session under that name, in place of what had it before."""
        table = _row_by_row(table)
        with self._asking(f"a table named {name}"):
            frame = (
                self._spark.createDataFrame(_signed(table)) if table.num_rows else self._empty(table.schema)
            )
            self._name(name, frame, table.schema)
        self._keep(name, table)

    def bring(self, name: str) -> None:
        """Have a table that was derived here as well, if it is small."""
        with self._asking(f"{name}, to have it here"):
            frame, schema = self._frames[name], self._schemas[name]
            if frame.count() * _width(schema) <= self._most_here:
                self._keep(name, _unsigned(frame.toArrow(), schema))

    def map_batches(self, name: str, function: Function, schema: pa.Schema, *, into: str) -> None:
        """Name what the function makes of a named table's batches; it is computed once, and kept with the executors."""
        with self._asking(f"{into}, which a function makes of {name}"):
            frame = self._frames[name].mapInArrow(_Signed(function), _ddl(schema))
            self._name(into, frame, schema).persist()

    def derive(self, name: str, sql: str, /, **parameters: object) -> None:
        """Name the answer of a query; it is computed once, and kept with the executors."""
        question = self._asked_there(sql, parameters)
        with self._asking(sql):
            self._name(name, self._spark.sql(question.asked), question.schema).persist()

    def query(self, sql: str, /, **parameters: object) -> pa.Table:
        """The rows of one statement, with `$name` in it bound to the parameter of that name, in any order."""
        return self._answer(self._question(sql, parameters))

    def answers(self, questions: Iterable[tuple[str, Mapping[str, object]]]) -> Generator[pa.Table]:
        """The rows of many statements, each with its parameters, in their order; a few are asked ahead."""
        asked = (self._question(sql, parameters) for sql, parameters in questions)
        yield from in_order(asked, self._answer, threads=MOST_AT_ONCE)

    def forget(self, name: str) -> None:
        """Let go of what has that name, if anything has."""
        frame = self._frames.pop(name, None)
        if frame is not None:
            with self._asking(f"to let go of {name}"):
                frame.unpersist()
                self._spark.catalog.dropTempView(name)
            self._types.forget(name)
            self._here.forget(name)
            self._at_hand.discard(name)
            del self._schemas[name]

    def close(self) -> None:
        """Let go of all tables, and of the session if it was opened here."""
        with suppress(Exception):
            for name in list(self._frames):
                self.forget(name)
        self._types.close()
        self._here.close()
        self._session.stop()

    def __enter__(self) -> Self:
        """The engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def _question(self, sql: str, parameters: Mapping[str, object]) -> _Question:
        if tables_of(sql) <= self._at_hand:
            answer = self._here.query(sql, **parameters)
            return _Question(sql, "", answer.schema, answer)
        return self._asked_there(sql, parameters)

    def _asked_there(self, sql: str, parameters: Mapping[str, object]) -> _Question:
        keys = {
            field.name for schema in self._schemas.values() for field in schema if field.type == pa.uint64()
        }
        return _Question(sql, to_spark(sql, parameters, keys), self._types.query(sql, **parameters).schema)

    def _answer(self, question: _Question) -> pa.Table:
        if question.answer is not None:
            return question.answer
        with self._asking(question.sql):
            found = self._spark.sql(question.asked).toArrow()
        return _unsigned(found, question.schema)

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Whatever a session answers with in the place of an answer, as an error of ours with what was asked."""
        try:
            yield
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(f"Spark could not answer: {self._session.why(error)}", what) from error

    def _name(self, name: str, frame: Any, schema: pa.Schema) -> Any:
        """Give it that name, and return what the name stands for.

        Through Spark Connect a frame is a question that is asked anew each time, also after a name in it has gone; what
        a name stands for is settled once.
        """
        self.forget(name)
        frame.createOrReplaceTempView(name)
        self._types.read(name, schema.empty_table())
        self._frames[name], self._schemas[name] = self._spark.table(name), schema
        return self._frames[name]

    def _keep(self, name: str, table: pa.Table) -> None:
        if table.num_rows * _width(table.schema) <= self._most_here:
            self._here.read(name, table)
            self._at_hand.add(name)

    def _empty(self, schema: pa.Schema) -> Any:
        none = ", ".join(f"CAST(NULL AS {_NAMES[field.type]}) AS {_quoted(field.name)}" for field in schema)
        return self._spark.sql(f"SELECT {none} WHERE false")


class _Signed:
    """A function of batches whose keys go to the executors' tables as signed numbers."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in self.function(batches):
            yield pa.RecordBatch.from_arrays(
                [_bits(column, pa.int64()) for column in batch.columns], batch.schema.names
            )


def _to_do(file_format: str | None) -> str:
    if file_format in {None, "parquet"}:
        return "Check the name, and that the session may read it."
    return (
        f"Check the path, that the session may read it, and that it has {file_format}: its package is a setting of the session "
        "(spark.jars.packages), and is made for one version of Spark."
    )


_POSITIONS = (("_metadata.file_path", "_metadata.row_index"), ("_file", "_pos"))
"""Where a row stood, as the readers of Spark (Parquet, Delta) and of Iceberg tell it."""


def _with_places(frame: Any, place: str) -> Any:
    for file, row in _POSITIONS:
        with suppress(Exception):
            found = frame.selectExpr("*", f"{file} AS input_file", f"{row} + 1 AS input_line")
            found.schema  # noqa: B018  asks a session elsewhere whether it knows these columns
            return found
    literal = place.replace("\\", "\\\\").replace("'", "\\'")
    return frame.selectExpr("*", f"'{literal}' AS input_file", "CAST(0 AS BIGINT) AS input_line")


def _row_by_row(table: pa.Table) -> pa.Table:
    """The table with no column as codes and their values, which Spark does not read."""
    kinds = (f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in table.schema)
    return table.cast(pa.schema(list(zip(table.column_names, kinds, strict=True))))


def _signed(table: pa.Table) -> pa.Table:
    return pa.table([_bits(c, pa.int64()) for c in table.combine_chunks().columns], names=table.column_names)


def _unsigned(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """What Spark answered in the types that DuckDB gives; keys are signed numbers there, with the same bits."""
    columns = [
        _bits(found.column(at), field.type)
        if field.type == pa.uint64()
        else found.column(at).cast(field.type)
        for at, field in enumerate(schema)
    ]
    return pa.table(columns, names=schema.names).combine_chunks()


def _bits(values: Any, kind: pa.DataType) -> Any:
    """Numbers of 64 bits as others with the same bits; what is no such number stays as it is."""
    if values.type not in {pa.int64(), pa.uint64()}:
        return values
    if isinstance(values, pa.ChunkedArray):
        return pa.chunked_array([part.view(kind) for part in values.chunks], kind)
    return values.view(kind)


def _width(schema: pa.Schema) -> int:
    """Bytes of a row, about: a text counts as eight numbers."""
    return sum(64 if pa.types.is_string(field.type) else 8 for field in schema)


_NAMES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.uint64(): "bigint",
    pa.float64(): "double",
    pa.string(): "string",
    pa.timestamp("us", tz="UTC"): "timestamp",
}


def _ddl(schema: pa.Schema) -> str:
    """The columns as Spark writes them down."""
    return ", ".join(f"`{field.name}` {_NAMES[field.type]}" for field in schema)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
