"""Which texts hold a word, looked for in all of them at once."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.lanes.columns import mention

WORD = "truncated"
PIECES = ("tr", "trunc", "ated", WORD, "trtruncatedx", "é", " " * 40)


def made(rng: random.Random) -> str | None:
    return None if rng.random() < 0.1 else "".join(rng.choices(PIECES, k=rng.randrange(6)))


def test_a_word_is_found_in_the_texts_that_hold_it_and_not_across_two() -> None:
    found = 0
    for seed in range(1500):
        rng = random.Random(seed)
        told = [made(rng) for _ in range(rng.randrange(9))]
        are = mention(pa.array(told, pa.string()), WORD)
        assert are.tolist() == [WORD in (text or "") for text in told]
        found += int(are.sum())
    assert found > 1000


def test_a_word_across_two_texts_is_in_neither() -> None:
    assert not mention(pa.array(["x trunc", "ated", "", "trun", None, "cated"]), WORD).any()


def test_texts_that_are_part_of_others_are_told_by_themselves() -> None:
    some = pa.array([WORD, None, "", f"x{WORD}", "ated"])
    assert mention(some[1:], WORD).tolist() == [False, False, True, False]
    assert mention(some[:2], WORD).tolist() == [True, False]
    assert mention(some[5:], WORD).tolist() == []


def test_where_no_text_is_nothing_is_mentioned_though_bytes_stand_there() -> None:
    some = pc.if_else(pa.array([True, False]), None, pa.array([WORD, WORD]))
    assert mention(some, WORD).tolist() == [False, True]
