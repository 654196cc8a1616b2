"""Three lines are the whole test of a log format."""

import pytest
from acme_signals.acme_gateway import SOURCE

from stillwatch.testing import Check, source_checks


@pytest.mark.parametrize("check", source_checks(SOURCE), ids=str)
def test_source(check: Check) -> None:
    """The format meets the demand that the check is named after."""
    check()
