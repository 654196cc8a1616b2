"""What else it could be: nobody is said to be framed, or accused, by marks that do not show."""

from __future__ import annotations

import pytest

from stillwatch.model.actor import Actor
from stillwatch.model.attributed import Attributed
from tests.attribute.made import Made, attributed, only, profile, statement

STRANGER = Actor(
    "actor-c",
    "commercial lab",
    (
        statement("staff_domain", domain="actor-c.example"),
        statement("template_sketch", text="Return nothing but a table of the names of rivers"),
    ),
)


def against(told: Attributed) -> dict[str, int]:
    return {r.code: r.inconsistencies for r in told.ranked}


def evidence(told: Attributed) -> dict[str, tuple[str, ...]]:
    return {row.evidence: row.marks for row in told.matrix}


def test_an_actor_of_whom_nothing_shows_is_not_said_to_be_framed() -> None:
    told = attributed(Made(), STRANGER)
    assert told.candidates[0].probability < 0.05
    marks = evidence(told)["nothing that is said of actor-c shows"]
    assert (marks[0], marks[6]) == ("inconsistent", "strongly inconsistent")
    assert set(marks[1:6]) == {"consistent"}
    assert told.ranked[0].code not in {"H1", "H7"}


def test_below_likely_the_hypotheses_accuse_nobody() -> None:
    told = attributed(Made(), STRANGER)
    named = {r.code: r.hypothesis for r in told.ranked}
    share = f"{100 * told.candidates[0].probability:.1f} %"
    assert named["H1"] == f"distillation by an actor of the file (the best is actor-c, {share})"
    assert named["H7"].endswith(f"the marks of an actor of the file (the best is actor-c, {share})")


def test_from_likely_on_they_name_the_actor() -> None:
    named = {r.code: r.hypothesis for r in attributed(Made(), profile()).ranked}
    assert named["H1"] == "distillation by actor-a"


def test_marks_that_can_be_copied_and_show_leave_framing_with_least_against_it() -> None:
    told = attributed(Made(staff=0, cards=()), only(profile(), "template_sketch", "client_stack"))
    assert against(told)["H7"] == min(against(told).values())
    assert not any(text.startswith("nothing that is said of") for text in evidence(told))


@pytest.mark.parametrize("actors", [(), (only(profile(), name="actor-d"),)])
def test_where_nothing_could_be_seen_nobody_is_said_to_be_framed(actors: tuple[Actor, ...]) -> None:
    told = attributed(Made(), *actors)
    assert told.ranked[0].code != "H7"
