"""What tests of commands need: a runner, and a findings folder made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from stillwatch.report.files import write
from tests.cli.handmade import campaign, findings


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A findings folder with one campaign of two accounts."""
    write(findings(campaign()), tmp_path / "findings")
    return tmp_path / "findings"
