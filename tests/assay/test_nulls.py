"""Over hundreds of innocent models each test rejects as often as it says, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
import pytest
from scipy import integrate, stats

from stillwatch.assay.agreement import agreement
from stillwatch.assay.betting import on_green
from stillwatch.assay.canary import canary
from stillwatch.assay.deltas import delta
from stillwatch.assay.equality import equality
from stillwatch.assay.likelihood import likelihood
from stillwatch.assay.models import predicted
from stillwatch.assay.radioactivity import WEIGHTINGS, decoy_keys, gathered, radioactivity
from stillwatch.assay.served import served
from stillwatch.assay.several import from_p, holm, martingale
from stillwatch.mark.watermark import green

LEVELS = (0.05, 0.01)
REFERENCES = 8


def within(p_values: Sequence[float], level: float) -> bool:
    """Rejections at the level lie in the interval that 99.9 % of exact tests would keep."""
    rejected, n = int(np.sum(np.array(p_values) <= level)), len(p_values)
    low, high = stats.binom.interval(0.999, n, level)
    return bool(low <= rejected <= high)


def at_most(p_values: Sequence[float], level: float) -> bool:
    """As above, for tests that may be conservative."""
    return int(np.sum(np.array(p_values) <= level)) <= stats.binom.interval(0.999, len(p_values), level)[1]


def groups(values):
    """Each innocent in turn as the suspect, with references drawn anew among the others."""
    rng = np.random.default_rng(3)
    for suspect in range(len(values)):
        others = rng.choice([i for i in range(len(values)) if i != suspect], REFERENCES, replace=False)
        yield values[suspect], [values[i] for i in others]


@pytest.mark.parametrize("level", LEVELS)
def test_agreement_calls_innocent_models_as_often_as_it_says(asked, level: float) -> None:
    found = [agreement(one, others) for one, others in groups(asked.agreements)]
    assert within([f.p_model for f in found], level)
    assert at_most([f.p_worst for f in found], level)
    assert at_most([f.p_rank for f in found], level)


@pytest.mark.parametrize("level", LEVELS)
def test_teacher_likelihood_calls_innocent_models_as_often_as_it_says(asked, level: float) -> None:
    found = [likelihood(one, others) for one, others in groups(asked.ratios)]
    assert within([f.p_model for f in found], level)
    assert at_most([f.p_worst for f in found], level)


def test_a_paired_test_against_one_reference_alone_calls_far_too_many(asked) -> None:
    found = [agreement(one, others[:1]).p_worst for one, others in groups(asked.agreements)]
    assert np.mean(np.array(found) <= 0.05) > 0.07


def test_radioactivity_calls_innocent_models_as_often_as_it_says(asked) -> None:
    prompts = asked.people.prompts(30, 4)
    p_values = {weighting: [] for weighting in WEIGHTINGS}
    for seed, model in enumerate(asked.innocents):
        texts = model.write(prompts, 30, np.random.default_rng([seed, 6]))
        key, *decoys = decoy_keys(100, seed)
        tuples = gathered(texts, prompts)
        for weighting, found in p_values.items():
            found.append(radioactivity(tuples, key, decoys, green, weighting=weighting).p_value)
    assert all(within(found, level) for found in p_values.values() for level in LEVELS)


def test_radioactivity_is_exact_on_text_that_repeats_itself() -> None:
    """Where the textbook binomial is not: one tuple stands a hundred times, and its colour decides."""
    rng = np.random.default_rng(1)
    p_values, textbook = [], []
    for seed in range(400):
        text = np.repeat(rng.integers(0, 50, (12, 2)), 40, axis=0).ravel()
        key, *decoys = decoy_keys(100, seed)
        found = radioactivity(gathered([text], [np.empty(0, np.int64)]), key, decoys, green)
        p_values.append(found.p_value)
        textbook.append(found.p_textbook)
    assert all(at_most(p_values, level) for level in LEVELS)
    assert np.mean(np.array(textbook) <= 0.05) > 0.15


def test_canaries_are_exact_whatever_a_model_prefers() -> None:
    rng = np.random.default_rng(2)
    preferred = rng.dirichlet(np.full(16, 0.1), 24)
    p_values = []
    for _ in range(2000):
        choices = [int(rng.choice(16, p=shares)) for shares in preferred]
        p_values.append(canary(choices, rng.integers(0, 16, 24).tolist(), [16] * 24).p_value)
    exact = {level: stats.binom.sf(stats.binom.isf(level, 24, 1 / 16), 24, 1 / 16) for level in LEVELS}
    for level, size in exact.items():
        low, high = stats.binom.interval(0.999, 2000, size)
        assert low <= np.sum(np.array(p_values) <= level) <= high


def test_equality_holds_its_level_between_two_days_of_one_model() -> None:
    rng = np.random.default_rng(4)
    p_values = []
    for seed in range(200):
        answers = [
            ["".join(rng.choice(list("abcd"), 6, p=[0.4, 0.3, 0.2, 0.1])) for _ in range(8)] for _ in range(6)
        ]
        halves = [a[:4] for a in answers], [a[4:] for a in answers]
        p_values.append(equality(*halves, permutations=99, seed=seed).p_value)
    assert all(within(p_values, level) for level in LEVELS)


def test_served_logs_are_not_called_where_students_do_not_differ() -> None:
    rng = np.random.default_rng(5)
    p_values = [served(rng.normal(size=5), rng.normal(size=5)).p_value for _ in range(1000)]
    assert all(within(p_values, level) for level in LEVELS)


def test_equivalence_is_claimed_at_most_as_often_as_said_where_the_margin_is_just_met() -> None:
    rng = np.random.default_rng(6)
    n, margin = 400, 0.05
    p_values, differences, covered = [], [], []
    for _ in range(1500):
        cells = rng.choice(4, n, p=[0.5, 0.125, 0.075, 0.3])
        ours, theirs = np.isin(cells, [0, 1]), np.isin(cells, [0, 2])
        found = delta(ours, theirs, margin=margin)
        p_values.append(found.p_equivalence)
        covered.append(found.low <= 0.05 <= found.high)
        cells = rng.choice(4, n, p=[0.5, 0.1, 0.1, 0.3])
        differences.append(delta(np.isin(cells, [0, 1]), np.isin(cells, [0, 2])).p_difference)
    assert all(at_most(p_values, level) for level in LEVELS)
    assert all(at_most(differences, level) for level in LEVELS)
    assert 0.93 < np.mean(covered) < 0.975


def test_a_bettor_against_the_null_is_rarely_ever_rich_however_long_one_looks() -> None:
    rng = np.random.default_rng(7)
    ever = [martingale(rng.random(200) < 1 / 16, [1 / 16] * 200).max() >= 20 for _ in range(500)]
    assert np.mean(ever) <= stats.binom.interval(0.999, 500, 0.05)[1] / 500


def test_a_bettor_on_green_tokens_is_rarely_ever_rich_over_innocent_models(asked) -> None:
    """However often one looks, and whatever a tuple weighs; a p-value that is looked at after each text is another matter."""
    prompts = asked.people.prompts(20, 4)
    rich, looked = dict.fromkeys(WEIGHTINGS, 0), 0
    for seed, model in enumerate(asked.innocents):
        texts = model.write(prompts, 30, np.random.default_rng([seed, 6]))
        key = decoy_keys(1, 9000 + seed)[0]
        tuples = gathered(texts, prompts)
        is_green = green([key], tuples.contexts, tuples.tokens)[0].astype(float)
        for weighting in rich:
            bets = on_green(tuples, is_green, np.arange(20) // 4 + 1, gamma=0.25, weighting=weighting)
            rich[weighting] += bets.p_value <= 0.05
        greens = np.cumsum(is_green[tuples.place])[49::50]
        looked += any(stats.binom.sf(g - 1, 50 * (at + 1), 0.25) <= 0.05 for at, g in enumerate(greens))
    assert max(rich.values()) <= stats.binom.isf(0.001, len(asked.innocents), 0.05)
    assert looked > 2 * max(rich.values())


def test_e_values_from_p_values_are_at_most_one_on_average() -> None:
    """The integral over p, with p = exp(-u): most of it lies where p is tiny."""
    assert 0.98 < integrate.quad(lambda u: from_p(exp(-u)) * exp(-u), 1e-3, 200, limit=200)[0] <= 1.0


def test_holm_holds_the_family() -> None:
    rng = np.random.default_rng(8)
    any_called = [min(holm(rng.random(5).tolist())) <= 0.05 for _ in range(4000)]
    assert np.mean(any_called) <= stats.binom.interval(0.999, 4000, 0.05)[1] / 4000


def test_a_prediction_interval_is_exact_for_normal_models_of_any_number() -> None:
    rng = np.random.default_rng(9)
    for models in (2, 5, 19):
        drawn = rng.normal(size=(3000, models + 1))
        assert all(within([predicted(row[0], row[1:].tolist()) for row in drawn], level) for level in LEVELS)
