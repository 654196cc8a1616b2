"""Drawings: deterministic, escaped, and right in their numbers."""

from __future__ import annotations

import re

import pytest

from stillwatch.model.dossier import Share
from stillwatch.report.bars import draw_shares, draw_tenths
from stillwatch.report.svg import cut_middle, element, number, text, ticks
from stillwatch.report.waterfall import Step, draw


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (1.005, "1"), (0.126, "0.13"), (-0.001, "0"), (100.0, "100")]
)
def test_coordinates_are_short_and_stable(value: float, written: str) -> None:
    assert number(value) == written


def test_text_in_a_drawing_is_escaped() -> None:
    assert "<b>" not in text(0, 0, "<b>&")


def test_an_attribute_is_escaped() -> None:
    assert element("g", "x", class_='a" onload="b') == '<g class="a&#34; onload=&#34;b">x</g>'


@pytest.mark.parametrize("high", [1, 7, 99, 2_870_000, 0.003])
def test_ticks_cover_what_is_drawn_with_few_marks(high: float) -> None:
    marks = ticks(0, high)
    assert (marks[0], marks[-1] >= high, len(marks) <= 8) == (0, True, True)


def test_ticks_reach_below_zero() -> None:
    assert ticks(-3, 10)[0] <= -3


def test_a_long_trait_keeps_both_ends() -> None:
    short = cut_middle("Explain why the answer 4 is right", 20)
    assert (len(short) <= 20, short.startswith("Explain"), short.endswith("right")) == (True, True, True)


def test_each_step_of_a_waterfall_begins_where_the_last_ended() -> None:
    steps = [Step("a", "", 10, 0, "f-pay"), Step("b", "", 5, -2, "f-net")]
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', draw(steps, "k", "x"))
    (x1, w1), (x2, _), *_ = [(float(x), float(w)) for x, w in bars]
    assert x1 + w1 == pytest.approx(x2)


def test_a_waterfall_of_nothing_can_be_drawn() -> None:
    assert "no evidence rows" in draw([], "k", "x")


def test_a_waterfall_against_a_finding_can_be_drawn() -> None:
    assert "\u22126.0" in draw([Step("a", "", 0, -6, "f-pay")], "k", "x")


def test_shares_are_told_in_words_too() -> None:
    assert "<desc" in draw_shares([Share("coding", 0.6, 12)], "k", "t")


def test_no_members_can_be_drawn() -> None:
    assert "no members" in draw_tenths([0] * 10, "k")
