"""What happened on the time axis, and what lies over it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

from stillwatch.model.dossier import Bin, Release, Timeline
from stillwatch.model.pack import Block, FromLog
from stillwatch.report.dossier.events import Elsewhere, events, with_layers
from stillwatch.report.timeline import RELEASE_LABEL, _is_right, _lanes, draw

FIRST = dt.date(2026, 9, 1)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def axis(*volumes: tuple[int, int]) -> Timeline:
    return Timeline(("old", "new"), tuple(Bin(day(i), v, 0) for i, v in enumerate(volumes)), 1, 0)


def added(*, releases: tuple[Release, ...] = (), blocks: tuple[Block, ...] = ()) -> FromLog:
    return FromLog(0, 0, releases, blocks, (), (), (), is_unmasked=False)


def told(timeline: Timeline, log: FromLog, kind: str) -> list[str]:
    return [e.text for e in events(with_layers(timeline, log), log) if e.kind == kind]


def test_a_move_to_a_new_model_is_told_with_its_share() -> None:
    log = added(releases=(Release("new", day(2)), Release("other", day(3)), Release("long ago", day(-90))))
    found = told(axis((10, 0), (10, 0), (5, 5), (0, 10), (0, 10)), log, "release")
    assert found == [
        "new was released. Within 3 days 83\N{NARROW NO-BREAK SPACE}% of the members' exchanges moved to it.",
        "other was released.",
    ]


def test_volume_that_outlives_a_block_is_told() -> None:
    log = added(blocks=(Block(day(3), 7),))
    found = told(axis(*[(100, 0)] * 3, (50, 0), *[(80, 0)] * 3), log, "block")
    assert "80\N{NARROW NO-BREAK SPACE}% of the members' volume went on" in found[0]


def test_more_volume_than_before_is_told_in_times_and_is_that_of_all_members_exchanges() -> None:
    log = added(blocks=(Block(day(3), 7),))
    (found,) = told(axis(*[(100, 0)] * 3, (50, 0), *[(204, 0)] * 3), log, "block")
    assert "2.0 times as many" in found
    assert "exchanges of the members, whether they belong or not" in found


def test_a_tie_is_no_peak_and_no_day_of_most_blocks() -> None:
    log = added(blocks=(Block(day(1), 1), Block(day(3), 1)))
    timeline = axis(*[(100, 0)] * 5)
    assert told(timeline, log, "block") == told(timeline, log, "peak") == []


def test_a_block_at_the_end_of_the_log_is_compared_with_nothing() -> None:
    log = added(blocks=(Block(day(3), 7),))
    assert "cannot be compared" in told(axis(*[(100, 0)] * 4), log, "block")[0]


def test_layers_are_drawn_only_where_there_are_any() -> None:
    timeline = axis(*[(100, 0)] * 5)
    releases = tuple(Release(f"model-{i}", day(2)) for i in range(9))
    layered = draw(with_layers(timeline, added(releases=releases, blocks=(Block(day(1), 2),))), "k")
    assert ("accounts blocked" in draw(timeline, "k"), 'class="release"' in draw(timeline, "k")) == (
        False,
        False,
    )
    assert (layered.count("t-release"), "accounts blocked" in layered) == (4, True)


def test_an_empty_axis_has_no_events() -> None:
    empty = Timeline((), (), 1, 0)
    log = added(releases=(Release("new", day(0)),), blocks=(Block(day(0), 1),))
    assert events(with_layers(empty, log), log) == ()
    assert draw(empty, "k")


def test_names_of_releases_cover_no_other_name_at_the_right_end_either() -> None:
    marks = tuple(Release(f"another maker: product {i}", day(i)) for i in range(0, 24, 2))
    placed = _lanes(replace(axis(*[(5, 5)] * 24), elsewhere=marks))
    spans = sorted(
        (
            p.lane,
            p.x - RELEASE_LABEL if _is_right(p.x) else p.x,
            p.x if _is_right(p.x) else p.x + RELEASE_LABEL,
        )
        for p in placed
    )
    assert any(_is_right(p.x) for p in placed)
    assert all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(spans))


def test_releases_of_others_are_drawn_as_a_layer_of_their_own_and_told_even_off_the_axis() -> None:
    beside = (
        Elsewhere(day(1), "a: A 2", "A 2 of a came out."),
        Elsewhere(day(-30), "a: A 1", "A 1 of a came out."),
    )
    timeline = with_layers(axis((5, 5), (5, 5)), None, beside)
    assert [r.model for r in timeline.elsewhere] == ["a: A 2"]
    assert "t-elsewhere" in draw(timeline, "k")
    assert [e.text for e in events(timeline, None, beside) if e.kind == "elsewhere"] == [
        r.text for r in beside[::-1]
    ]
