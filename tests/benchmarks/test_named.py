"""Attribution and ids are counted as the pages say."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def module(name: str) -> ModuleType:
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    return module


def unit(**changes: Any) -> dict[str, Any]:
    told = {
        "variant": "told", "actor": "a", "may_be_named": True, "blamed_if_named": None, "level": "L3a", "best": "a",
        "probability": 0.9, "lead": "a", "named_unsigned": None, "named": "a",
    }  # fmt: skip
    return {**told, **changes}


def test_who_may_be_named_and_who_may_not_are_counted_apart(load) -> None:
    rows = [
        unit(),
        unit(named=None),
        unit(named="b", best="b"),
        unit(variant="planted", may_be_named=False, named=None, lead=None, blamed_if_named="z"),
        unit(variant="planted", may_be_named=False, named="z", lead=None, best="z", blamed_if_named="z"),
    ]
    told = load("attribution").summed(rows)
    assert (told["can_be_named"]["right"], told["can_be_named"]["wrong"]) == (1, 1)
    assert told["cannot_be_named"] == {"units": 2, "silent": 1}
    assert told["framed"] == {"units": 2, "blamed": 1, "at_L3": 2}
    assert [goal["met"] for goal in told["goals"]] == [False, False]
    assert [(goal["found"], goal["units"]) for goal in told["goals"]] == [(1, 3), (1, 2)]
    assert all(goal["low"] < goal["value"] < goal["high"] for goal in told["goals"])
    assert told["calibration"] == [{"from": 0.8, "to": 1.0, "units": 5, "stated": 0.9, "right": 0.6}]


def test_the_page_shows_an_interval_beside_each_goal(load) -> None:
    result = json.loads((BENCHMARKS / "results" / "attribution.json").read_text("utf-8"))
    page = "\n".join(load("named").attribution(result))
    assert page.count("95 % interval 0.") == len(result["goals"])


def test_an_id_that_changes_and_one_that_two_campaigns_had_are_counted(load) -> None:
    ids = load("ids")
    seen = [{"x": {"U1"}, "y": {"U2"}}, {"x": {"U1", "U3"}, "y": {"U2"}}, {"x": {"U3"}, "y": {"U1"}}]
    told = ids._counted([ids.Seen(one, []) for one in seen], {})
    assert {name: n for name, n in told.items() if n} == {
        "campaigns": 2,
        "seen_again": 4,
        "changed_id": 1,
        "under_two_ids": 1,
        "ids_of_two_campaigns": 1,
    }
