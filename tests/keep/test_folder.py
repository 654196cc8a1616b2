"""A folder of partials holds whole ones only, whoever uses it and however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stillwatch.errors import UsageError
from stillwatch.keep import folder, making
from stillwatch.keep.folder import opened
from stillwatch.keep.partial import REJECTED, ROWS, TOLD
from stillwatch.scan import scan
from tests.keep.conftest import DAYS, Change, Log, both, rows_of

SCAN = "import sys; from stillwatch.scan import scan; scan(sys.argv[1], out=sys.argv[2], keep=sys.argv[3])"


def flipped(name: str, at: float) -> Change:
    """One bit of a file is another one."""

    def change(partial: Path) -> None:
        held = bytearray((partial / name).read_bytes())
        held[int(at * (len(held) - 1))] ^= 1
        (partial / name).write_bytes(held)

    return change


def cut(name: str) -> Change:
    return lambda partial: (partial / name).write_bytes((partial / name).read_bytes()[:-9])


def gone(name: str) -> Change:
    return lambda partial: (partial / name).unlink()


def whole(log: Log) -> bool:
    """Whether the next scan takes all files as they were kept."""
    kept = scan(log.folder, keep=log.keep).kept
    return kept is not None and kept.taken == len(log.partials())


@pytest.mark.parametrize(
    "change",
    [
        *(flipped(name, at) for name in (ROWS, REJECTED, TOLD) for at in (0.1, 1)),
        *(damage(name) for damage in (cut, gone) for name in (ROWS, TOLD)),
    ],
)
def test_a_damaged_partial_is_made_anew_and_said(log: Log, change: Callable[[Path], None]) -> None:
    log.write(DAYS[0], [*rows_of(DAYS[0]), "no JSON"])
    scan(log.folder, keep=log.keep)
    damaged = next(place for place in log.partials() if (place / REJECTED).stat().st_size)
    change(damaged)
    mended = log.scanned()
    assert mended.counts == (2, 1)
    assert mended.told.remarks == (f"exchanges/{DAYS[0]}.jsonl: read again, what was kept of it was damaged",)
    assert whole(log)


def test_another_version_of_the_code_takes_nothing_of_this_one(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.scanned()
    monkeypatch.setattr(making, "LAYOUT", making.LAYOUT + 1)
    other = log.scanned()
    assert other.counts == (0, 3)
    assert all("another version" in remark for remark in other.told.remarks)
    assert len(log.partials()) == 6


def test_a_killed_scan_leaves_whole_partials_and_the_next_one_clears_up(world: Path, tmp_path: Path) -> None:
    keep, days = tmp_path / "keep", len(list((world / "exchanges").iterdir()))
    running = subprocess.Popen([sys.executable, "-c", SCAN, world, tmp_path / "out", keep])
    while len(list(keep.glob("*.partial"))) < 3:
        assert running.poll() is None
        time.sleep(0.001)
    running.send_signal(signal.SIGKILL)
    running.wait()
    whole = len(list(keep.glob("*.partial")))
    (keep / "making-left").mkdir(exist_ok=True)
    assert both(world, tmp_path, keep).counts == (whole, days - whole)
    left = {path.name for path in keep.iterdir() if not path.name.endswith(".partial")}
    assert left - {"digests.json"} == {".lock"}


def test_two_scans_at_once_do_each_other_no_harm(log: Log, tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", SCAN, log.folder, tmp_path / f"out-{n}", log.keep] for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda command: subprocess.run(command, check=False).returncode, commands))
    assert ended == [0, 0, 0]
    assert len(log.partials()) == 3
    assert log.scanned().counts == (3, 0)


def test_what_another_scan_is_making_is_left_alone(log: Log) -> None:
    with opened(log.keep) as mine, mine.making() as place:
        log.scanned()
        assert place.exists()
    assert not place.exists()


def test_partials_that_no_scan_used_for_long_are_removed(log: Log) -> None:
    log.scanned()
    log.path(DAYS[0]).unlink()
    long_ago = time.time() - (folder.UNUSED_DAYS - 1) * 86_400
    for place in log.partials():
        os.utime(place / TOLD, (long_ago, long_ago))
    log.scanned()
    assert len(log.partials()) == 3
    unused = [place for place in log.partials() if (place / TOLD).stat().st_mtime < long_ago + 60]
    assert len(unused) == 1
    os.utime(unused[0] / TOLD, (long_ago - 2 * 86_400,) * 2)
    log.scanned()
    assert len(log.partials()) == 2


def test_other_files_in_the_folder_are_left_alone(log: Log) -> None:
    log.keep.mkdir()
    (log.keep / "notes.txt").write_text("mine")
    (log.keep / "other.partial").mkdir()
    log.scanned()
    assert (log.keep / "notes.txt").read_text() == "mine"
    assert (log.keep / "other.partial").is_dir()


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "within"):
        with pytest.raises(UsageError, match="should be kept in"), opened(place):
            pass


def test_only_the_owner_may_look_into_a_new_folder(log: Log) -> None:
    log.scanned()
    assert log.keep.stat().st_mode & 0o077 == 0
