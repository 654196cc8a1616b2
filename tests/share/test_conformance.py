"""Every export passes the shared checks."""

from __future__ import annotations

import pytest

from stillwatch.registry import discover
from stillwatch.share._base import Export
from stillwatch.testing import Check, export_checks

EXPORTS = discover("share", Export)


@pytest.mark.parametrize("check", [c for e in EXPORTS.values() for c in export_checks(e)], ids=str)
def test_export(check: Check) -> None:
    check()


def test_all_formats_are_found() -> None:
    assert list(EXPORTS) == ["csv", "misp", "navigator", "sigma", "stix", "watchlist"]
