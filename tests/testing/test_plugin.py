"""The example package works as its README says, found by its entry point as an installed one is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from stillwatch import scan
from stillwatch.registry import discover
from stillwatch.share._base import Export
from stillwatch.signals._base import Signal
from stillwatch.sources._base import Source
from stillwatch.testing import check_export, check_signal, check_source, read_cases

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"
CASES = read_cases(PLUGIN / "tests" / "cases")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the example on the path with the metadata that an installer would write from its project file."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]
    name = f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    (tmp_path / name).mkdir()
    (tmp_path / name / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = [
        f"[{group}]\n" + "\n".join(f"{key} = {value}" for key, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (tmp_path / name / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(PLUGIN / "src"))


@pytest.mark.usefixtures("installed")
def test_an_installed_package_brings_its_signal() -> None:
    assert "night_hours" in discover("signals", Signal)


@pytest.mark.usefixtures("installed")
def test_its_signal_passes_the_shared_checks() -> None:
    check_signal(discover("signals", Signal)["night_hours"], CASES)


@pytest.mark.usefixtures("installed")
def test_its_log_format_is_recognised_and_passes_the_shared_checks(tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    asked = '{"model": "m", "messages": [{"role": "user", "content": "Hello"}]}'
    lines = [
        f'{{"acme_call": "c1", "tenant": "t1", "at_ms": 1772443246847, "http": 200, "asked": {asked}}}',
        '{"acme_call": "c2", "tenant": "t1", "at_ms": 1772443246848, "purpose": "health"}',
    ]
    log.write_text("\n".join(lines))
    assert scan(log).run.excluded == {"a call of the gateway itself": 1}
    check_source(discover("sources", Source)["acme_gateway"])


@pytest.mark.usefixtures("installed")
def test_its_export_is_found_and_passes_the_shared_checks() -> None:
    check_export(discover("share", Export)["acme_ticket"])


@pytest.mark.usefixtures("installed")
def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILLWATCH_WITHOUT", "night_hours")
    assert "night_hours" not in discover("signals", Signal)
