"""What a dossier says of actors follows from its tables, or the part that does not is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stillwatch.attribute.attribute import attributions, reviewed
from stillwatch.model.attributed import Attributed, Review
from stillwatch.model.finding import Findings
from stillwatch.model.pack import Pack
from stillwatch.report.dossier.attributed_again import PARTS, differing, faults, told_of
from stillwatch.report.result import stable_json
from tests.attribute.made import Made, attributed, profile

Take = Callable[..., Pack]
ID = "UDC-2026-001"


def signed() -> Attributed:
    told = replace(attributed(Made(), profile()), campaign_id=ID)
    return reviewed(told, [Review(ID, "actor-a", who, agrees=True) for who in ("ana", "ben")])


def plain(told: Attributed) -> dict[str, Any]:
    return json.loads(stable_json(told))


@pytest.fixture
def pack(three: Findings, take: Take) -> Pack:
    told, made = signed(), take(three)
    campaign = replace(made.campaign, attribution=attributions(told))
    return replace(made, campaign=campaign, attributed=plain(told))


def test_tables_of_a_scan_and_the_statement_made_of_them_fit_together(pack: Pack) -> None:
    assert faults(pack, told_of(pack)) == ()


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("level", "L2", "does not follow from the gates"),
        ("reviews", [], "nobody is recorded"),
        ("unknown", 0.9, "do not add up"),
        ("campaign_id", "UDC-2026-009", "are of UDC-2026-009"),
        ("candidates", [], "not whole"),
        ("matrix", [], "order of hypotheses"),
    ],
)
def test_a_part_that_was_altered_is_named(pack: Pack, part: str, value: Any, told: str) -> None:
    touched = replace(pack, attributed={**pack.attributed, part: value})
    assert told in "; ".join(faults(touched, told_of(touched)))


def test_a_statement_that_names_somebody_else_is_found_out(pack: Pack) -> None:
    first, *more = pack.campaign.attribution
    campaign = replace(pack.campaign, attribution=(replace(first, actor="actor-z"), *more))
    assert faults(replace(pack, campaign=campaign), told_of(pack)) == (
        "the statement on who is behind it does not follow from the tables",
    )


def test_another_scan_is_compared_without_what_people_recorded(pack: Pack) -> None:
    bare = plain(replace(attributed(Made(), profile()), campaign_id="UDC-2026-007"))
    assert differing(told_of(pack), bare) == ()
    other = plain(attributed(Made(staff=0), profile()))
    assert {"candidates", "gates"} <= set(differing(told_of(pack), other))
    assert differing(told_of(pack), None) == PARTS
