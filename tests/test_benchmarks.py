"""The benchmarks run, count rightly, and what the manual shows is what they measured."""

from __future__ import annotations

import gzip
import importlib
import json
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.fingerprint.meaning import open_meanings
from stillwatch.simulate.worlds import WORLDS, build

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """A benchmark's module by name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def module(name: str) -> ModuleType:
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    return module


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / name), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)


def test_the_manual_shows_the_figures_as_they_were_measured(load) -> None:
    page = load("page")
    assert page.filled(page.PAGE.read_text("utf-8")) == page.PAGE.read_text("utf-8")
    assert {file: file.read_text("utf-8") for file in page.pictures()} == page.pictures()


def test_innocents_who_are_accused_are_counted_by_class(load, tmp_path: Path) -> None:
    result = tmp_path / "accused.json"
    run("accused.py", "--worlds", "clean,lookalikes", "--seeds", 3, "--sizes", 20_000, "--result", result)
    told = json.loads(result.read_text("utf-8"))
    assert [(c["world"], c["scans_that_accuse"]["of"]) for c in told["cases"]] == [
        ("clean", 1),
        ("lookalikes", 1),
    ]
    accuse = load("accused")
    one = {"probability": 0.97, "accounts": {"content_farm": 30, "individual": 2}}
    runs = [{**told["runs"][0], "accused": [one]}, {**told["runs"][0], "accused": []}]
    case = accuse.document(runs)["cases"][0]
    assert (case["scans_that_accuse"]["found"], case["accounts_accused"], case["most_of"]) == (
        1,
        32,
        ["content_farm"],
    )
    assert "1 | 32 of " in list(accuse.told({"cases": [case]}))[-1]


def test_a_model_of_meanings_is_trained_from_prompts_and_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "prompts" / "some").mkdir(parents=True)
    rows = [{"prompt": f"Write the full answer to question {at}", "response": "It is so"} for at in range(40)]
    with gzip.open(tmp_path / "prompts" / "some" / "prompts.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    said = run(
        "meaning/train.py", tmp_path / "prompts", tmp_path / "model", "--pieces", 60, "--dimensions", 4
    )
    assert said.stdout.startswith("41 texts, ")
    assert open_meanings(tmp_path / "model").codes(pa.array(["write the full answer"]))[0, 0] != 0


def test_a_campaign_sent_another_way_asks_the_same_from_the_same_accounts(load, tmp_path: Path) -> None:
    log, truth = tmp_path / "log", tmp_path / "log.truth"
    build("easy", seed=9, exchanges=6000, out=log)
    actual = pq.read_table(truth / "accounts.parquet").to_pydict()
    campaign = dict(zip(actual["account_id"], actual["campaign"], strict=True))
    load("dispatch").dispatched(log, truth, tmp_path / "sent", seed=9, rotates=True, deals=True)
    before, after = (
        [
            row
            for row in pq.read_table(folder / "exchanges.parquet").to_pylist()
            if campaign[row["account_id"]]
        ]
        for folder in (log, tmp_path / "sent")
    )
    asked = ("exchange_id", "ts", "prompt", "session_id", "model")
    assert [[row[c] for c in asked] for row in before] == [[row[c] for c in asked] for row in after]
    assert [campaign[row["account_id"]] for row in before] == [campaign[row["account_id"]] for row in after]
    assert {row["account_id"] for row in before} == {row["account_id"] for row in after}
    moved = sum(a["account_id"] != b["account_id"] for a, b in zip(before, after, strict=True))
    assert moved > len(before) / 2
    keys = {row["api_key_id"]: row["account_id"] for row in before if row["api_key_id"]}
    assert all(keys[row["api_key_id"]] == row["account_id"] for row in after if row["api_key_id"])
    conversations = {(row["session_id"], row["account_id"]) for row in after if row["session_id"]}
    assert len(conversations) == len({session for session, _ in conversations})
    innocent = {
        row["client_ip"]
        for row in pq.read_table(log / "exchanges.parquet").to_pylist()
        if not campaign[row["account_id"]]
    }
    assert {row["client_ip"] for row in after} <= innocent | {None}


def test_a_reworded_sentence_has_other_words_and_keeps_those_that_have_no_synonym(load) -> None:
    reworded = load("meaning.reword").reworded
    made = {reworded("Write the full answer about volcanoes.", random.Random(seed)) for seed in range(20)}
    assert len(made) > 15
    assert all("volcanoes." in each.split() for each in made)


def test_every_case_is_a_world_that_exists(load) -> None:
    assert {case.world for case in load("cases").CASES.values()} <= set(WORLDS)


def test_figures_name_no_place_and_no_host(load) -> None:
    assert {"processor", "cores", "memory_gib", "system", "python", "packages"} == set(
        load("machine").machine()
    )


def test_where_nothing_was_found_three_over_n_bounds_the_rate(load) -> None:
    proportion = load("gather").proportion
    assert proportion(0, 300) == {"found": 0, "of": 300, "rate": 0.0, "at_most": 0.01}
    assert proportion(3, 300) == {"found": 3, "of": 300, "rate": 0.01, "at_most": None}
    assert proportion(0, 0) == {"found": 0, "of": 0, "rate": None, "at_most": None}


def test_a_technique_is_counted_where_it_is_used_and_where_it_only_seems_to_be(load) -> None:
    campaigns = [
        {"uses": ["SWT-E06"], "shows": ["SWT-E06"]},
        {"uses": ["SWT-E06"], "shows": []},
        {"uses": [], "shows": ["SWT-E06", "SWT-H01"]},
    ]
    counted = load("techniques").counted(campaigns)
    assert counted["SWT-E06"] == {"campaigns": 2, "shown": 1, "others": 1, "elsewhere": 1}
    assert counted["SWT-H01"] == {"campaigns": 0, "shown": 0, "others": 3, "elsewhere": 1}


def test_a_campaign_stands_out_above_nine_in_ten_groups_of_innocents_and_by_no_few_requests(load) -> None:
    names = ["campaign", "quiet", "small", *(f" class {number}" for number in range(20))]
    values = [0.5, 0.1, 0.9, *(number / 40 for number in range(20))]
    table = pa.table({"cluster": range(23), "value": values, "support": [50, 50, 3, *[50] * 20]})
    assert load("techniques")._above(table, names) == {"campaign": True, "quiet": False}


def made_run(seed: int, **changes: object) -> dict[str, object]:
    return {
        "case": "clean",
        "seed": seed,
        "account": {"precision": None, "recall": None, "f1": None},
        "campaigns_found": None,
        "false_campaigns": 0,
        "false_accounts": 0,
        "recall_by_campaign": {},
        "called_campaign": {"individual": {"accounts": 100, "called": 0}},
        "relay_called_campaign": 0.0,
        "signals_skipped": [],
        **changes,
    }


def test_one_false_campaign_in_one_world_misses_the_goal(load) -> None:
    gather = load("gather")
    found = gather.figures([made_run(1), made_run(2, false_campaigns=1)])
    [goal] = [g for g in gather.goals({"clean": found}) if "in any world" in g["goal"]]
    assert (goal["value"], goal["met"]) == (1, False)


def test_look_alikes_are_counted_over_all_worlds(load) -> None:
    runs = [made_run(1), made_run(2, called_campaign={"individual": {"accounts": 50, "called": 3}})]
    found = load("gather").figures(runs)["lookalikes_called_campaign"]["individual"]
    assert (found["found"], found["of"], found["rate"]) == (3, 150, 0.02)


def test_a_measure_that_no_world_allows_is_not_measured(load) -> None:
    gather = load("gather")
    found = gather.figures([made_run(1)])
    assert found["mean"]["f1"] is None
    assert [g["met"] for g in gather.goals({"easy": found}) if "F1" in g["goal"]] == [None]


def test_detection_measures_a_world_with_and_without_text(tmp_path: Path) -> None:
    result = tmp_path / "detection.json"
    run(
        "detection.py",
        "--cases",
        "easy,easy without text",
        "--seeds",
        1,
        "--exchanges",
        3_000,
        "--result",
        result,
    )
    document = json.loads(result.read_text("utf-8"))
    assert document["is_complete"]
    assert [c["scans"] for c in document["cases"].values()] == [1, 1]
    assert "shared_template" in document["cases"]["easy without text"]["signals_skipped"]


@pytest.mark.slow
def test_cost_measures_the_scan_and_the_yardstick(tmp_path: Path) -> None:
    result = tmp_path / "cost.json"
    run("cost.py", "--exchanges", 3_000, "--runs", 1, "--result", result)
    document = json.loads(result.read_text("utf-8"))
    assert document["ratio"]["median"] > 0
    assert {"reading exchanges", "linking accounts"} <= set(document["stages"]["cpu"])


def test_what_adds_nothing_loses_no_figure_anywhere(load) -> None:
    ablation = load("ablation")
    whole = {"easy": {"recall": 0.9, "precision": 1.0}, "hard": {"recall": 0.7, "precision": 1.0}}
    without = {
        "pay": {"easy": {"recall": 0.9, "precision": 1.0}, "hard": {"recall": 0.71, "precision": 0.999}},
        "net": {"easy": {"recall": 0.9, "precision": 1.0}, "hard": {"recall": 0.6, "precision": 1.0}},
    }
    lost = {name: ablation.lost(whole, means) for name, means in without.items()}
    assert lost["net"]["hard"] == {"recall": 0.1, "precision": 0.0}
    assert ablation.adds_nothing(lost) == ["pay"]


def test_every_signal_that_links_or_decides_is_left_out_once_with_its_family(load) -> None:
    left_out = load("ablation").left_out()
    alone = [signals for signals in left_out.values() if len(signals) == 1]
    families = [signals for signals in left_out.values() if len(signals) > 1]
    assert {name for one in alone for name in one} | {n for many in families for n in many} == {
        name for signals in left_out.values() for name in signals
    }
    assert all((name,) in alone for many in families for name in many)


def test_bins_of_several_scans_are_put_together_by_their_numbers(load) -> None:
    rows = [
        {"from": 0.9, "number": 3, "said": 0.95, "came_true": 1.0},
        {"from": 0.9, "number": 1, "said": 0.91, "came_true": 0.0},
    ]
    assert load("gather").pooled_bins(rows) == [{"from": 0.9, "number": 4, "said": 0.94, "came_true": 0.75}]
