"""Prompts and names in a log are hostile input: none of it may reach a browser or a terminal as it was written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from stillwatch.cli.main import stillwatch
from stillwatch.scan import scan
from tests.scan.conftest import Scanned
from tests.scan.logs import copied

SCRIPT = "<script>alert('x')</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
TURNED = "\u202egnp.exe\u2066"
TERMINAL = "\u001b]0;owned\u0007\u001b[2J"
HOSTILE = SCRIPT + IMAGE + TURNED + TERMINAL + "</style></svg>[red]{{7*7}}"
TEXTS = (
    "prompt",
    "system_prompt",
    "response",
    "model",
    "channel",
    "user_agent",
    "sdk",
    "ja4",
    "header_profile",
    "api_key_id",
)


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture(scope="module")
def hostile(worlds: Callable[[str], Scanned], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a scan of the easy world writes after markup was put into every text and name of it."""
    easy, place = worlds("easy"), tmp_path_factory.mktemp("hostile")
    log = copied(easy.log, place / "log", poisoned)
    accounts = pq.read_table(easy.log / "accounts.parquet")
    pq.write_table(with_suffix(accounts, "account_id"), log / "accounts.parquet")
    findings = scan(log, out=place / "out")
    assert findings.of_verdict("distillation")
    return place / "out"


def poisoned(table: pa.Table) -> pa.Table:
    for name in ("account_id", *TEXTS):
        table = with_suffix(table, name)
    return table


def with_suffix(table: pa.Table, name: str) -> pa.Table:
    text = pc.binary_join_element_wise(table[name], HOSTILE, "")
    return table.set_column(table.schema.get_field_index(name), name, text)


def test_markup_in_a_log_does_not_reach_the_page(hostile: Path) -> None:
    page = (hostile / "report.html").read_text("utf-8")
    assert SCRIPT not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_the_page_holds_no_element_and_no_attribute_that_runs_or_loads(hostile: Path) -> None:
    tags = Tags()
    tags.feed((hostile / "report.html").read_text("utf-8"))
    assert not tags.names & {"script", "img", "iframe", "object", "embed", "link", "form"}
    assert not [name for name in tags.attributes if name.startswith("on") or name == "src"]


def test_no_hidden_character_of_a_log_reaches_the_page(hostile: Path) -> None:
    page = (hostile / "report.html").read_text("utf-8")
    assert {c for c in page if unicodedata.category(c) in {"Cc", "Cf"}} <= {"\n"}


def test_the_findings_are_plain_ascii(hostile: Path) -> None:
    assert (hostile / "findings.json").read_bytes().isascii()


def test_names_of_a_log_do_not_command_the_terminal(hostile: Path) -> None:
    result = CliRunner().invoke(stillwatch, ["explain", str(hostile), "UDC-2026-001"])
    assert result.exit_code == 0, result.output
    assert "\u001b]0" not in result.output
    assert "\u202e" not in result.output
