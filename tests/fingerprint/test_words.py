from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.vectors import WIDTH
from stillwatch.fingerprint.words import DIGIT, FNV, FOLD, TEXTS_TOGETHER, WORDS_TOGETHER, room, split
from tests.fingerprint.strategies import prompts

latin = st.text("abcXYZ019 .,\n-é“", max_size=200)
runs = st.lists(
    st.sampled_from(["a", "of", "Seven77", "x" * 8, "internationally", " ", "\n", "9", "naïve "])
).map("".join)


def told(*texts: str) -> list[tuple[list[int], int]]:
    """Words and script of texts that stand together."""
    parts = [text.encode() for text in texts]
    content = np.frombuffer(b"".join(parts) + b"z" * WIDTH, np.uint8)
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int32)
    held, scripts = room(max(map(len, parts))), np.zeros(len(texts), np.int8)
    found: list[list[int]] = []
    while len(found) < len(texts):
        some = split(content, offsets[len(found) :], FOLD, held, scripts[len(found) :])
        ends = held.until[: some + 1].tolist()
        found += [held.words[start:end].tolist() for start, end in pairwise(ends)]
    return list(zip(found, scripts.tolist(), strict=True))


def byte_by_byte(text: str) -> tuple[list[int], int]:
    """The same as it is written down."""
    words: list[int] = []
    key = previous = 0
    wide = sum(character >= "\u3000" for character in text)
    cyrillic = sum("\u0400" <= character < "\u0480" for character in text)
    for character in text:
        some = [int(FOLD[byte]) for byte in character.encode()]
        if key and (some == [0] or character >= "\u3000"):
            words.append(key)
            key = previous = 0
        for byte in some:
            if byte and not byte == previous == DIGIT:
                key = (key + byte) * int(FNV) % 2**64
            previous = byte
        if character >= "\u3000":
            words.append(key)
            key = previous = 0
    size = len(text.encode())
    return words + [key] * bool(key), 1 if 6 * wide > size else 2 if 3 * cyrillic > size else 0


@settings(deadline=None, max_examples=500)
@given(st.lists(prompts | latin | runs, min_size=1, max_size=4))
@example(["x" * 8, "a" * 63 + " " + "b" * 64 + "1"])
@example(["", "a" * 64, "", "逐步", ""])
@example(["a b " * WORDS_TOGETHER, "c", "шаг за"])
@example(["x"] * (2 * TEXTS_TOGETHER + 1))
@example(
    [
        "a" * 61 + "逐步",
        "b" * 62 + "逐c",
        "c" * 63 + "逐 1",
        "d" * 61 + "😀😀e",
        "e" * 63 + "😀",
        "逐" * 65,
        "ж" * 99,
    ]
)
def test_texts_have_the_same_words_together_and_many_bytes_at_a_time_as_byte_by_byte(texts):
    assert told(*texts) == [byte_by_byte(text) for text in texts]


@pytest.mark.parametrize("size", [*range(1, 20), 63, 64, 65, 127, 128])
def test_words_of_every_length_are_one_word(size):
    for text in ("w" * size, "W" * (size - 1) + "1", "1" + "w" * (size - 1), "é" + "w" * size):
        found = told("before", text)[1]
        assert found == byte_by_byte(text)
        assert len(found[0]) == 1
