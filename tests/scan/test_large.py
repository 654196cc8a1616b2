"""What a scan takes into account of how large its log is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from stillwatch.judge.measured import LOWERED
from stillwatch.model.finding import Findings
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build

STRANGERS = 3.0


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign of which each account has an exit and a card of its own."""
    place = tmp_path_factory.mktemp("low-and-slow") / "log"
    build("low-and-slow", seed=11, exchanges=60_000, out=place)
    return place


def measured(found: Findings, signal: str) -> dict[str, dict[str, Any]]:
    """The evidence of that signal, by campaign."""
    rows = found.evidence.to_pylist()
    return {row["campaign_id"]: row for row in rows if row["signal"] == signal}


@pytest.mark.parametrize(
    ("ordinary", "few", "speaks"), [(9_000, 0.5, True), (100, 0.5, False), (100, 0.01, True)]
)
def test_the_number_of_strangers_who_hardly_talk_says_little_in_a_large_log(
    log, monkeypatch, ordinary, few, speaks
) -> None:
    monkeypatch.setattr("stillwatch.judge.purpose.FEW_IN_TALK", few)
    monkeypatch.setattr("stillwatch.judge.purpose.ORDINARY_LOG", ordinary)
    found = scan(log)
    size, control = measured(found, "pool_size"), measured(found, "common_control")
    of = [size[c.campaign_id] for c in found.campaigns if c.verdict == "distillation"]
    assert of
    assert all(control[row["campaign_id"]]["value"] < STRANGERS for row in of)
    assert [row["log10_bayes_factor"] > 0 for row in of] == [speaks] * len(of)
    assert [row["text"].endswith(LOWERED) for row in of] == [not speaks] * len(of)


def test_the_size_of_a_pool_is_what_one_hand_can_hold(log, monkeypatch) -> None:
    monkeypatch.setattr(import_module("stillwatch.scan"), "in_one_hand", lambda *_: 1024)
    found = measured(scan(log), "pool_size")
    assert {row["value"] for row in found.values()} == {10.0}


@pytest.mark.parametrize(("ordinary", "share"), [(10**6, 1.0), (1, 0.0)])
def test_other_circles_count_in_a_log_of_ordinary_size_alone(log, monkeypatch, ordinary, share) -> None:
    asked = []
    monkeypatch.setattr("stillwatch.judge.purpose.ORDINARY_LOG", ordinary)
    monkeypatch.setattr(
        import_module("stillwatch.scan"), "in_one_hand", lambda _, others, *__: asked.append(others) or 1024
    )
    scan(log)
    assert set(asked) == {share}


def test_a_scan_says_among_how_many_groups_it_calls(log, monkeypatch) -> None:
    monkeypatch.setattr("stillwatch.judge.purpose.ORDINARY_GROUPS", 2)
    monkeypatch.setattr("stillwatch.judge.false_alarms.ORDINARY_GROUPS", 2)
    many = scan(log)
    assert many.false_alarms is not None
    n = many.false_alarms.tried
    assert n > 2
    assert any(note.startswith(f"{n} groups might be called") for note in many.run.notes)
    monkeypatch.undo()
    assert not any("might be called" in note for note in scan(log).run.notes)
