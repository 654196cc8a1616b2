"""Cases on the command line: what is recorded, what counts, what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stillwatch.attribute.scanned import signed
from stillwatch.casebook.door import kept
from stillwatch.cli.main import stillwatch
from stillwatch.model.finding import Attribution
from tests.casebook.made import Group, accounts, findings

Case = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with kept(findings(Group(accounts("a", 0, 40))), tmp_path / "book.db", signed):
        pass
    return tmp_path / "book.db"


@pytest.fixture
def case(runner: CliRunner, place: Path) -> Case:
    def run(*arguments: str) -> Result:
        return runner.invoke(stillwatch, ["case", *arguments], env={"STILLWATCH_CASEBOOK": str(place)})

    return run


def test_list_and_show_tell_the_state_and_what_counts(case: Case) -> None:
    assert "open" in case("list").stdout
    assert case("decide", "UDC-2026-001", "cleared", "--by", "ana", "--reason", "ours").exit_code == 0
    assert "open" in case("list").stdout
    review = ("review", "UDC-2026-001", "--decision", "2", "--agree", "--reason", "yes")
    assert case(*review, "--by", "ana").exit_code == 2
    assert case(*review, "--by", "ben").exit_code == 0
    assert "cleared" in case("list").stdout
    shown = case("show", "UDC-2026-001").stdout
    assert "decision 2: cleared by ana, agreed ben; counts, until" in shown


def test_notes_are_shown_with_their_author_and_without_harm(case: Case) -> None:
    case("note", "UDC-2026-001", "seen\x1b[31m \u202e[bold]red[/bold]", "--by", "ana")
    shown = case("show", "UDC-2026-001").stdout
    assert "ana: seen\\x1b[31m \\u202e[bold]red[/bold]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_nobody_agrees_to_an_attribution_before_a_scan_has_named_the_actor(case: Case) -> None:
    words = (
        "review",
        "UDC-2026-001",
        "--actor",
        "actor-a",
        "--agree",
        "--by",
        "ana",
        "--reason",
        "I know them",
    )
    refused = case(*words)
    assert (refused.exit_code, "The last scan did not name 'actor-a'" in refused.stderr) == (2, True)


def test_attribution_is_reviewed_by_name(case: Case, place: Path) -> None:
    named = Attribution("actor-a", "L2", 0.7, "low")
    with kept(findings(Group(accounts("a", 0, 41), attribution=(named,))), place, signed):
        pass
    case(
        "review", "UDC-2026-001", "--actor", "actor-a", "--agree", "--by", "ana", "--reason", "staff accounts"
    )
    case(
        "review",
        "UDC-2026-001",
        "--actor",
        "actor-a",
        "--disagree",
        "--by",
        "ben",
        "--reason",
        "one card only",
    )
    assert "attribution to actor-a: ana agree; ben disagree" in case("show", "UDC-2026-001").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "UDC-2026-010"), "Did you mean UDC-2026-001?"),
        (("note", "UDC-2026-001", " ", "--by", "ana"), "A note has 1 to"),
        (("note", "UDC-2026-001", "x" * 20_001, "--by", "ana"), "this one has 20,001"),
        (("note", "UDC-2026-001", "x", "--by", " "), "A name has 1 to"),
        (("decide", "UDC-2026-001", "cleared", "--by", "ana", "--reason", "x", "--days", "900"), "1 to 366 days"),
        (("review", "UDC-2026-001", "--agree", "--by", "ana", "--reason", "x"), "one of --decision and --actor"),
        (("review", "UDC-2026-001", "--decision", "77", "--agree", "--by", "ana", "--reason", "x"), "has no decision 77"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_refused_with_advice(
    case: Case, arguments: tuple[str, ...], told: str
) -> None:
    result = case(*arguments)
    assert (result.exit_code, told in " ".join(result.stderr.split())) == (2, True), result.stderr


def test_export_holds_everything_and_its_head_is_checked_later(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "cases.json"
    assert case("export", "--out", str(out)).exit_code == 0
    told = json.loads(out.read_text("utf-8"))
    assert len(told["cases"][0]["members"]) == 40
    assert told["log"][-1]["hash"] == told["head"]["hash"]
    case("note", "UDC-2026-001", "later", "--by", "ana")
    assert case("verify", "--head", told["head"]["hash"]).exit_code == 0
    assert case("verify", "--head", "f" * 64).exit_code == 2
    assert case("export", "--out", str(out)).exit_code == 2


def test_a_place_without_a_casebook_is_told(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(stillwatch, ["case", "list", "--casebook", str(tmp_path / "none.db")])
    assert (result.exit_code, "begins one" in result.stderr) == (2, True)
    assert not (tmp_path / "none.db").exists()
