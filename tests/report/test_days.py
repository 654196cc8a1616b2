"""The time axis of a campaign."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from stillwatch.model.tables import ACTIVITY, BIRTH
from stillwatch.report.days import MOST_BINS, MOST_MODELS, OTHER_MODELS, timeline
from stillwatch.report.timeline import draw

DAY = dt.date(2026, 9, 10)


def activity(*rows: tuple[int, str, int]) -> pa.Table:
    """Exchanges on (day after the first, model, count)."""
    values = [
        {"campaign_id": "c", "day": DAY + dt.timedelta(days=d), "model": m, "exchanges": n}
        for d, m, n in rows
    ]
    return pa.Table.from_pylist(values, ACTIVITY)


def births(*rows: tuple[int, int]) -> pa.Table:
    """Accounts born on (day after the first exchange, count)."""
    values = [{"campaign_id": "c", "day": DAY + dt.timedelta(days=d), "accounts": n} for d, n in rows]
    return pa.Table.from_pylist(values, BIRTH)


def test_births_long_before_are_counted_but_not_drawn() -> None:
    told = timeline(activity((0, "m", 5), (3, "m", 5)), births((-400, 7), (-2, 4)))
    assert (told.bins[0].start, told.born_before, sum(b.births for b in told.bins)) == (
        DAY - dt.timedelta(days=2),
        7,
        4,
    )


def test_a_long_time_is_gathered_without_losing_an_exchange() -> None:
    told = timeline(activity(*[(d, "m", 1) for d in range(1000)]), births())
    assert (len(told.bins) <= MOST_BINS, sum(b.exchanges[0] for b in told.bins)) == (True, 1000)


def test_many_models_keep_their_total() -> None:
    told = timeline(activity(*[(0, f"m{i}", i + 1) for i in range(40)]), births())
    assert (len(told.models), told.models[-1], sum(told.bins[0].exchanges)) == (
        MOST_MODELS + 1,
        OTHER_MODELS,
        820,
    )


def test_births_alone_make_an_axis() -> None:
    assert timeline(activity(), births((0, 3), (2, 1))).bins[-1].births == 1


def test_a_timeline_of_nothing_can_be_drawn() -> None:
    assert "No exchange is recorded" in draw(timeline(activity(), births()), "k")


def test_days_without_volume_can_be_drawn() -> None:
    assert "<svg" in draw(timeline(activity(), births((0, 3))), "k")
