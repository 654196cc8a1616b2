"""A partial gives back what went into it, also where there is much of it or little room."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from stillwatch.errors import DiskError
from stillwatch.keep import partial
from stillwatch.scan import scan
from tests.keep.conftest import DAYS, Log, rows_of


@pytest.mark.parametrize("small", [0, 1 << 30], ids=["mapped", "read"])
def test_small_and_large_files_are_taken_alike(log: Log, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr(partial, "_SMALL", small)
    log.write(DAYS[0], [*rows_of(DAYS[0]), "no JSON", '{"line":"separators \u2028 \\r\\n"}'])
    log.scanned()
    assert log.scanned().counts == (3, 0)


def test_a_log_of_many_files_leaves_none_open(log: Log) -> None:
    for number in range(40):
        log.write(
            f"part-{number}",
            [{**row, "exchange_id": f"{number}-{row['exchange_id']}"} for row in rows_of(DAYS[0])],
        )
    log.scanned()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len([*Path("/proc/self/fd").iterdir()]) + 30, limit[1]))
    try:
        assert log.scanned().counts == (43, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def test_a_full_disk_is_told_and_nothing_half_is_left(log: Log, tmp_path: Path) -> None:
    log.write("large", [{**rows_of(DAYS[0])[0], "exchange_id": f"{at:0100}"} for at in range(3_000)])
    usual, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, usual[1]))
        with pytest.raises(DiskError, match="Name a folder with more room"):
            scan(log.folder, out=tmp_path / "out", keep=log.keep)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in log.keep.iterdir() if not path.name.endswith(".partial")] == [".lock"]
    assert log.scanned().counts == (3, 1)
