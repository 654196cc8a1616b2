from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.vectors import WIDTH
from stillwatch.fingerprint.words import FOLD, TEXTS_TOGETHER, WORDS_TOGETHER, _split_any, room, split
from tests.fingerprint.strategies import prompts

latin = st.text("abcXYZ019 .,\n-é“", max_size=200)
runs = st.lists(
    st.sampled_from(["a", "of", "Seven77", "x" * 8, "internationally", " ", "\n", "9", "naïve "])
).map("".join)


def told(*texts: str) -> list[tuple[list[int], tuple[int, int]]]:
    """Words of texts that stand together, and what else splitting says of each."""
    parts = [text.encode() for text in texts]
    content = np.frombuffer(b"".join(parts) + b"z" * WIDTH, np.uint8)
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int32)
    held, found = room(max(map(len, parts))), []
    while len(found) < len(texts):
        some, *others = split(content, offsets[len(found) :], FOLD, held)
        ends = held.until[: some + 1].tolist()
        words = [held.words[start:end].tolist() for start, end in pairwise(ends)]
        found += [(one, (0, 0)) for one in words[:-1]] + [(words[-1], tuple(others))]
    return found


def byte_by_byte(text: str) -> tuple[list[int], tuple[int, int]]:
    content = np.frombuffer(text.encode(), np.uint8)
    words = np.zeros(len(content) // 2 + 2, np.uint64)
    count, *others = _split_any(content, FOLD, words)
    return words[:count].tolist(), tuple(others)


@settings(deadline=None, max_examples=500)
@given(st.lists(prompts | latin | runs, min_size=1, max_size=4))
@example(["x" * 8, "a" * 63 + " " + "b" * 64 + "1"])
@example(["", "a" * 64, "", "逐步", ""])
@example(["a b " * WORDS_TOGETHER, "c", "шаг за"])
@example(["x"] * (2 * TEXTS_TOGETHER + 1))
def test_texts_have_the_same_words_together_and_many_bytes_at_a_time_as_byte_by_byte(texts):
    assert told(*texts) == [byte_by_byte(text) for text in texts]


@pytest.mark.parametrize("size", [*range(1, 20), 63, 64, 65, 127, 128])
def test_words_of_every_length_are_one_word(size):
    for text in ("w" * size, "W" * (size - 1) + "1", "1" + "w" * (size - 1), "é" + "w" * size):
        found = told("before", text)[1]
        assert found == byte_by_byte(text)
        assert len(found[0]) == 1
