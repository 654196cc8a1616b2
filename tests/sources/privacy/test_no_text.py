"""Hashed words: nothing can be read, and what was alike stays alike, as the scan sees it."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.text import text_keys
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.privacy.kernels import siphash
from stillwatch.sources.privacy.key import Key
from stillwatch.sources.privacy.no_text import HashedWords, without_text

KEY = Key(b"a key that nobody is to see")
WORDS = HashedWords(KEY)
TEMPLATE = "You are an expert grader. Rate the answer below from 1 to 10 and explain each step: "
TEXTS = [
    TEMPLATE + "the lamp is green, and the house is old.",
    TEMPLATE + "the LAMP is green, and the house is old.",
    TEMPLATE + "a poem of seven lines about 17 ships.",
    TEMPLATE + "a poem of seven lines about 4 ships.",
    "What is a lamp?",
    "请解释一下什么是灯。How does it work, 你好 world2世界?",
    "请解释一下什么是灯。",
    "Привет, как дела? It’s “fine” — naïve café.",
    "",
    "...",
]


def hashed(texts: list[str]) -> list[str]:
    return WORDS.column(pa.array(texts, pa.string())).to_pylist()


def same(keys: np.ndarray) -> np.ndarray:
    return keys[:, None] == keys[None, :]


def test_no_word_can_be_read():
    letters = [set(re.findall(r"\w{3,}", text)) for text in hashed(TEXTS)]
    assert not any(
        words & set(re.findall(r"\w{3,}", text)) for words, text in zip(letters, TEXTS, strict=True)
    )
    assert all(
        re.fullmatch(r"[a-z2-7]{8}|0|[。]", word)
        for text in hashed(TEXTS)
        for word in re.findall(r"\w+", text)
    )


def test_numbers_become_0_and_punctuation_and_lines_stay():
    assert (
        re.sub(r"[a-z2-7]{8}", "W", hashed(["Do this:\n- 17 of 4,500\n- gpt4o (now!)"])[0])
        == "W W:\n- 0 W 0,0\n- W (W!)"
    )


def test_what_was_alike_is_alike_after_it_and_nothing_else():
    before, after = text_keys(pa.array(TEXTS)), text_keys(pa.array(hashed(TEXTS)))
    assert (before.words == after.words).all()
    for name in ("whole", "head", "tail"):
        assert (same(getattr(before, name)) == same(getattr(after, name))).all()


def test_requests_of_one_template_still_share_its_shingles():
    for texts in (TEXTS, hashed(TEXTS)):
        anchors = text_keys(pa.array(texts)).anchors
        assert len(set(anchors[0].tolist()) & set(anchors[2].tolist())) > 1
        assert not set(anchors[0].tolist()) & set(anchors[7].tolist()) - {0}


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_a_text_has_as_many_words_as_before(text):
    before, after = text_keys(pa.array([text])), text_keys(pa.array(hashed([text])))
    assert before.words[0] == after.words[0]


def test_the_hash_is_the_published_one():
    """The vector in the paper of SipHash-2-4: the bytes 0 to 14 under the key of the bytes 0 to 15."""
    halves = np.frombuffer(bytes(range(16)), "<u8")
    assert siphash(np.arange(15, dtype=np.uint8), *halves) == np.uint64(0xA129CA6149BE45E5)


def test_slices_nulls_and_other_types_of_text_are_hashed_alike():
    whole = pa.array(["no", "a lamp", None, "", "你好"])
    expected = [WORDS.text("a lamp"), None, "", WORDS.text("你好")]
    for texts in (whole.slice(1), whole.cast(pa.large_string()).slice(1)):
        assert WORDS.column(texts).to_pylist() == expected
        assert WORDS.column(texts).type == texts.type
    assert WORDS.column(pa.nulls(2, pa.string())).to_pylist() == [None, None]
    assert WORDS.column(pa.array([], pa.string())).to_pylist() == []


def test_the_same_key_gives_the_same_words_and_another_gives_others():
    assert HashedWords(KEY).text("a lamp") == WORDS.text("a lamp")
    assert HashedWords(Key(b"another key of the same house")).text("a lamp") != WORDS.text("a lamp")


def test_rows_with_text_say_that_it_is_hashed_and_types_stay():
    rows = [
        {"exchange_id": "a", "prompt": "What is a lamp?", "content_state": "full"},
        {"exchange_id": "b", "prompt": None, "content_state": "absent"},
        {"exchange_id": "c", "response": "A light.", "content_state": None},
    ]
    names = EXCHANGE.arrow.names
    batch = pa.RecordBatch.from_pylist(
        [{**dict.fromkeys(names), **row} for row in rows], schema=EXCHANGE.arrow
    )
    for name in ("content_state", "system_prompt"):
        place = names.index(name)
        batch = batch.set_column(place, name, batch.column(place).dictionary_encode())
    after = without_text(batch, WORDS)
    assert after.schema == batch.schema
    assert after.column("content_state").to_pylist() == ["hashed", "absent", "hashed"]
    assert after.column("prompt").to_pylist()[1] is None
    assert "lamp" not in str(after.to_pylist())


def test_a_batch_without_a_state_gets_one_whether_it_has_text_or_not():
    batches = [pa.RecordBatch.from_pylist([{"exchange_id": "a", "prompt": text}], schema=pa.schema(
        [("exchange_id", pa.string()), ("prompt", pa.string())])) for text in ("hi", None)]  # fmt: skip
    one, other = (without_text(batch, WORDS) for batch in batches)
    assert one.schema == other.schema
    assert [one.column("content_state")[0].as_py(), other.column("content_state")[0].as_py()] == [
        "hashed",
        None,
    ]


def test_repeated_texts_are_hashed_once_each():
    once = pa.array(["Be brief.", None, "Be brief."]).dictionary_encode()
    after = WORDS.column(once)
    assert len(after.dictionary) == 1
    assert after.to_pylist() == [WORDS.text("Be brief."), None, WORDS.text("Be brief.")]
