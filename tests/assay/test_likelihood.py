"""T2: a share of texts, so that the few that a reference knows by heart decide nothing."""

from __future__ import annotations

import numpy as np

from stillwatch.assay.likelihood import likelier, likelihood, ratio

TEXTS, NULLS = 400, 7


def ratios_of(models: int, seed: int) -> list[np.ndarray]:
    """Texts whose ratios are spread alike, but for a tenth that lies far above the rest: in one model more of these, in another fewer."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(models):
        ratios = rng.normal(0.01, 0.06, TEXTS)
        known = rng.random(TEXTS) < rng.uniform(0.05, 0.15)
        made.append(np.where(known, ratios + 0.5, ratios))
    return made


def test_the_texts_that_are_known_by_heart_do_not_hide_a_student() -> None:
    found = []
    for seed in range(20):
        student, *nulls = ratios_of(NULLS + 1, seed)
        found.append(likelihood(student + 0.03, nulls).p_model)
    assert np.mean(np.array(found) <= 0.01) >= 0.9


def test_models_that_know_other_shares_of_texts_by_heart_are_called_as_often_as_it_says() -> None:
    found = [likelihood(one, nulls).p_model for one, *nulls in (ratios_of(NULLS + 1, s) for s in range(400))]
    assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.085


def test_a_teacher_that_is_better_at_everything_finds_its_student_as_well() -> None:
    student, *nulls = ratios_of(NULLS + 1, 1)
    plain = likelihood(student + 0.03, nulls)
    assert plain.p_model < 0.01
    assert likelihood(student + 2.03, [null + 2 for null in nulls]) == plain


def test_half_of_all_texts_are_likelier_than_the_median() -> None:
    masks = likelier(ratios_of(NULLS, 2))
    assert [len(mask) for mask in masks] == [TEXTS] * NULLS
    assert np.concatenate(masks).sum() == NULLS * TEXTS // 2


def test_a_ratio_is_told_by_the_byte_against_the_mean_chance_of_the_references() -> None:
    teacher, references = np.log([0.5, 0.2]), [np.log([0.1, 0.2]), np.log([0.3, 0.2])]
    assert np.allclose(ratio(teacher, references, np.array([10.0, 0.0])), [np.log(2.5) / 10, 0.0])
