"""Three lines are the whole test of an export."""

import pytest
from acme_signals.acme_ticket import EXPORT

from stillwatch.testing import Check, export_checks


@pytest.mark.parametrize("check", export_checks(EXPORT), ids=str)
def test_export(check: Check) -> None:
    """The export meets the demand that the check is named after."""
    check()
