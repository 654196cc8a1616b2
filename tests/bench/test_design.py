"""What a rehearsal refuses to try, and what it says then."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.bench.design import Cell, Design
from stillwatch.bench.stealth import planned
from stillwatch.errors import UsageError


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"accounts": (0,)}, "--accounts cannot be 0"),
        ({"accounts": ()}, "names nothing"),
        ({"accounts": (5, 5)}, "5 more than once"),
        ({"accounts": (2.5,)}, "whole numbers"),
        ({"rates": (0.0,)}, "above 0"),
        ({"rates": (float("nan"),)}, "cannot be nan"),
        ({"rates": (float("inf"),)}, "cannot be inf"),
        ({"rates": (1e12,)}, "up to 1,000,000"),
        ({"rates": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)}, "Give fewer rates"),
        ({"accounts": (50_000,), "rates": (500.0,)}, "25,000,000 a day"),
        ({"archetype": ("hydr",)}, "Did you mean hydra?"),
        ({"stealth": ("sneaky",)}, "There are: plain"),
        ({"camouflage": 1.0}, "--camouflage"),
        ({"repeats": 0}, "--repeats"),
        ({"repeats": 9_999}, "89,991 scans"),
        ({"seed": -1}, "--seed"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_can(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=r".*") as refusal:
        Design(**given)
    assert told in str(refusal.value)


def test_a_design_is_every_combination_with_sizes_innermost_and_rising() -> None:
    design = Design(accounts=(60, 20), rates=(9.0, 3.0), stealth=("plain", "careful"), repeats=4)
    cells = list(design.cells())
    assert (len(design), cells[:2]) == (32, [Cell("lone", "plain", 3.0, 20), Cell("lone", "plain", 3.0, 60)])


def test_a_careful_campaign_has_its_own_cards_and_exits_and_copies_as_much_as_is_asked() -> None:
    plan = planned("synchronised", "careful", 0.4)
    assert (plan.cards, plan.exits, plan.cover) == ("unique", "unique", 0.4)


def test_camouflage_takes_nothing_from_an_archetype_that_hides_more_already() -> None:
    assert planned("shared-relay-a", "camouflage", 0.1).cover == planned("shared-relay-a", "plain", 0.1).cover
