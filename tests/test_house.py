"""The house keeps its own rules: who imports whom, how large a file may be, what a file may be called."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stillwatch.model.tables import ACCOUNT, EXCHANGE, TableSchema

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "stillwatch"
MOST_LINES = 400
SAYING_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
WORDS_OF_TRUTH = {"label", "truth", "role", "is_campaign", "is_bad", "ground_truth"}

modules = pytest.mark.parametrize(
    "module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)


def contracts() -> list[dict[str, object]]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return list(config["tool"]["importlinter"]["contracts"])


def test_rooms_import_downwards_only() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "importlinter.cli", "lint", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_guard_has_its_contract_when_it_is_built() -> None:
    named = {contract["name"] for contract in contracts()}
    assert not (PACKAGE / "guard").exists() or "The guard stays light" in named


@modules
def test_no_module_is_longer_than_a_reader_holds(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= MOST_LINES


@modules
def test_every_module_is_named_after_what_it_holds(module: Path) -> None:
    assert module.stem not in SAYING_NOTHING


@modules
def test_every_module_says_what_it_is_for(module: Path) -> None:
    assert module.read_text("utf-8").lstrip().startswith(('"""', 'r"""'))


@pytest.mark.parametrize("table", [EXCHANGE, ACCOUNT], ids=lambda table: table.name)
def test_no_input_table_has_a_column_for_the_truth(table: TableSchema) -> None:
    assert not WORDS_OF_TRUTH & {column.name for column in table.columns}


@pytest.mark.parametrize("room", ["weigh", "link", "judge"])
def test_nothing_that_weighs_or_judges_reads_a_country(room: str) -> None:
    code = "\n".join(path.read_text("utf-8") for path in (PACKAGE / room).rglob("*.py"))
    assert not re.search(r"\b(country|nationality|locale)\b", code)


def test_fragments_of_the_changelog_are_one_sentence_of_a_known_kind() -> None:
    for fragment in set((ROOT / "changes").glob("*.md")) - {ROOT / "changes" / "README.md"}:
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", fragment.name), fragment.name
        assert len(fragment.read_text("utf-8").strip().splitlines()) == 1, fragment.name


def test_the_lock_file_names_no_registry_but_the_public_one() -> None:
    lock = (ROOT / "uv.lock").read_text("utf-8")
    assert set(re.findall(r"https?://([^/\"]+)", lock)) == {"pypi.org", "files.pythonhosted.org"}
