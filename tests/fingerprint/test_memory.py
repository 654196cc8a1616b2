"""Memory given back to the system."""

from __future__ import annotations

import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint.memory import from_the_system, give_back


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


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_gaps_between_what_stays_are_given_back() -> None:
    kept = _with_gaps()
    before = _resident()
    give_back()
    assert before - _resident() > 50_000_000
    assert len(kept) == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_in_a_scan_gaps_are_kept_for_the_next_array_until_many_have_gathered() -> None:
    with from_the_system():
        kept = _with_gaps()
        before = _resident()
        give_back()
        assert before - _resident() < 10_000_000
    assert before - _resident() > 50_000_000, "after it they are given back"
    assert len(kept) == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_where_memory_is_spared_gaps_are_given_back_at_once() -> None:
    with from_the_system(spared=True):
        kept = _with_gaps()
        before = _resident()
        give_back()
        assert before - _resident() > 50_000_000
        assert len(kept) == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_a_large_array_lies_where_the_last_one_was() -> None:
    with from_the_system():
        bytes(bytearray(80_000_000))
        before = getrusage(RUSAGE_SELF).ru_minflt
        bytes(bytearray(80_000_000))
        assert getrusage(RUSAGE_SELF).ru_minflt - before < 1_000, "of 39,000 pages"
