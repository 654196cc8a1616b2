"""What a class is given, a harvest that looks like it, and bans where people talk."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.judge.purpose import Purpose, weighed
from tests.judge.made import ALL, cluster

CLASS = {
    "framed_prompts": 0.96, "conversations": 0.0, "no_human_rhythm": 0.85, "level_load": 0.87, "fresh_prompts": 0.44,
    "training_value": 0.9, "varied_slots": 1.3, "active_days": 7.8, "assigned_prompts": 0.5,
}  # fmt: skip
HACKATHON = {
    "framed_prompts": 0.0, "conversations": 0.0, "no_human_rhythm": 0.99, "level_load": 0.85, "fresh_prompts": 0.8,
    "training_value": 0.68, "own_instruction": 0.75,
}  # fmt: skip
RELAY = {
    "framed_prompts": 0.44, "conversations": 0.67, "no_human_rhythm": 0.57, "level_load": 0.91, "fresh_prompts": 0.89,
    "churn": 0.31,
}  # fmt: skip


def purpose_of(parties: int = 77, **measured: float) -> Purpose:
    found = {name: np.array([value]) for name, value in measured.items()}
    return weighed(found, [cluster(range(90), ALL)], [parties], 1_000)


def test_a_class_that_asks_its_assignments_at_all_hours_is_not_called() -> None:
    assert float(purpose_of(**CLASS).probability()[0]) < 0.5
    assert float(purpose_of(**CLASS | {"assigned_prompts": 0.0}).probability()[0]) > 0.95


@pytest.mark.parametrize(
    ("who", "otherwise"),
    [
        ("a list of tasks that hardly comes again", {"fresh_prompts": 0.7}),
        ("talk, where what follows is anybody's", {"conversations": 0.7}),
        ("questions of many words, asked all month", {"active_days": 25.0, "varied_slots": 12.0}),
    ],
)
def test_what_many_accounts_of_a_pool_send_is_no_assignment(who: str, otherwise: dict[str, float]) -> None:
    assert purpose_of(**CLASS | otherwise).bits["assignment"].tolist() == [0.0], who


def test_an_assignment_is_one_where_nobody_knows_how_often_prompts_come_again() -> None:
    assert float(purpose_of(**CLASS | {"fresh_prompts": np.nan}).bits["assignment"][0]) < -5


def test_a_text_that_differs_by_a_word_or_two_is_an_assignment_all_month() -> None:
    assert float(purpose_of(**CLASS | {"active_days": 25.0}).bits["assignment"][0]) < -5


@pytest.mark.parametrize(("days", "counts"), [(2.5, False), (20.0, True)])
def test_an_instruction_of_ones_own_frames_nothing_in_a_weekend(days: float, *, counts: bool) -> None:
    assert bool(purpose_of(**HACKATHON, active_days=days).bits["own_frame"][0] > 3) is counts


def test_what_stands_below_several_programs_prompts_is_framed_once() -> None:
    shops = {"framed_prompts": 0.04, "conversations": 0.0, "own_instruction": 0.83, "spliced_system": 1.0}
    bits = purpose_of(**shops).bits
    assert bits["spliced_pool"][0] == 8
    assert bits["own_frame"][0] < 1


@pytest.mark.parametrize(("worth", "least", "most"), [(0.44, 0.0, 0.0), (0.7, 3.0, 4.0), (np.nan, 3.0, 4.0)])
def test_bans_count_where_people_talk_as_far_as_what_they_ask_is_worth_training_on(
    worth: float, least: float, most: float
) -> None:
    assert least <= float(purpose_of(**RELAY, training_value=worth).bits["churn"][0]) <= most
    single = purpose_of(**RELAY | {"conversations": 0.2}, training_value=worth)
    assert float(single.bits["churn"][0]) > 3


@pytest.mark.parametrize(
    ("who", "otherwise", "is_one"),
    [
        ("relays that share little", {}, True),
        ("a harvest beside customers", {"training_value": 0.75}, False),
        ("people of one kind behind each account", {"many_personas": 1.1}, False),
        ("strangers, each as much as they need", {"level_load": 0.4}, False),
    ],
)
def test_relays_that_linking_joined_are_a_pool_of_people_though_they_share_little(
    who: str, otherwise: dict[str, float], *, is_one: bool
) -> None:
    found = RELAY | {"many_personas": 3.0, "training_value": 0.25} | otherwise
    strangers = cluster(range(90), {"product": 8.0})
    measured = {name: np.array([value]) for name, value in found.items()}
    assert weighed(measured, [strangers], [90], 1_000).is_pool_of_people(0) is is_one, who
