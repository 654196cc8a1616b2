"""Findings folders and packs: of ordinary size, hostile, and of 20,000 accounts."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from stillwatch.model.finding import Findings
from stillwatch.model.pack import Pack, Record
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.from_log import Examples, Place
from stillwatch.report.dossier.packed import files_of
from stillwatch.report.dossier.taken import FindingsFolder
from stillwatch.report.files import write

Take = Callable[..., Pack]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Write findings into a folder and take the pack of one of its campaigns."""

    def taken(
        findings: Findings, number: int = 0, *, record: Record | None = None, log: Path | None = None
    ) -> Pack:
        write(findings, tmp_path / "findings")
        folder = FindingsFolder(tmp_path / "findings")
        place = None if log is None else Place(log)
        return folder.take(folder.campaigns[number], record or Record(), place, Examples())

    return taken


@pytest.fixture
def tell() -> Callable[..., dict[str, bytes]]:
    """The documents of a pack by name."""
    return lambda pack, *kinds: documents(files_of(pack), frozenset(kinds or ("html", "md", "json")))


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Findings:
    """One campaign of 20,000 accounts, as `benchmarks/large_dossier.py` makes it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "benchmarks"))
    made: Findings = importlib.import_module("large_dossier").many()
    return made
