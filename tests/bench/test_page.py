"""The page and its drawing: right in their numbers, and harmless whatever an account is called."""

from __future__ import annotations

import re
from dataclasses import replace

from stillwatch.bench.curve import draw_power
from stillwatch.bench.page import rehearsal_html
from stillwatch.bench.power import curves, points
from tests.bench.conftest import Rehearsed
from tests.bench.test_power import trials


def places(drawing: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<circle[^>]* {name}="([0-9.]+)"', drawing)]


def test_what_is_found_more_often_stands_higher_and_what_is_larger_further_right() -> None:
    drawing = str(draw_power(curves(points(trials({10: (0, 4), 30: (2, 4), 90: (4, 4)}))), "p", "Power"))
    heights, ways = places(drawing, "cy"), places(drawing, "cx")
    assert heights == sorted(heights, reverse=True)
    assert ways[1] - ways[0] == ways[2] - ways[1] > 0


def test_one_size_alone_can_be_drawn() -> None:
    assert "<circle" in str(draw_power(curves(points(trials({10: (1, 2)}))), "p", "Power"))


def test_the_drawing_tells_its_figures_to_a_reader_that_cannot_see() -> None:
    drawing = str(draw_power(curves(points(trials({10: (1, 2)}))), "p", "Power"))
    assert "At 5 exchanges per account and day: 10 accounts 50" in drawing


def test_names_of_curves_that_end_together_do_not_hide_each_other() -> None:
    both = [*trials({10: (2, 2)}), *trials({10: (2, 2)}, rate=50.0)]
    drawing = str(draw_power(curves(points(both)), "p", "Power"))
    ends = [float(y) for y in re.findall(r'y="([0-9.]+)"[^>]*>(?:5|50) a day', drawing)]
    assert abs(ends[0] - ends[1]) >= 12


def test_a_newly_named_account_is_listed_and_its_name_is_harmless(rehearsed: Rehearsed) -> None:
    first, *rest = rehearsed.value.trials
    touched = replace(first, newly_named=("<script>alert(1)</script>",))
    page = rehearsal_html(replace(rehearsed.value, trials=(touched, *rest)))
    assert "&lt;script&gt;alert" in page
    assert "<script" not in page
    assert "1 trial of 4 named accounts of the log" in page


def test_the_table_says_where_the_target_is_reached(rehearsed: Rehearsed) -> None:
    page = rehearsal_html(rehearsed.value)
    assert re.search(r"<b>\d+ accounts</b>", page)
