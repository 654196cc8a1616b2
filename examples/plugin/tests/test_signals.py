"""Three lines are the whole test of a signal; what it must find and must not lies in `cases/`."""

from pathlib import Path

import pytest
from acme_signals.night_hours import SIGNAL

from stillwatch.testing import Check, read_cases, signal_checks


@pytest.mark.parametrize("check", signal_checks(SIGNAL, read_cases(Path(__file__).parent / "cases")), ids=str)
def test_signal(check: Check) -> None:
    """The signal meets the demand that the check is named after."""
    check()
