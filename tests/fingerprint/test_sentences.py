"""Where sentences begin and end, and what of a text is read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint import sentences
from stillwatch.fingerprint.words import FOLD
from tests.fingerprint.strategies import prompts
from tests.fingerprint.written import words


def split(text: str) -> list[str]:
    content = np.frombuffer(text.encode(), np.uint8)
    found = np.empty((sentences.CODES, 2), np.int64)
    count = sentences.spans(content, found)
    return [content[begin:end].tobytes().decode() for begin, end in found[:count].tolist()]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Solve this. Show the steps!", ["Solve this.", " Show the steps!"]),
        ("Version 3.14 of it, please", ["Version 3.14 of it, please"]),
        ("one whole line\nand another line", ["one whole line\n", "and another line"]),
        ("请逐步推理。然后给出答案！", ["请逐步推理。", "然后给出答案！"]),
        ("Why? no", []),
        ("", []),
    ],
)
def test_a_sentence_ends_with_its_mark_or_its_line(text: str, parts: list[str]) -> None:
    assert sorted(split(text)) == sorted(parts)


def test_of_a_long_text_the_first_four_and_the_last_four_sentences_are_read() -> None:
    text = " ".join(f"Sentence number {at}." for at in range(30))
    numbers = [int(part.split()[-1].rstrip(".")) for part in split(text)]
    assert sorted(numbers) == [0, 1, 2, 3, 26, 27, 28, 29]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["It is so here. ", "Is it so?\n", "short.", "x" * 20, "请逐步推理。", " "]),
        max_size=14,
    )
)
def test_sentences_do_not_overlap_and_are_characters_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    content = np.frombuffer(text.encode(), np.uint8)
    found = np.empty((sentences.CODES, 2), np.int64)
    spans = sorted(found[: sentences.spans(content, found)].tolist())
    assert all(0 <= begin < end <= len(content) for begin, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(part in text for part in split(text))


@settings(deadline=None)
@given(prompts)
def test_words_of_a_sentence_are_those_of_the_other_keys(text: str) -> None:
    content = np.frombuffer(text.encode(), np.uint8)
    keys, at = np.empty(sentences.MOST_WORDS, np.uint64), np.empty((sentences.MOST_WORDS, 2), np.int64)
    count = sentences._words(content, FOLD, keys, at)
    found = [content[begin:end].tobytes().decode() for begin, end in at[:count].tolist()]
    assert [word for each in found for word in words(each)] == words(text)[: sentences.MOST_WORDS]
