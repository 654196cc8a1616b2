"""Figures are means and pooled counts, and a peer that is better is named."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return lambda name: importlib.import_module(f"peers.{name}")


def row(
    detector: str, world: str, f1: float | None, *, called: int = 0, cpu: float = 1.0
) -> dict[str, object]:
    return {
        "detector": detector,
        "at": "budget" if detector == "stillwatch" else "1%",
        "world": world,
        **dict.fromkeys(("precision", "recall", "f1", "average_precision"), f1),
        "bcubed_f1": None,
        "false_accounts": called,
        "recall_by_campaign": {"hydra": 0.5} if f1 is not None else {},
        "called": {"individual": {"of": 100, "found": 0}, "backend": {"of": 10, "found": called}},
        "cpu_seconds": cpu,
    }


ROWS = [
    row("stillwatch", "mixed", 0.8),
    row("stillwatch", "mixed", 1.0),
    row("stillwatch", "clean", None),
    row("rival", "mixed", 0.95, called=1, cpu=2.0),
    row("rival", "mixed", 0.95, cpu=2.0),
    row("rival", "clean", None, called=2, cpu=2.0),
]


def test_means_run_over_the_seeds_of_a_world_and_counts_are_added_up(load) -> None:
    found = load("tally").figures(ROWS)
    assert found["stillwatch"]["budget"]["worlds"]["mixed"]["f1"] == 0.9
    assert found["rival"]["1%"]["heavy"] == {"found": 3, "of": 30, "rate": 0.1, "at_most": None}
    assert found["rival"]["1%"]["clean_by_lookalike"]["backend"] == {"of": 10, "found": 2}
    assert found["stillwatch"]["budget"]["individuals"]["at_most"] == 0.01


def test_a_kept_row_names_only_the_classes_that_were_flagged(load) -> None:
    assert load("tally").brief(ROWS[3])["called"] == {"backend": 1}
    assert load("tally").brief(ROWS[0])["called"] == {}


def test_a_line_is_lost_only_where_a_peer_is_better(load) -> None:
    tally = load("tally")
    lines = {line["line"]: line for line in tally.lines(tally.figures(ROWS))}
    assert lines["mixed: f1"]["peer_wins"]
    assert (lines["mixed: f1"]["peer"], lines["mixed: f1"]["best"], lines["mixed: f1"]["ours"]) == (
        "rival",
        0.95,
        0.9,
    )
    assert not lines["heavy"]["peer_wins"]
    assert not lines["cpu_seconds"]["peer_wins"]
    assert not lines["individuals"]["peer_wins"], "equal is no win"
    assert "mixed: bcubed_f1" not in lines


def test_the_page_says_where_a_peer_is_better_and_where_none_is(load) -> None:
    tally, shown = load("tally"), load("shown")
    detectors = tally.figures(ROWS)
    size = {"exchanges": 1000, "detectors": detectors, "lines": list(tally.lines(detectors))}
    result = {"peers": {"rival": {"title": "RIVAL"}}, "worlds": ["mixed", "clean"], "sizes": [size]}
    said, (heads, rows) = shown.wins(result)
    assert said == f"At 1,000 exchanges a peer is better than stillwatch on 4 of {len(size['lines'])} lines:"
    assert ("`mixed`: F1", "RIVAL", "1%", "0.950", "0.900") in rows
    assert len(heads) == len(rows[0])
    size["lines"] = [line for line in size["lines"] if not line["peer_wins"]]
    assert list(shown.wins(result)) == [f"At 1,000 exchanges no peer is better than stillwatch on any of {len(size['lines'])} lines."]  # fmt: skip


def test_a_peers_answer_reads_like_that_of_a_scan(load) -> None:
    ranked = load("interface").Ranked(np.array([3.0, -np.inf, 1.0, 3.0]))
    told = load("duel").reported(ranked, 2.0, np.array([7, -1, -1, 7]), np.array([1, 0, 2, 3]))
    assert told.is_campaign.tolist() == [False, True, False, True]
    assert told.campaign.tolist() == [None, "7", None, "7"]
    assert told.risk.tolist() == [0.0, 1.0, 0.5, 1.0]


def test_a_value_of_both_tables_is_numbered_by_its_account(load) -> None:
    interface, indicators = load("interface"), load("indicators")
    exchanges = pa.table({"account_id": ["b", "a", "b"], "client_ip": ["1.1.1.1", "1.1.1.1", None]})
    accounts = pa.table(
        {"account_id": pa.chunked_array([["c", "b"]]), "device_id": pa.chunked_array([["d", None]])}
    )
    found = indicators.incidence(interface.Log(exchanges, accounts), ("device_id",), ("client_ip",))
    assert sorted(zip(found.account.tolist(), found.value.tolist(), strict=True)) == [(0, 1), (1, 1), (2, 0)]
    assert found.held_by(2, 9).value.tolist() == [0, 0]


def test_seeds_that_prepare_the_peers_cannot_be_measured(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "peers" / "run.py"), "--seeds", "300,301"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 2
    assert "seed 300 prepares the peers" in ended.stderr


@pytest.mark.slow
def test_all_detectors_are_measured_in_one_run(tmp_path: Path) -> None:
    result = tmp_path / "peers.json"
    options = ["--exchanges", "20000", "--seeds", "9", "--worlds", "easy,clean", "--result", str(result)]
    subprocess.run(
        [sys.executable, str(BENCHMARKS / "peers" / "run.py"), *options], check=True, capture_output=True
    )
    document = json.loads(result.read_text("utf-8"))
    assert document["is_complete"]
    [size] = document["sizes"]
    assert set(size["detectors"]) == {*document["peers"], "stillwatch"}
    assert all(len(points) == 2 for name, points in size["detectors"].items() if name != "stillwatch")
