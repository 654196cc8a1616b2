"""Releases of the actors' own: of all who are compared, near the campaign, in order of time, and never of what has expired."""

from __future__ import annotations

import datetime as dt

from stillwatch.model.actor import Actor
from tests.attribute.made import Made, attributed, statement


def maker(name: str, *days: str, expires: str | None = None) -> Actor:
    said = (statement("release", expires=expires, product=f"{name} on {day}", date=day) for day in days)
    return Actor(name, "commercial lab", tuple(said))


def test_releases_near_the_campaign_are_told_of_every_actor_in_order_of_time() -> None:
    told = attributed(Made(), maker("b", "2026-04-20"), maker("a", "2026-02-01", "2020-01-01", "2027-01-01"))
    assert [(r.actor, r.day) for r in told.calendar] == [
        ("a", dt.date(2026, 2, 1)),
        ("b", dt.date(2026, 4, 20)),
    ]
    assert told.calendar[0].code == "B2"


def test_a_release_that_is_out_of_date_as_a_statement_is_not_told() -> None:
    assert attributed(Made(), maker("a", "2026-04-20", expires="2026-01-01")).calendar == ()


def test_releases_alone_name_nobody() -> None:
    told = attributed(Made(), maker("a", "2026-04-20"))
    assert told.calendar
    assert told.level in {"L0", "L1", "L2"}
