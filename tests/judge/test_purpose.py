"""Does the joint traffic build a training set? Measurements to bits, and explanations that are tried."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.lookalike import EXPLANATIONS, lookalikes
from stillwatch.judge.purpose import DECIDING, FEATURES, ORDINARY_GROUPS, Purpose, purpose, values
from tests.judge.made import ALL, cluster

POOL = range(60)
SUREST_LINE = 0.95
"""What is likelier is called distillation, where nothing else is set."""


def measurement(*pairs: tuple[int, float]) -> pa.Table:
    numbers, found = zip(*pairs, strict=True)
    return pa.table({"cluster": pa.array(numbers, pa.int32()), "value": pa.array(found, pa.float64())})


def bits(**measured: float) -> float:
    """Bits for a training set of one cluster, of which so much was measured."""
    about = {name: measurement((0, value)) for name, value in measured.items()}
    return float(purpose(about, [cluster(POOL, ALL)], [len(POOL)], 1_000).total[0])


def test_a_cluster_that_was_not_measured_has_no_value() -> None:
    assert np.isnan(values(measurement((1, 0.5)), 3)).tolist() == [True, False, True]


@pytest.mark.parametrize(
    "signal", ["framed_prompts", "level_load", "no_human_rhythm", "asks_for_training_value"]
)
def test_what_harvests_show_speaks_for_a_harvest(signal: str) -> None:
    assert bits(**{signal: 0.95}) > bits(**{signal: 0.05})


def test_conversations_speak_against_a_harvest() -> None:
    assert bits(conversations=0.9) < bits(conversations=0.05)


def test_one_instruction_around_what_nobody_trains_on_speaks_against_a_harvest() -> None:
    farm = bits(framed_prompts=0.95, training_value=0.25)
    assert farm < bits(framed_prompts=0.95, training_value=0.9) - 2
    assert bits(framed_prompts=0.6, training_value=0.25) < farm + 2


def test_keywords_put_into_one_text_speak_against_a_harvest_and_a_corpus_for_nothing() -> None:
    harvest = bits(framed_prompts=0.95, varied_slots=12.0)
    assert bits(framed_prompts=0.95, varied_slots=1.2) < harvest - 3
    assert bits(framed_prompts=0.95, varied_slots=40.0) == bits(framed_prompts=0.95) == harvest
    assert bits(framed_prompts=0.2, varied_slots=1.2) == bits(framed_prompts=0.2)


@pytest.mark.parametrize(
    ("spread", "hours", "less"),
    [(15.0, 0.98, True), (15.0, 0.65, False), (3.9, 0.98, False), (None, 0.98, False), (15.0, None, False)],
)
def test_an_idle_frame_says_less_of_a_corpus_that_is_worked_through_day_and_night(
    spread, hours, less
) -> None:
    found = {"framed_prompts": 0.95, "training_value": 0.1, "varied_slots": spread, "no_human_rhythm": hours}
    about = {name: measurement((0, value)) for name, value in found.items() if value is not None}
    idle = purpose(about, [cluster(POOL, ALL)], [len(POOL)], 1_000).bits["idle_frame"][0]
    assert bool(idle > -3) is less
    assert idle < -1


def test_few_bans_say_how_much_likelier_they_are_of_a_pool_that_asks_and_many_their_share() -> None:
    found = {
        "churn": [0.04, 0.04, 0.04, 0.6, 0.6],
        "excess_bans": [1.5, 9.0, 9.0, 9.0, 9.0],
        "conversations": [0.1, 0.1, 0.7, 0.1, 0.7],
    }
    about = {name: measurement(*enumerate(each)) for name, each in found.items()}
    churn = purpose(about, [cluster(POOL, ALL)] * 5, [len(POOL)] * 5, 1_000).bits["churn"]
    assert churn[:3].tolist() == [1.5, 4.0, 0.0], "of a relay's customers some are banned too"
    assert churn[3] == churn[4] > 6


@pytest.mark.parametrize(
    ("fresh", "hours", "talk", "parties", "is_class"),
    [
        (0.45, 0.6, 0.4, 60, True),
        (0.45, 0.6, 0.4, 900, False),
        (0.45, 0.9, 0.4, 60, False),
        (0.45, 0.6, 0.1, 60, False),
        (0.8, 0.6, 0.4, 60, False),
    ],
)
def test_what_a_class_talks_about_by_day_and_asks_alike_is_an_assignment(
    fresh, hours, talk, parties, is_class
) -> None:
    found = {"fresh_prompts": fresh, "no_human_rhythm": hours, "conversations": talk}
    about = {name: measurement((0, value)) for name, value in found.items()}
    group = purpose(about, [cluster(POOL, ALL)], [parties], 1_000).bits["fresh_prompts"][0]
    alone = purpose({"fresh_prompts": about["fresh_prompts"]}, [cluster(POOL, ALL)], [60], 1_000)
    assert bool(group < alone.bits["fresh_prompts"][0] - 2) is is_class


@pytest.mark.parametrize(
    ("thinking", "pivot", "parties", "speaks"),
    [(1.0, 0.0, 80, True), (0.5, 0.0, 80, False), (0.66, 0.3, 80, True), (1.0, 0.0, 40, False)],
)
def test_a_pool_of_people_that_nearly_always_thinks_harvests_them(thinking, pivot, parties, speaks) -> None:
    found = {"conversations": 0.7, "extended_thinking": thinking, "release_pivot": pivot}
    about = {name: measurement((0, value)) for name, value in found.items()}
    pool = purpose(about, [cluster(range(parties), ALL)], [parties], 1_000).bits["thinking_pool"][0]
    assert bool(pool == 2) is speaks
    assert pool in {0, 2}


def test_a_request_for_reasoning_below_several_programs_prompts_is_a_frame_under_common_control() -> None:
    one_hand, strangers = cluster(POOL, ALL), cluster(POOL, {"product": 8.0, "content": 8.0})
    about = {"spliced_system": measurement(*enumerate([0.9, 0.3, 0.9]))}
    found = purpose(about, [one_hand, one_hand, strangers], [len(POOL)] * 3, 1_000).bits["spliced_pool"]
    assert found.tolist() == [8.0, 0.0, 0.0]


def test_a_fixed_text_in_every_turn_speaks_for_a_harvest_under_common_control_only() -> None:
    about = {"fixed_injection": measurement((0, 0.98), (1, 0.98))}
    one_hand, strangers = cluster(POOL, ALL), cluster(POOL, {"product": 8.0, "content": 8.0})
    found = purpose(about, [one_hand, strangers], [len(POOL)] * 2, 1_000).bits["injected_pool"]
    assert found[0] > 3
    assert found[1] == 0


@pytest.mark.parametrize(("rhythm", "speaks"), [(0.9, True), (0.65, False), (None, False)])
def test_a_system_prompt_that_asks_for_reasoning_speaks_where_no_persons_day_shows(rhythm, speaks) -> None:
    about = {"injected_system": measurement((0, 1.0), (1, 1.0))}
    about |= {} if rhythm is None else {"no_human_rhythm": measurement((0, rhythm), (1, rhythm))}
    one_hand, strangers = cluster(POOL, ALL), cluster(POOL, {"product": 8.0, "content": 8.0})
    found = purpose(about, [one_hand, strangers], [len(POOL)] * 2, 1_000).bits["injected_pool"]
    assert bool(found[0] > 3) is speaks
    assert found[1] == 0


@pytest.mark.parametrize(
    ("measured", "counts"),
    [
        ({"no_human_rhythm": 0.5, "level_load": 0.5}, False),
        ({"no_human_rhythm": 0.5, "level_load": 0.5, "churn": 0.2}, True),
        ({"no_human_rhythm": 0.7, "level_load": 0.5}, True),
        ({"no_human_rhythm": 0.5, "level_load": 0.8}, True),
        ({}, True),
    ],
)
def test_the_number_of_parties_says_little_where_people_work_by_day_and_nobody_was_banned(
    measured, counts
) -> None:
    about = {name: measurement((0, value)) for name, value in measured.items()}
    size = purpose(about, [cluster(range(100), ALL)], [100], 1_000).bits["pool_size"][0]
    assert bool(size > 3) is counts
    assert size > 0


STRANGERS = {"product": 8.0, "content": 8.0}


@pytest.mark.parametrize(
    ("voices", "everyone", "talk", "speaks"),
    [
        (STRANGERS, 9_000, 0.01, True),
        (STRANGERS, 300_000, 0.01, False),
        (STRANGERS, 300_000, 0.3, True),
        (STRANGERS, 300_000, None, True),
        (ALL, 300_000, 0.01, True),
    ],
)
def test_strangers_with_one_text_are_as_many_as_the_log_is_large(voices, everyone, talk, speaks) -> None:
    about = {} if talk is None else {"conversations": measurement((0, talk))}
    size = purpose(about, [cluster(range(100), voices)], [100], everyone).bits["pool_size"][0]
    assert bool(size > 0) is speaks


@pytest.mark.parametrize("everyone", [1_000, 1_000_000])
def test_few_parties_speak_against_a_harvest_however_large_the_log(everyone: int) -> None:
    for voices in (ALL, STRANGERS):
        few = purpose({}, [cluster(range(20), voices)], [20], everyone).bits["pool_size"][0]
        assert few == purpose({}, [cluster(range(20), ALL)], [20], 1_000).bits["pool_size"][0] < -5


def test_among_twice_as_many_groups_a_training_set_is_half_as_likely() -> None:
    about = purpose({"framed_prompts": measurement((0, 0.95))}, [cluster(POOL, ALL)], [60], 1_000)

    def odds(among: int) -> float:
        probability = float(about.probability(among)[0])
        return probability / (1 - probability)

    assert odds(10) == odds(ORDINARY_GROUPS) == odds(0)
    assert odds(2 * ORDINARY_GROUPS) == pytest.approx(odds(ORDINARY_GROUPS) / 2)
    assert odds(16 * ORDINARY_GROUPS) == pytest.approx(odds(ORDINARY_GROUPS) / 16)


BARE: dict[str, float] = {"framed_prompts": 0.05, "conversations": 0.02, "own_instruction": 0.95}
"""Bare tasks below an instruction that hardly anybody else sends."""


def controlled(at_least: float, **measured: float) -> float:
    """The same of a cluster whose members addresses link by so many bits each."""
    about = {name: measurement((0, value)) for name, value in measured.items()}
    voices = {name: voice for name, voice in ALL.items() if name not in ("network", "identity", "token")}
    return float(
        purpose(about, [cluster(POOL, {**voices, "network": at_least})], [len(POOL)], 1_000).total[0]
    )


def test_bare_tasks_below_an_instruction_of_their_own_are_framed() -> None:
    assert bits(**BARE) > bits(**BARE | {"own_instruction": 0.0}) + 6
    assert bits(**BARE | {"own_instruction": 0.01}) == bits(**BARE | {"own_instruction": 0.0})


def test_a_frame_of_its_own_adds_nothing_where_prompts_are_framed_already() -> None:
    framed = BARE | {"framed_prompts": 0.98}
    assert bits(**framed) == bits(**framed | {"own_instruction": 0.0})


@pytest.mark.parametrize(
    "product",
    [
        {"conversations": 0.15},
        {"no_human_rhythm": 0.5, "level_load": 0.5},
    ],
    ids=["is talked to", "is used by day"],
)
def test_an_instruction_of_a_product_frames_nothing(product: dict[str, float]) -> None:
    assert bits(**BARE | product) == bits(**BARE | product | {"own_instruction": 0.0})


def test_an_instruction_frames_what_one_hand_sends_and_not_a_products_customers() -> None:
    def gained(control: float) -> float:
        return controlled(control, **BARE) - controlled(control, **BARE | {"own_instruction": 0.0})

    assert gained(2.9) == 0
    assert gained(3.1) > 6


def test_an_injected_text_counts_from_two_bits_of_control_on() -> None:
    def gained(control: float) -> float:
        return controlled(control, fixed_injection=0.95) - controlled(control, fixed_injection=0.0)

    assert gained(1.9) == 0
    assert gained(2.1) > 3


def test_what_is_told_of_a_cluster_before_its_verdict_is_measured_before_it() -> None:
    assert {"own_instruction", "active_days", "excess_bans", "varied_slots"} <= DECIDING


def test_hours_that_a_weekend_fills_say_nothing_for_a_harvest() -> None:
    assert bits(no_human_rhythm=0.98, active_days=3.5) == bits(active_days=3.5)
    assert bits(no_human_rhythm=0.98, active_days=4.5) > bits(active_days=4.5) + 2
    asleep = {"no_human_rhythm": 0.3}
    assert bits(**asleep, active_days=2.0) == bits(**asleep) < bits() - 1


def test_what_mostly_continues_conversations_or_might_needs_more() -> None:
    def step(talk: float) -> float:
        return bits(conversations=talk) - bits(conversations=talk - 0.02)

    assert step(0.51) < step(0.49) - 0.8
    assert bits() < bits(conversations=0.49) - 0.3


def test_the_line_lies_at_one_bit_and_six_tenths() -> None:
    told = Purpose({}, {}, np.array([1.6, 1.55])).probability()
    assert told[0] >= SUREST_LINE > told[1]


@pytest.mark.parametrize(
    ("otherwise", "most"),
    [
        ({}, 1.5),
        ({"fresh_prompts": 0.66}, 4.2),
        ({"no_human_rhythm": 0.46}, 4.2),
        ({"conversations": 0.2}, 4.2),
        ({"churn": 0.06}, 4.2),
    ],
)
def test_how_many_pupils_come_back_to_the_same_questions_by_day_says_little(
    otherwise: dict[str, float], most: float
) -> None:
    pupils = {
        "no_human_rhythm": 0.37,
        "level_load": 0.86,
        "conversations": 0.43,
        "fresh_prompts": 0.5,
        "churn": 0.0,
    }
    about = {name: measurement((0, value)) for name, value in (pupils | otherwise).items()}
    found = purpose(about, [cluster(POOL, ALL)], [100], 1_000).bits["pool_size"][0]
    assert found == pytest.approx(most)


@pytest.mark.parametrize(("injected", "is_class"), [(0.0, True), (0.95, False)])
@pytest.mark.parametrize("days", [2.0, 20.0])
def test_talk_by_day_is_a_class_unless_it_carries_an_injected_text(
    injected: float, days: float, *, is_class: bool
) -> None:
    day = {"no_human_rhythm": 0.6, "conversations": 0.6, "fixed_injection": injected, "active_days": days}
    repeated = bits(**day, fresh_prompts=0.4) - bits(**day, fresh_prompts=0.95)
    assert (repeated < -4) is is_class


def test_stored_reasoning_blocks_speak_for_a_harvest_from_a_handful_of_partners_on() -> None:
    few, many = bits(stored_reasoning=2.0), bits(stored_reasoning=9.0)
    assert few == bits(stored_reasoning=0.0)
    assert many > few + 4


def test_a_measurement_that_is_missing_says_nothing() -> None:
    found = purpose({}, [cluster(POOL, ALL)], [len(POOL)], 1_000)
    about = {f.signal for f in FEATURES} - set(found.measured)
    assert {float(found.bits[name][0]) for name in about} == {0.0}


def test_want_of_prompts_costs_less_where_the_shape_of_requests_speaks() -> None:
    silent = {name: voice for name, voice in ALL.items() if name != "content"}
    told, untold = (
        float(purpose({}, [cluster(POOL, voices)], [len(POOL)], 1_000).total[0]) for voices in (ALL, silent)
    )
    assert untold < told < bits(framed_prompts=0.9)


def test_no_measurement_decides_alone() -> None:
    for feature in FEATURES:
        extreme = feature.bits(np.array([-1e9, 0.0, 1.0, 1e9]))
        assert np.abs(extreme).max() <= 12


def test_more_bits_are_a_greater_probability() -> None:
    clusters = [cluster(POOL, ALL)] * 3
    about = {"framed_prompts": measurement((0, 0.05), (1, 0.5), (2, 0.95))}
    probability = purpose(about, clusters, [60] * 3, 1_000).probability()
    assert np.all(np.diff(probability) > 0)
    assert 0 < probability.min() <= probability.max() < 1


def test_no_cluster_has_no_purpose() -> None:
    assert purpose({}, [], [], 1_000).probability().tolist() == []


def test_every_explanation_is_told_with_what_decides_it() -> None:
    told = lookalikes({e.signal: np.array([0.5]) for e in EXPLANATIONS}, 0)
    assert [t.name for t in told][: len(EXPLANATIONS)] == [e.name for e in EXPLANATIONS]
    assert all("%" in t.reason for t in told[: len(EXPLANATIONS)])


def test_an_explanation_that_could_not_be_tested_is_not_ruled_out() -> None:
    for told in lookalikes({}, 0)[: len(EXPLANATIONS)]:
        assert told.consistent
        assert "could not be tested" in told.reason


@pytest.mark.parametrize("explanation", EXPLANATIONS, ids=lambda e: e.name)
def test_an_explanation_fits_on_its_side_of_the_line_only(explanation: object) -> None:
    assert isinstance(explanation, type(EXPLANATIONS[0]))
    at = EXPLANATIONS.index(explanation)
    high, low = (lookalikes({explanation.signal: np.array([v])}, 0)[at].consistent for v in (1.0, 0.0))
    assert (high, low) == (explanation.above, not explanation.above)
