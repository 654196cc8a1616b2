"""Every log format that is installed passes the shared checks, and the checks catch what they are for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from stillwatch.model.tables import EXCHANGE, TableSchema
from stillwatch.registry import discover
from stillwatch.sources._base import Reading, Source
from stillwatch.testing import Check, ConformanceError, check_source, source_checks

SOURCES = discover("sources", Source)
CHECKS = [check for source in SOURCES.values() for check in source_checks(source)]


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_every_source(check: Check) -> None:
    check()


def refused(source: Source) -> str:
    with pytest.raises(ConformanceError) as caught:
        check_source(source)
    return str(caught.value)


def test_a_source_without_a_suffix_with_a_dot_is_refused() -> None:
    assert "'log' is no lower-case suffix with its dot" in refused(
        replace(SOURCES["jsonl"], suffixes=("log",))
    )


def test_a_source_that_takes_anything_for_its_own_is_refused() -> None:
    assert "for its own" in refused(replace(SOURCES["jsonl"], sniff=lambda _: True))


def test_a_source_that_drops_rows_is_refused() -> None:
    jsonl = SOURCES["jsonl"]

    def read(path: Path, table: TableSchema) -> Reading:
        reading = jsonl.read(path, table)
        cut = [
            replace(chunk, batch=chunk.batch.slice(1), lines=chunk.lines[1:]) for chunk in reading.chunks()
        ]
        return replace(reading, chunks=lambda: iter(cut))

    assert "360 rows became 359" in refused(replace(jsonl, read=read))


def test_a_source_that_is_silent_about_a_broken_file_is_refused() -> None:
    jsonl = SOURCES["jsonl"]

    def read(path: Path, table: TableSchema) -> Reading:
        reading = jsonl.read(path, table)
        quiet = [replace(chunk, rejected=(), failure="") for chunk in reading.chunks()]
        return replace(reading, chunks=lambda: iter(quiet))

    assert "without a word" in refused(replace(jsonl, read=read))


def test_a_source_that_writes_nothing_down_is_refused() -> None:
    jsonl = SOURCES["jsonl"]

    def write(batches: Iterable[pa.RecordBatch], path: Path) -> None:
        jsonl.write(
            (batch.select(list(EXCHANGE.required)) for batch in batches if "ts" in batch.schema.names), path
        )

    assert "came back with other values" in refused(replace(jsonl, write=write))
