"""The checks that every extension passes, and the tools to write one's own.

A package that brings a signal tests it in three lines, its cases beside it as data:

    @pytest.mark.parametrize("check", signal_checks(SIGNAL, read_cases(Path("cases"))), ids=str)
    def test_signal(check):
        check()

`check_signal` runs them all at once and names every demand that is not met. `source_checks` and
`check_source` do the same for a log format, `export_checks` and `check_export` for a format that findings are shared in.
"""

from __future__ import annotations

from stillwatch.testing.case import Case, Group, read_cases
from stillwatch.testing.check import Check, ConformanceError
from stillwatch.testing.exports import check_export, export_checks
from stillwatch.testing.measuring import World, world_of
from stillwatch.testing.ranking import check_case, strengths
from stillwatch.testing.signals import check_signal, signal_checks
from stillwatch.testing.sources import check_source, source_checks

__all__ = [
    "Case",
    "Check",
    "ConformanceError",
    "Group",
    "World",
    "check_case",
    "check_export",
    "check_signal",
    "check_source",
    "export_checks",
    "read_cases",
    "signal_checks",
    "source_checks",
    "strengths",
    "world_of",
]
