"""Every signal that is installed, ours and others', passes the shared checks; cases lie in `cases/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.registry import discover
from stillwatch.signals._base import Signal
from stillwatch.testing import Check, read_cases, signal_checks

CASES = read_cases(Path(__file__).parent / "cases")
SIGNALS = discover("signals", Signal)
CHECKS = [check for signal in SIGNALS.values() for check in signal_checks(signal, CASES)]


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_every_signal(check: Check) -> None:
    check()


def test_every_case_belongs_to_a_signal() -> None:
    assert {case.signal for case in CASES} <= set(SIGNALS)
