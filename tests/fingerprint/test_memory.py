"""Memory given back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint.memory import from_the_system, give_back


def test_arrow_takes_memory_from_the_c_library_in_here_and_as_before_after_it() -> None:
    before = pa.default_memory_pool().backend_name
    with from_the_system():
        assert pa.default_memory_pool().backend_name == "system"
    assert pa.default_memory_pool().backend_name == before


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_gaps_between_what_stays_are_given_back() -> None:
    held = [np.ones(12_500) for _ in range(2_000)]
    kept = held[::2]
    del held
    before = _resident()
    give_back()
    assert before - _resident() > 50_000_000
    assert len(kept) == 1_000
