"""What is found: students of the teacher by dose, and never by a key that was not used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.assay.agreement import agreement, agrees, first_word
from stillwatch.assay.canary import canary, chosen
from stillwatch.assay.deltas import delta, newcombe
from stillwatch.assay.equality import equality
from stillwatch.assay.likelihood import likelihood
from stillwatch.assay.radioactivity import WEIGHTINGS, decoy_keys, gathered, radioactivity, shares
from stillwatch.assay.served import served
from stillwatch.assay.several import holm, martingale
from stillwatch.assay.small.ngram import Mark
from stillwatch.mark.watermark import CERTAIN, green

DECOYS = decoy_keys(999, 1)
KEY = b"a key that was used"


def radioactive(asked, model, key: bytes = KEY):
    prompts = asked.people.prompts(300, 4)
    texts = model.write(prompts, 50, np.random.default_rng(5))
    return radioactivity(gathered(texts, prompts), key, DECOYS, green)


def test_a_student_of_plain_text_is_close_and_not_radioactive(asked) -> None:
    student = asked.people.student(900, asked.people.answers(3000, 30, 3), 0.4)
    assert agreement(asked.agreement(student), asked.agreements[:10]).p_model < 0.001
    assert likelihood(asked.ratio(student, 900), asked.ratios[:10]).p_model < 0.001
    assert radioactive(asked, student).p_value > 0.01


def test_a_student_of_marked_text_is_radioactive_under_our_key_alone(asked) -> None:
    marked = asked.people.answers(3000, 30, 3, Mark(KEY, green))
    student = asked.people.student(901, marked, 0.4)
    assert radioactive(asked, student).p_value == 0.001
    assert radioactive(asked, student, b"a key of another account set").p_value > 0.01
    assert likelihood(asked.ratio(student, 901), asked.ratios[:10]).p_model < 0.001


def test_agreement_misses_the_student_of_text_that_was_marked_without_a_gate(asked) -> None:
    def p_value(certain: float) -> float:
        marked = asked.people.answers(3000, 30, 3, Mark(KEY, green, certain=certain))
        student = asked.people.student(902, marked, 0.4)
        return agreement(asked.agreement(student), asked.agreements[:10]).p_model

    assert p_value(2.0) > 0.1
    assert p_value(CERTAIN) < p_value(2.0)


def test_a_word_that_has_half_of_the_share_is_never_outvoted(asked) -> None:
    """Where the teacher is that sure, marked and plain text are drawn alike; elsewhere green words are written more often."""
    teacher, prompts = asked.people.teacher, asked.people.prompts(4000, 12)
    before, last = prompts[:, -2], prompts[:, -1]
    is_sure = teacher.surest(before, last) >= CERTAIN
    assert 0.2 < is_sure.mean() < 0.8
    words = teacher.marked(before, last, np.random.default_rng(1), Mark(KEY, green))
    assert (words == teacher.draw(before, last, np.random.default_rng(1)))[is_sure].all()
    is_green = green([KEY], last[:, None], words)[0]
    assert is_green[~is_sure].mean() > is_green[is_sure].mean() + 0.2


def test_twins_look_close_and_no_key_says_that_they_were_taught(asked) -> None:
    p_values = []
    for seed in range(40):
        twin = asked.people.twin(seed)
        assert agreement(asked.agreement(twin), asked.agreements[:10]).p_model < 0.01
        p_values.append(radioactive(asked, twin, decoy_keys(1, 5000 + seed)[0]).p_value)
    assert sum(p <= 0.01 for p in p_values) <= 3
    assert sum(p <= 0.05 for p in p_values) <= 7


def test_scorers_among_the_nulls_would_hide_that_innocents_are_likely(asked) -> None:
    """The reason why scoring references and null models are different models."""
    scored = [asked.ratio(model, 50 + i) for i, model in enumerate(asked.scorers)]
    called = [likelihood(ratio, scored).p_model <= 0.05 for ratio in asked.ratios[:40]]
    assert np.mean(called) > 0.3


def test_tuples_that_stand_in_the_prompt_do_not_count() -> None:
    found = gathered([np.array([2, 3, 4, 9])], [np.array([1, 2, 3, 4, 7])])
    assert found.contexts.ravel().tolist() == [4, 7]
    assert found.tokens.tolist() == [9, 2]


def test_shares_of_green_are_the_same_in_whatever_order_they_are_added_up() -> None:
    rng = np.random.default_rng(3)
    text = rng.zipf(1.3, 3000) % 200
    found = gathered([text], [np.array([0])])
    order = rng.permutation(len(found.tokens))
    turned = replace(found, contexts=found.contexts[order], tokens=found.tokens[order], place=np.argsort(order)[found.place])  # fmt: skip
    for weighting in WEIGHTINGS:
        assert (
            shares(found, DECOYS[:50], green, weighting) == shares(turned, DECOYS[:50], green, weighting)
        ).all()


def test_an_answer_speaks_for_the_alternative_that_it_names_first() -> None:
    assert chosen(["In Oslo, not Bergen.", "oslo!", "Bergen"], ["Bergen", "Oslo", "Osl"]) == 1
    assert chosen(["Oslo", "Bergen"], ["Bergen", "Oslo"]) is None
    assert chosen(["", "none of them"], ["Bergen", "Oslo"]) is None
    assert chosen(["New York"], ["York", "New York"]) == 1


def test_canaries_of_different_sizes_have_the_exact_tail() -> None:
    found = canary([0, 0, 1], [0, 0, 0], [2, 4, 8])
    assert found.hits == 2
    assert found.p_value == pytest.approx((1 * 1 * 7 + 1 * 3 * 1 + 1 * 1 * 1 + 1 * 1 * 1) / 64)
    assert canary([1] * 6 + [0] * 18, [1] * 24, [16] * 24).p_value == pytest.approx(0.0031, abs=2e-4)


def test_first_words_are_compared_whatever_the_tokenizer() -> None:
    assert first_word("\n **The** cat") == "*"
    assert agrees(["The cat", "", "a dog"], ["the", "", "one"]).tolist() == [True, False, False]


def test_two_models_are_told_apart_and_one_is_not() -> None:
    rng = np.random.default_rng(3)
    draw = lambda letters: [["".join(rng.choice(list(letters), 5)) for _ in range(8)] for _ in range(10)]  # noqa: E731
    assert equality(draw("abcd"), draw("abce")).p_value <= 0.01
    assert equality(draw("abcd"), draw("abcd")).p_value > 0.01


def test_students_of_the_flagged_logs_are_nearer_to_their_own() -> None:
    found = served([0.30, 0.31, 0.29, 0.32], [0.40, 0.41, 0.42, 0.39])
    assert found.p_value == pytest.approx(1 / 70)
    assert found.floor == pytest.approx(1 / 70)
    assert served([], [0.2]).p_value == 1.0


def test_newcombes_interval_is_that_of_his_paper() -> None:
    """Table III of Newcombe (1998), method 10: 36, 12, 2 and 0 of 50."""
    assert newcombe(36, 12, 2, 0) == pytest.approx((0.0569, 0.3404), abs=5e-4)


def test_sameness_is_claimed_only_with_enough_items() -> None:
    ours = np.arange(2000) % 10 < 7
    assert delta(ours, ours).p_equivalence < 0.001
    assert delta(ours[:20], ours[:20]).p_equivalence > 0.05
    assert delta(ours[:0], ours[:0]).items == 0


def test_holm_steps_down_and_never_turns_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_bettor_on_a_served_canary_is_rich_soon() -> None:
    assert martingale([True, False, True, True], [1 / 16] * 4)[-1] > 100
