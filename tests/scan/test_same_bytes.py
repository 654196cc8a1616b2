"""The same log gives the same bytes, however it is written down and on however many threads it is scanned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stillwatch.scan import scan
from stillwatch.settings import load
from tests.scan.conftest import SAME_BYTES, Scanned, contents
from tests.scan.logs import as_csv, as_json_lines, in_parts, shuffled


@pytest.mark.parametrize(
    "otherwise", [shuffled, in_parts, as_json_lines, as_csv], ids=lambda way: way.__name__
)
@pytest.mark.parametrize("world", ["mixed"])
def test_the_same_log_written_otherwise_gives_the_same_bytes(
    worlds: Callable[[str], Scanned], world: str, otherwise: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    first = worlds(world)
    scan(otherwise(first.log, tmp_path / "log"), out=tmp_path / "out")
    again = contents(tmp_path / "out", SAME_BYTES)
    assert [name for name in SAME_BYTES if again[name] != first.files[name]] == []


@pytest.mark.parametrize("threads", ["1", "4"])
def test_any_number_of_threads_gives_the_same_bytes(mixed: Scanned, threads: str, tmp_path: Path) -> None:
    scan(mixed.log, out=tmp_path / "out", settings=load(overrides={"engine.threads": threads}))
    again = contents(tmp_path / "out", (*SAME_BYTES, "rejected.jsonl"))
    assert again == contents(mixed.out, (*SAME_BYTES, "rejected.jsonl"))


def test_another_scan_replaces_the_earlier_result_with_the_same(mixed: Scanned) -> None:
    before = mixed.files
    scan(mixed.log, out=mixed.out)
    assert mixed.files == before


def test_nothing_written_names_the_place_or_the_time(mixed: Scanned, tmp_path: Path) -> None:
    scan(mixed.log, out=tmp_path / "out")
    written = b"".join(file.read_bytes() for file in sorted((tmp_path / "out").iterdir()))
    assert str(tmp_path).encode() not in written
    assert str(mixed.log.parent).encode() not in written
