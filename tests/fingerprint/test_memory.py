"""Memory given back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint import memory
from stillwatch.fingerprint.memory import from_the_system, give_back


@pytest.fixture(autouse=True)
def _plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested hangs on no machine."""
    monkeypatch.setattr(memory, "memory_limit", lambda: 64 << 30)


def test_arrow_takes_memory_from_the_c_library_in_here_and_as_before_after_it() -> None:
    before = pa.default_memory_pool().backend_name
    with from_the_system():
        assert pa.default_memory_pool().backend_name == "system"
    assert pa.default_memory_pool().backend_name == before


def _with_gaps() -> list[np.ndarray]:
    """Half of 200 MB, with a gap after each piece."""
    return [np.ones(12_500) for _ in range(2_000)][::2]


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * 4096


def _given_back() -> int:
    """Bytes that go back to the system when gaps are given back."""
    before = _resident()
    give_back()
    return before - _resident()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_gaps_between_what_stays_are_given_back() -> None:
    kept = _with_gaps()
    assert _given_back() > 50_000_000
    assert len(kept) == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_in_a_scan_gaps_are_kept_for_the_next_array_until_many_have_gathered() -> None:
    with from_the_system():
        kept = _with_gaps()
        before = _resident()
        assert _given_back() < 10_000_000
    assert before - _resident() > 50_000_000, "after it they are given back"
    assert len(kept) == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_where_there_is_little_memory_no_gap_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_limit", lambda: 4 << 30)
    with from_the_system():
        kept = _with_gaps()
        assert _given_back() > 50_000_000
    assert len(kept) == 1_000


LET_GO_OF = """
import numpy as np
from stillwatch.fingerprint import memory
memory.ROOM, memory.memory_limit = 134_000_000, lambda: 64 << 30

def given_back():
    before = memory._resident()
    memory.give_back()
    return before - memory._resident()

with memory.from_the_system():
    kept = [np.ones(12_500) for _ in range(1_760)]
    memory.give_back()
    del kept[1::2], kept[1::2]
    few = given_back()
    del kept[1::2]
    print(few, given_back(), len(kept))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_much_that_was_let_go_of_is_given_back_though_nothing_has_grown() -> None:
    """In a process of its own: what others let go of before would be taken first."""
    found = subprocess.run([sys.executable, "-c", LET_GO_OF], check=True, capture_output=True, text=True)
    few, many, kept = map(int, found.stdout.split())
    assert few < 10_000_000, "132 MB of gaps are not many"
    assert many > 100_000_000
    assert kept == 220


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_a_scan_that_spares_memory_beside_another_spares_it_for_both() -> None:
    with from_the_system():
        with from_the_system(spared=True):
            kept = _with_gaps()
            assert _given_back() > 50_000_000
        assert pa.default_memory_pool().backend_name == "system", "one is still there"
        kept += _with_gaps()
        assert _given_back() < 10_000_000
    assert len(kept) == 2_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_where_memory_is_spared_gaps_are_given_back_at_once() -> None:
    with from_the_system(spared=True):
        kept = _with_gaps()
        assert _given_back() > 50_000_000
        assert len(kept) == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_a_large_array_lies_where_the_last_one_was() -> None:
    with from_the_system():
        bytes(bytearray(80_000_000))
        before = getrusage(RUSAGE_SELF).ru_minflt
        bytes(bytearray(80_000_000))
        assert getrusage(RUSAGE_SELF).ru_minflt - before < 1_000, "of 39,000 pages"


IN_A_THREAD = """
from resource import RUSAGE_SELF, getrusage
from threading import Thread
from stillwatch.fingerprint import memory
memory.memory_limit = lambda: 64 << 30

with memory.from_the_system():
    bytearray(80_000_000)
    other = Thread(target=bytearray, args=(80_000_000,))
    before = getrusage(RUSAGE_SELF).ru_minflt
    other.start()
    other.join()
    print(getrusage(RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what was touched anew")
def test_an_array_of_another_thread_lies_where_the_last_one_was() -> None:
    """In a process of its own: a thread that was there before keeps what it has."""
    found = subprocess.run([sys.executable, "-c", IN_A_THREAD], check=True, capture_output=True, text=True)
    assert int(found.stdout) < 1_000, "of 19,500 pages"
