from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillwatch.report.techniques import SWT
from stillwatch.simulate.assumptions.exercises import ACCESS, ELICITATION, EVASION, HARVEST
from stillwatch.simulate.assumptions.plan import Plan
from stillwatch.simulate.assumptions.plans import WORLD_PLANS
from stillwatch.simulate.assumptions.techniques import NOT_IN_LOGS, exercised

World = Callable[[str], Any]
REPEATS = ("no-content", "no-network", "dirty", "headline", "million", "small", "large")
WORLDS_OF_THEIR_OWN = [name for name in WORLD_PLANS if name not in REPEATS]
OWN = {
    "posthoc": "E02", "pretext": "E03", "laundering": "E04", "language": "E05", "search": "E07", "grading": "E08",
    "sweep": "E09", "alignment": "E10", "tasks": "E11", "multimodal": "E12", "serve": "H07", "store": "H08",
    "harness": "H09", "cleaner": "H10", "crossed": "H11", "teacher": "U01", "canary": "V03", "failover": "V04",
    "arbitrage": "V05", "mutation": "V06", "churning": "V07", "concession": "A04", "stolen-keys": "A05",
    "subscriptions": "A06", "storefront": "R08", "pathways": "A08",
}  # fmt: skip


def _shown(plan: Plan) -> set[str]:
    return {name.removeprefix("SWT-") for name in exercised(plan)}


def test_every_technique_of_the_catalogue_has_a_world_or_a_reason() -> None:
    shown = {name for world in WORLD_PLANS.values() for plan in world.plans for name in _shown(plan)}
    assert shown | set(NOT_IN_LOGS) == set(SWT)
    assert not shown & set(NOT_IN_LOGS)


@pytest.mark.parametrize("plan", [*ELICITATION, *HARVEST, *EVASION, *ACCESS], ids=lambda plan: plan.archetype)
def test_a_plan_that_exercises_a_technique_names_it(plan: Plan) -> None:
    assert OWN[plan.archetype] in _shown(plan)


@pytest.mark.parametrize("name", ["mixed", "elicitation"])
def test_the_truth_names_the_techniques_of_each_campaign(world: World, name: str) -> None:
    told = json.loads((world(name).truth_folder / "campaigns.json").read_text())["campaigns"]
    assert [tuple(c["techniques"]) for c in told] == [exercised(plan) for plan in WORLD_PLANS[name].plans]


def test_the_manual_lists_every_world_and_what_it_exercises() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/simulated-worlds.md").read_text(encoding="utf-8")
    told = {
        cells[0]: cells[2] for line in page.splitlines() if len(cells := line.strip("| ").split(" | ")) == 3
    }
    for name in SWT:
        shown = [
            world for world in WORLDS_OF_THEIR_OWN if any(name in _shown(p) for p in WORLD_PLANS[world].plans)
        ]
        listed = ", ".join(f"`{world}`" for world in shown)
        assert told[name] == (
            f"none: {NOT_IN_LOGS[name]}"
            if not shown
            else listed
            if len(shown) <= 8
            else "most worlds with a campaign"
        )
    assert not [name for name in WORLD_PLANS if f"`{name}`" not in page and name.partition("-")[0] != "mixed"]


def test_what_a_plan_lacks_is_not_named() -> None:
    quiet = Plan("quiet", (("coding", 0.5), ("reasoning", 0.5)), cards="unique", exits="unique", slow=True)
    assert not _shown(quiet) & {"A02", "H03", "H06", "E06", "E09", "R01", "R05", "V01", "V04", "V07"}
    assert {"R03", "V02"} <= _shown(quiet)
