"""Every log of another program in `logs_of`: known among all, read, scanned, written back and read again equal.

A file is called after its format: `litellm.callbacks.jsonl` is one that the format `litellm` must recognise.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch import scan
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.files import sources
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from stillwatch.sources.stream import first_bytes

LOGS = sorted(Path(__file__).with_name("logs_of").iterdir())
TOLD_ANYWAY = {"source", "raw_ref", "channel", "content_state", "sampling_rate"}
FORMATS = {name: source for name, source in sources().items() if source.carries is not None}


def rows_of(path: Path, log_format: str | None = None) -> list[dict]:
    log, reject = open_input(path, log_format=log_format), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    assert not log.failures
    assert log.rows_read["exchanges"] == len(rows) + reject.count + sum(log.excluded.values())
    return rows


@pytest.mark.parametrize("name", FORMATS)
def test_there_is_a_log_of_every_format(name):
    assert [log for log in LOGS if log.name.partition(".")[0] == name]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_log_is_recognised_as_its_own_format_and_no_other(log):
    head = first_bytes(log, 1 << 20)
    assert [name for name, source in FORMATS.items() if source.sniff(head)] == [log.name.partition(".")[0]]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_log_is_read_and_names_who_when_and_which_model(log):
    rows = rows_of(log)
    assert rows
    assert all(row[name] is not None for row in rows for name in EXCHANGE.required)
    assert {row["source"].partition("/")[0] for row in rows} == {log.name.partition(".")[0]}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_log_tells_no_column_that_its_format_does_not_carry(log):
    carried = FORMATS[log.name.partition(".")[0]].carries | TOLD_ANYWAY
    told = {name for row in rows_of(log) for name, value in row.items() if value is not None}
    assert told <= carried


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_log_is_scanned(log, tmp_path):
    assert scan(log, out=tmp_path / "findings").run.rows_scanned == len(rows_of(log))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_what_was_read_is_written_and_read_again_equal(log, tmp_path):
    name = log.name.partition(".")[0]
    copy = tmp_path / "copy.jsonl"
    FORMATS[name].write(open_input(log).exchanges(Reject()), copy)
    assert [without_place(row) for row in rows_of(copy)] == [without_place(row) for row in rows_of(log)]


def without_place(row: dict) -> dict:
    return {name: value for name, value in row.items() if name != "raw_ref"}
