"""A casebook for each test, in SQLite and, where the test asks for all databases, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stillwatch.attribute.scanned import signed
from stillwatch.casebook.door import kept
from stillwatch.model.finding import Findings

Keep = Callable[[Findings], Findings]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "book.db"


@pytest.fixture
def keep(place: Path) -> Keep:
    """Keep findings as a scan does, and give them back as it writes them."""

    def kept_now(found: Findings) -> Findings:
        with kept(found, place, signed) as told:
            return told

    return kept_now


def ids(found: Findings) -> Sequence[str]:
    return [c.campaign_id for c in found.campaigns]
