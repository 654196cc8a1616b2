"""Strangers whom only a public program joins, those who only look so, and groups of which only size and load speak."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.judge.purpose import UNASKED_BITS, UNREAD_SAYS, Purpose, weighed
from tests.judge.made import ALL, cluster

COURSE = {
    "framed_prompts": 0.67, "conversations": 0.0, "no_human_rhythm": 0.4, "level_load": 0.8, "fresh_prompts": 0.9,
    "asks_for_training_value": 0.5, "training_value": 0.6, "churn": 0.0,
}  # fmt: skip
PROGRAM = {"content": 8.0, "product": 8.0}


def purpose_of(*measured: dict[str, float], of: dict[str, float] = PROGRAM, parties: float = 110) -> Purpose:
    names = sorted({name for one in measured for name in one})
    found = {name: np.array([one.get(name, np.nan) for one in measured]) for name in names}
    return weighed(found, [cluster(range(90), of)] * len(measured), [parties] * len(measured), 1_000)


def test_a_course_online_whose_pupils_share_nothing_but_its_exercises_is_no_harvest() -> None:
    found = purpose_of(COURSE)
    assert found.bits["strangers_by_day"].tolist() == [-6.0]
    assert found.probability()[0] < 0.2


@pytest.mark.parametrize(
    ("who", "otherwise", "at_least"),
    [
        ("tasks are dealt evenly", {"level_load": 0.88}, 0.0),
        ("people sleep and it goes on", {"no_human_rhythm": 0.7}, 0.0),
        ("accounts are banned", {"churn": 0.06}, 0.0),
        ("nobody knows the hours", {"no_human_rhythm": np.nan}, 0.0),
        ("nobody knows the load", {"level_load": np.nan}, 0.0),
        ("the load is nearly even", {"level_load": 0.855}, -3.1),
        ("the hours are nearly nobody's", {"no_human_rhythm": 0.63}, -3.1),
    ],
)
def test_who_shows_one_hand_otherwise_is_no_stranger(
    who: str, otherwise: dict[str, float], at_least: float
) -> None:
    found = float(purpose_of(COURSE | otherwise).bits["strangers_by_day"][0])
    assert at_least <= found <= max(at_least + 0.2, 0.0), who


def test_who_shares_addresses_or_cards_is_no_stranger() -> None:
    assert purpose_of(COURSE, of=ALL).bits["strangers_by_day"].tolist() == [0.0]


def test_a_pool_that_demands_all_reasoning_shows_its_hand_in_that() -> None:
    talk = COURSE | {"conversations": 0.8, "demanded_reasoning": 1.0}
    assert purpose_of(talk).bits["strangers_by_day"].tolist() == [0.0]


def test_no_group_is_a_harvest_by_its_size_and_its_load_alone() -> None:
    relay = {
        "framed_prompts": 0.5, "conversations": 0.6, "no_human_rhythm": 0.7, "level_load": 0.95, "fresh_prompts": 0.9, "training_value": 0.6,
    }  # fmt: skip
    against, speaks = purpose_of(relay, relay | {"framed_prompts": 0.75}, of=ALL, parties=200).total
    listed = purpose_of(relay, of=ALL, parties=200)
    alone = sum(float(bits[0]) for bits in listed.bits.values())
    assert speaks - against > -UNASKED_BITS, "more than the frames say"
    assert listed.total[0] == pytest.approx(alone - 1.3 - 0.9 + UNASKED_BITS)


def test_where_no_prompt_is_seen_hours_or_bans_must_say_something() -> None:
    unseen = {"conversations": 0.0, "level_load": 0.95}
    little, enough = purpose_of(
        unseen | {"no_human_rhythm": 0.8}, unseen | {"no_human_rhythm": 0.9}, of=ALL, parties=200
    ).bits["no_human_rhythm"]
    assert little < UNREAD_SAYS < enough
    first, second = purpose_of(
        unseen | {"no_human_rhythm": 0.8}, unseen | {"no_human_rhythm": 0.9}, of=ALL, parties=200
    ).total
    assert second - first == pytest.approx(enough - little - UNASKED_BITS)
