"""The manual is complete: whatever a reader can call, set or read has its place in the generated reference."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pyarrow as pa
import pytest

from stillwatch import cli, settings
from stillwatch.cli.main import stillwatch
from stillwatch.model.catalogue import CatalogueTechnique, catalogue
from stillwatch.model.tables import (
    ACCOUNT,
    ACCOUNT_FINDING,
    EVIDENCE,
    EXCHANGE,
    EXCHANGE_FINDING,
    MODEL,
    NETWORK,
    TableSchema,
)
from stillwatch.registry import discover
from stillwatch.report.techniques import ATLAS, SWT, WITHOUT_SIGNAL
from stillwatch.share._base import Export
from stillwatch.signals._base import Signal
from stillwatch.sources._base import Source

DOCS = Path(__file__).parent.parent / "docs"
CONTEXT = click.Context(stillwatch)
COMMANDS = stillwatch.list_commands(CONTEXT)
pytest.importorskip("mkdocs", reason="the manual's tools are the extra [docs]")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(generate: ModuleType) -> dict[str, str]:
    return dict(generate.pages())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_listed_with_its_options(name: str, pages: dict[str, str]) -> None:
    page = pages["reference/command-line.md"].partition(f"## {name}\n")[2].partition("\n## ")[0]
    command = stillwatch.get_command(CONTEXT, name)
    assert command is not None
    options = [option for parameter in command.params for option in parameter.opts if "-" in option]
    assert page
    assert not [option for option in options if option not in page]


def test_every_command_stands_under_a_heading_of_the_help() -> None:
    files = {path.stem: path.read_text("utf-8") for path in Path(cli.__file__).parent.glob("*.py")}
    commands = re.compile(r"^@click\.(command|group)\(", re.MULTILINE)
    written = {name for name, text in files.items() if commands.search(text)}
    assert sorted(COMMANDS) == sorted(written - {"main"})


def test_every_word_of_a_command_is_listed_with_its_options(pages: dict[str, str]) -> None:
    groups = {name: stillwatch.get_command(CONTEXT, name) for name in COMMANDS}
    for name, group in groups.items():
        for word, command in getattr(group, "commands", {}).items():
            page = (
                pages["reference/command-line.md"].partition(f"## {name} {word}\n")[2].partition("\n## ")[0]
            )
            options = [o for p in command.params for o in p.opts if "-" in o]
            assert page
            assert not [option for option in options if option not in page]


@pytest.mark.parametrize("setting", settings.describe(), ids=lambda setting: setting.name)
def test_every_setting_is_listed_with_its_meaning(setting: settings.Setting, pages: dict[str, str]) -> None:
    assert setting.help
    assert f"`{setting.name}`" in pages["reference/settings.md"]


@pytest.mark.parametrize("name", discover("signals", Signal))
def test_every_signal_has_its_page_and_its_line(name: str, pages: dict[str, str]) -> None:
    assert f"# {name}\n" in pages[f"reference/signals/{name}.md"]
    assert f"[{name}]({name}.md)" in pages["reference/signals/index.md"]


@pytest.mark.parametrize(
    "heading", ["What it sees", "Why a distiller shows it", "Who else shows it", "What evasion costs"]
)
@pytest.mark.parametrize("name", discover("signals", Signal))
def test_every_signal_page_has_the_four_headings(name: str, heading: str, pages: dict[str, str]) -> None:
    assert re.search(rf"(?m)^{heading}\n-+$", pages[f"reference/signals/{name}.md"])


@pytest.mark.parametrize("name", discover("sources", Source))
def test_every_log_format_is_listed(name: str, pages: dict[str, str]) -> None:
    assert f"## {name}\n" in pages["reference/formats.md"]


@pytest.mark.parametrize("name", discover("share", Export))
def test_every_export_is_listed(name: str, pages: dict[str, str]) -> None:
    assert f"## {name}\n" in pages["reference/exports.md"]


@pytest.mark.parametrize("technique", catalogue().techniques, ids=lambda technique: technique.id)
def test_every_technique_of_the_catalogue_has_its_page(
    technique: CatalogueTechnique, pages: dict[str, str]
) -> None:
    page = pages["reference/techniques.md"].partition(f"### {technique.id} ")[2].partition("\n### ")[0]
    assert all(told in page for told in (technique.observable, technique.look_alike, *technique.atlas))


@pytest.mark.parametrize("table", [EXCHANGE, ACCOUNT, NETWORK, MODEL], ids=lambda table: table.name)
def test_every_input_column_is_in_the_data_contract(table: TableSchema, generate: ModuleType) -> None:
    page = generate.filled((DOCS / "reference" / "data-contract.md").read_text("utf-8"))
    assert not [c.name for c in table.columns if f"| `{c.name}` | `{c.type}` |" not in page]


@pytest.mark.parametrize(
    "schema", [ACCOUNT_FINDING, EXCHANGE_FINDING, EVIDENCE], ids=["accounts", "exchanges", "evidence"]
)
def test_every_output_column_is_in_the_data_contract(schema: pa.Schema, generate: ModuleType) -> None:
    page = generate.filled((DOCS / "reference" / "data-contract.md").read_text("utf-8"))
    assert not [f.name for f in schema if f"| `{f.name}` | `{f.type}` |" not in page]


def test_every_technique_that_a_signal_names_is_listed(pages: dict[str, str]) -> None:
    named = {technique for signal in discover("signals", Signal).values() for technique in signal.techniques}
    assert not [technique for technique in named if f"`{technique}`" not in pages["reference/techniques.md"]]


def test_every_technique_of_the_catalogue_has_a_signal_or_a_reason_and_not_both() -> None:
    named = {technique for signal in discover("signals", Signal).values() for technique in signal.techniques}
    measured = {code for code in SWT if f"SWT-{code}" in named}
    assert measured | set(WITHOUT_SIGNAL) == set(SWT)
    assert not measured & set(WITHOUT_SIGNAL)


def test_a_technique_without_a_signal_is_listed_with_its_reason(pages: dict[str, str]) -> None:
    page = pages["reference/techniques.md"]
    assert not [reason for reason in WITHOUT_SIGNAL.values() if f"*none*: {reason} |" not in page]


def test_no_signal_names_a_technique_that_no_catalogue_holds() -> None:
    known = {f"SWT-{code}" for code in SWT} | set(ATLAS)
    named = {technique for signal in discover("signals", Signal).values() for technique in signal.techniques}
    assert named <= known


def test_measured_techniques_are_shown_as_they_were_counted(
    pages: dict[str, str], generate: ModuleType
) -> None:
    counts = json.loads(generate.TECHNIQUES_RESULT.read_text("utf-8"))["techniques"]
    lines = {
        line.split("`")[1]: line
        for line in pages["reference/techniques.md"].splitlines()
        if line.startswith("| `")
    }
    found = counts["SWT-E06"]
    assert "| hard" in lines["SWT-E06"]
    assert f"| {found['shown']} of {found['campaigns']}; of others" in lines["SWT-E06"]
    assert lines["SWT-S01"].endswith("|  |")


def test_the_readme_lists_every_command() -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    assert not [name for name in COMMANDS if f"| `stillwatch {name}` |" not in readme]


def test_the_readme_shows_the_figures_as_they_lie_there() -> None:
    shown = subprocess.run([sys.executable, str(DOCS / "figures.py"), "--check"], check=False)
    assert shown.returncode == 0, "python docs/figures.py writes them"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", readme)
    assert links
    assert not [link for link in links if not (DOCS.parent / link).exists()]


def test_the_card_of_the_capability_model_shows_what_was_measured():
    spec = importlib.util.spec_from_file_location("card", DOCS / "card.py")
    assert spec
    assert spec.loader
    card = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(card)
    page = card.filled((DOCS / "explanation" / "capability-model.md").read_text("utf-8"))
    result = json.loads(card.RESULT.read_text("utf-8"))
    assert "<!-- card:" not in page
    assert all(world in page for world in result["simulated_worlds"])
    assert f"{result['published_prompts_held_out']['as_published']['right']:.2f} of" in page
