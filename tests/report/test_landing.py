from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stillwatch.errors import BusyError, UsageError
from stillwatch.report import landing as room
from stillwatch.report.landing import landing

HEAD = """
import os, signal, sys, time
from pathlib import Path
from stillwatch.report import landing as room
from stillwatch.report.landing import landing

out = Path(sys.argv[1])

def write(folder, text):
    (folder / "findings.json").write_text(text)
    (folder / "report.html").write_text(text)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""

DEATHS = {
    "while it writes": """
with landing(out) as folder:
    (folder / "findings.json").write_text("new")
    die()
""",
    "before the folders change places": """
room._swap = die
with landing(out) as folder:
    write(folder, "new")
""",
    "between two renames": """
room._exchanged = lambda *_: False
rename, done = Path.rename, []
def once(one, other):
    if done:
        die()
    done.append(rename(one, other))
Path.rename = once
with landing(out) as folder:
    write(folder, "new")
""",
    "before it cleans up": """
with landing(out) as folder:
    write(folder, "new")
    room.shutil.rmtree = die
""",
}


def write(folder: Path, text: str) -> None:
    (folder / "findings.json").write_text(text)
    (folder / "report.html").write_text(text)


def land(out: Path, text: str) -> None:
    with landing(out) as folder:
        write(folder, text)


def held(out: Path) -> set[str]:
    return {path.read_text() for path in out.iterdir()} if out.exists() else set()


def run(script: str, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", HEAD + script, str(out)], stdout=subprocess.PIPE)


def killed(script: str, out: Path) -> bool:
    with run(script, out) as process:
        return process.wait(60) == -signal.SIGKILL


@pytest.fixture
def out(tmp_path):
    return tmp_path / "place" / "results"


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir())


def test_the_result_takes_its_place_and_nothing_stays_beside_it(out):
    land(out, "first")
    assert held(out) == {"first"}
    land(out, "second")
    assert held(out) == {"second"}
    assert beside(out) == ["results"]


def test_a_file_of_the_earlier_result_does_not_live_on(out):
    land(out, "first")
    (out / "extra.txt").write_text("first")
    land(out, "second")
    assert sorted(path.name for path in out.iterdir()) == ["findings.json", "report.html"]


def test_two_renames_do_where_the_system_cannot_exchange_folders(out, monkeypatch):
    land(out, "first")
    monkeypatch.setattr(room, "_exchanged", lambda *_: False)
    land(out, "second")
    assert held(out) == {"second"}
    assert beside(out) == ["results"]


def test_a_system_without_the_exchange_says_so(out, monkeypatch):
    monkeypatch.setattr(room.ctypes, "CDLL", lambda *_, **__: object())
    assert not room._exchanged(out, out)


def test_an_exchange_that_fails_says_so(tmp_path):
    assert not room._exchanged(tmp_path / "not here", tmp_path / "nor here")


def fail(out: Path, error: type[BaseException]) -> None:
    with landing(out) as folder:
        write(folder, "half")
        raise error


def test_an_error_leaves_the_earlier_result_and_the_place_free(out):
    land(out, "first")
    with pytest.raises(ZeroDivisionError):
        fail(out, ZeroDivisionError)
    assert held(out) == {"first"}
    assert beside(out) == ["results"]
    land(out, "third")
    assert held(out) == {"third"}


def test_an_error_before_any_result_leaves_none(out):
    with pytest.raises(KeyboardInterrupt):
        fail(out, KeyboardInterrupt)
    assert beside(out) == []


@pytest.mark.parametrize(
    ("death", "before", "after"),
    [
        ("while it writes", None, None),
        ("while it writes", "earlier", "earlier"),
        ("before the folders change places", None, None),
        ("before the folders change places", "earlier", "earlier"),
        ("between two renames", "earlier", None),
        ("before it cleans up", None, "new"),
        ("before it cleans up", "earlier", "new"),
    ],
)
def test_a_killed_scan_leaves_one_whole_result_or_none_and_the_next_one_works(out, death, before, after):
    if before:
        land(out, before)
    assert killed(DEATHS[death], out)
    assert held(out) == ({after} if after else set())
    assert not out.exists() or len(list(out.iterdir())) == 2
    land(out, "next")
    assert held(out) == {"next"}
    assert beside(out) == ["results"]


def test_an_earlier_result_that_was_on_its_way_comes_back_when_the_next_scan_fails(out):
    land(out, "earlier")
    assert killed(DEATHS["between two renames"], out)
    assert not out.exists()
    with pytest.raises(ZeroDivisionError):
        fail(out, ZeroDivisionError)
    assert held(out) == {"earlier"}
    assert beside(out) == ["results"]


@pytest.mark.parametrize("delay", [0.0, 0.003, 0.011, 0.037])
def test_at_whatever_moment_it_is_killed_the_files_belong_together(out, delay):
    script = """
for number in range(10**9):
    with landing(out) as folder:
        write(folder, str(number))
    if number == 3:
        print(flush=True)
"""
    with run(script, out) as process:
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
    assert len(held(out)) == 1
    assert len(list(out.iterdir())) == 2
    land(out, "next")
    assert held(out) == {"next"}
    assert beside(out) == ["results"]


def test_of_two_at_once_the_second_is_refused_and_the_first_is_not_disturbed(out):
    with landing(out) as folder:
        write(folder, "first")
        with pytest.raises(BusyError, match=r"Another scan is writing into .*results now\. Wait .* --out"):
            land(out, "second")
    assert held(out) == {"first"}


def test_another_process_is_refused_while_one_writes_and_welcome_after_its_end(out):
    script = "with landing(out) as folder:\n write(folder, 'other')\n print(flush=True)\n time.sleep(60)"
    with run(script, out) as process:
        process.stdout.readline()
        with pytest.raises(BusyError):
            land(out, "ours")
        process.kill()
    land(out, "ours")
    assert held(out) == {"ours"}
    assert beside(out) == ["results"]


def test_results_side_by_side_do_not_wait_for_each_other(out):
    with landing(out) as folder:
        land(out.with_name("results2"), "other")
        write(folder, "first")
    assert (held(out), held(out.with_name("results2"))) == ({"first"}, {"other"})


def test_a_lock_whose_file_was_removed_or_replaced_while_it_was_taken_does_not_count(tmp_path):
    lock = tmp_path / "lock"
    for after in (lock.unlink, lambda: (lock.unlink(), (tmp_path / "new").rename(lock))):
        (tmp_path / "new").touch()
        lock.touch()
        opened = os.open(lock, os.O_RDWR)
        after()
        assert not room._taken(opened, lock)
        os.close(opened)


def test_a_scan_that_took_a_lock_no_one_else_will_find_is_refused_and_removes_nothing(out, monkeypatch):
    land(out, "first")
    lock = out.parent / ".results.lock"
    flock = room.fcntl.flock

    def replaced_first(*arguments):
        lock.unlink()
        lock.write_text("somebody else's")
        flock(*arguments)

    monkeypatch.setattr(room.fcntl, "flock", replaced_first)
    with pytest.raises(BusyError):
        land(out, "second")
    assert held(out) == {"first"}
    assert lock.read_text() == "somebody else's"


def test_a_lock_file_that_was_left_behind_or_never_removed_stops_nobody(out):
    out.parent.mkdir()
    (out.parent / ".results.lock").write_text("left")
    land(out, "first")
    assert held(out) == {"first"}


def test_a_lock_that_points_elsewhere_is_refused_and_what_it_points_to_stays(out):
    out.parent.mkdir()
    (out.parent / "precious").write_text("precious")
    (out.parent / ".results.lock").symlink_to(out.parent / "precious")
    with pytest.raises(UsageError, match="results"):
        land(out, "first")
    assert (out.parent / "precious").read_text() == "precious"


def test_a_folder_with_other_files_is_refused_and_stays(out):
    out.mkdir(parents=True)
    (out / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match=r"holds other files and no earlier result \(findings\.json\)"):
        land(out, "first")
    assert held(out) == {"precious"}
    assert beside(out) == ["results"]


def test_an_empty_folder_is_taken(out):
    out.mkdir(parents=True)
    land(out, "first")
    assert held(out) == {"first"}


def test_a_file_is_no_place_for_results(out):
    out.parent.mkdir()
    out.write_text("precious")
    with pytest.raises(UsageError, match="which is a file"):
        land(out, "first")
    with pytest.raises(UsageError, match="Name a folder in a place where you may write"):
        land(out / "below", "first")
    assert out.read_text() == "precious"


def test_a_name_too_long_is_told(out):
    with pytest.raises(UsageError, match="nothing can be written there"):
        land(out / ("x" * 250), "first")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_place_where_nobody_may_write_is_told(out):
    out.parent.mkdir(mode=0o555)
    with pytest.raises(UsageError, match="nothing can be written there"):
        land(out, "first")


def test_a_mounted_volume_is_told_before_the_work_begins(out, monkeypatch):
    out.mkdir(parents=True)
    monkeypatch.setattr(Path, "is_mount", lambda path: path == out)
    with pytest.raises(UsageError, match=r"mounted volume.*results/results"):
        land(out, "first")


def test_results_land_where_a_link_points_and_the_link_stays(out):
    out.mkdir(parents=True)
    link = out.parent / "link"
    link.symlink_to("results")
    for text in ("first", "second"):
        land(link, text)
        assert held(out) == {text}
    assert link.is_symlink()
    assert beside(out) == ["link", "results"]


def test_two_names_of_one_folder_share_its_lock(out, monkeypatch):
    out.mkdir(parents=True)
    monkeypatch.chdir(out.parent)
    with landing(out) as folder:
        write(folder, "first")
        with pytest.raises(BusyError):
            land(Path("results/../results"), "second")
    assert held(out) == {"first"}


def test_names_with_signs_of_patterns_sweep_only_what_is_theirs(out):
    stars = out.with_name("[r]*")
    other = out.parent / ".rest.partial-1"
    other.mkdir(parents=True)
    left = out.parent / ".[r]*.partial-1"
    left.mkdir()
    land(stars, "first")
    assert (held(stars), other.exists(), left.exists()) == ({"first"}, True, False)


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755])
def test_a_result_is_as_open_to_others_as_the_folder_it_replaces(out, mode):
    out.mkdir(parents=True)
    out.chmod(mode)
    for text in ("first", "second"):
        land(out, text)
        assert out.stat().st_mode & 0o777 == mode


def test_a_new_result_is_as_open_as_any_new_folder(out):
    land(out, "first")
    plain = out.parent / "plain"
    plain.mkdir()
    assert out.stat().st_mode == plain.stat().st_mode
