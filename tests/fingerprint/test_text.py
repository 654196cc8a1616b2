from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.kernels import ANCHORS, MIX_A, MIX_B, SEED
from stillwatch.fingerprint.probes import BIT
from stillwatch.fingerprint.text import TextKeys, string_keys, text_keys
from stillwatch.fingerprint.words import FNV
from tests.fingerprint.strategies import prompts
from tests.fingerprint.written import shingles, words

CHINESE = "请逐步推理并给出每一步的理由然后再写出最终的答案谢谢"
EIGHT = "one two three four five six seven eight"
ROWS = "Lyon,6101\nAustin,3421\nOsaka,6497\nLeeds,9894"


def keys(*texts: str | None) -> TextKeys:
    return text_keys(pa.array(texts, pa.string()))


def whole(text: str | None) -> int:
    return int(keys(text).whole[0])


def anchors(text: str | None) -> set[int]:
    return set(keys(text).anchors[0].tolist()) - {0}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Question 1: what is 17 times 4?", "question 20: what is 3 times 456789?"),
        ("id a1b", "id a22b"),
        ("Hello, World!", "hello world"),
        ("  hello\n\tworld  ", "hello world"),
        ("逐步 推理", "逐步推理"),
        ("第3题", "第1234题"),
    ],
)
def test_digits_case_and_punctuation_do_not_change_the_key_of_a_prompt(one, other):
    assert whole(one) == whole(other) != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("question 1", "question"),
        ("question 1 2", "question 12"),
        ("question 1", "question one"),
        ("ab cd", "abc d"),
        ("a b", "b a"),
        ("a a", "a"),
        ("推理", "理推"),
        ("шаг", "ШАГ"),
    ],
)
def test_other_words_are_another_key(one, other):
    assert 0 != whole(one) != whole(other) != 0


@settings(deadline=None, max_examples=300)
@given(prompts, prompts)
@example("", " .,!")
def test_two_prompts_share_a_key_where_they_share_their_words_and_only_there(one, other):
    first, second = keys(one), keys(other)
    assert first.words[0] == len(words(one))
    assert (first.whole[0] == second.whole[0]) == (words(one) == words(other))
    assert (first.whole[0] == 0) == (not words(one))


@settings(deadline=None, max_examples=300)
@given(prompts)
def test_there_are_as_many_anchors_as_runs_of_eight_words_but_at_most_eight(text):
    row = keys(text).anchors[0].tolist()
    held = [key for key in row if key]
    assert len(held) == min(ANCHORS, len(shingles(text)))
    assert held == sorted(set(held))
    assert row == held + [0] * (ANCHORS - len(held))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["step", "by", "reason", "the", "a"]), max_size=200), st.integers(1, 4))
@example(EIGHT.split(), 40)
@example([f"w{at}x" for at in "abcdefghijklmnopqrstuvwxyz"] * 2, 1)
def test_the_anchors_are_the_smallest_keys_of_the_runs_of_eight_words(some, times):
    text = " ".join(some * times)
    runs = [" ".join(run) for run in shingles(text)]
    assert anchors(text) == set(sorted(int(key) for key in keys(*runs).anchors[:, 0])[:ANCHORS])


@settings(deadline=None, max_examples=300)
@given(st.lists(prompts, min_size=2, max_size=6))
@example([EIGHT, EIGHT * 9, ROWS, "逐步推理", "one", EIGHT])
def test_texts_that_stand_together_have_the_keys_that_each_has_alone(texts):
    together = keys(*texts)
    for row, text in enumerate(texts):
        assert [of_all[row].tolist() for of_all in together] == [one[0].tolist() for one in keys(text)]


@settings(deadline=None)
@given(prompts, prompts)
def test_opening_and_ending_are_the_first_and_last_six_words(one, other):
    first, second = keys(one), keys(other)
    short = len(words(one)) < 6
    assert (first.head[0] == 0) == (first.tail[0] == 0) == short
    if not short:
        assert (first.head[0] == second.head[0]) == (words(one)[:6] == words(other)[:6])
        assert (first.tail[0] == second.tail[0]) == (
            len(words(other)) >= 6 and words(one)[-6:] == words(other)[-6:]
        )


def test_an_opening_is_no_ending():
    six = keys("one two three four five six")
    assert six.head[0] != six.tail[0]


def test_a_changed_word_in_the_middle_leaves_the_anchors_around_it():
    common = [f"word{chr(97 + at)}" for at in range(20)]
    one, other = (
        " ".join([*common[:10], middle, *common[10:]]) for middle in ("photosynthesis", "inflation")
    )
    shared = len(shingles(one) & shingles(other))
    assert shared == 6
    assert anchors(one) & anchors(other)


def test_anchors_of_a_repeated_text_are_those_of_the_text():
    cycle = f"{EIGHT} " * 3
    assert len(anchors(cycle)) == 8
    assert anchors(cycle) == anchors(cycle * 5)


def test_chinese_has_a_word_and_shingles_for_its_characters():
    assert keys(CHINESE).words[0] == len(CHINESE)
    assert len(anchors(CHINESE)) == ANCHORS
    assert len(anchors(CHINESE[:8])) == 1
    assert not anchors(CHINESE[:7])


def test_a_fixed_chinese_text_around_a_changing_one_is_found_again():
    fixed = "请仔细阅读下面的题目"
    one, other = fixed + "小明有三个苹果", fixed + "火车从北京开往上海"
    assert anchors(fixed) & anchors(one) & anchors(other)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("explain your reasoning", 0),
        ("", 0),
        ("1234 !?", 0),
        (CHINESE, 1),
        ("ステップごとに考えてください", 1),
        ("단계별로 설명해 주세요", 1),
        ("объясни шаг за шагом", 2),
        ("please translate 你好 into English for me, thanks", 0),
        ("请用 python 写一个函数", 1),
    ],
)
def test_the_script_is_that_of_most_characters(text, script):
    assert keys(text).script[0] == script


def test_no_text_and_empty_text_have_no_keys():
    none = keys(None, "", " \n.,")
    for name in ("whole", "head", "tail", "asks", "words", "anchors"):
        assert not getattr(none, name).any()


def test_a_null_among_texts_moves_no_other_text():
    mixed = keys("one two", None, "three", None, None, "", "four")
    alone = keys("one two", "", "three", "", "", "", "four")
    assert mixed.whole.tolist() == alone.whole.tolist()
    assert len(set(mixed.whole.tolist())) == 4


@settings(deadline=None)
@given(prompts, prompts, prompts)
def test_a_slice_of_an_array_has_the_keys_of_its_own_texts(one, two, three):
    for texts in (
        pa.array([one, two, three]),
        pa.array([one, None, three]),
        pa.array([one, two, three], pa.large_string()),
    ):
        part = text_keys(texts.slice(1, 1))
        alone = text_keys(pa.array(texts.slice(1, 1).to_pylist(), pa.string()))
        for got, expected in zip(part, alone, strict=True):
            assert got.tolist() == expected.tolist()
        assert string_keys(texts.slice(1)).tolist() == string_keys(texts).tolist()[1:]


def test_no_arrays_are_no_keys():
    assert all(len(each) == 0 for each in keys())
    assert len(string_keys(pa.array([], pa.string()))) == 0


def test_strings_keep_digits_and_case_apart():
    texts = pa.array(["curl/8.1", "curl/8.2", "Curl/8.1", "curl/8.1", None, ""])
    one, two, three, again, none, empty = string_keys(texts).tolist()
    assert len({one, two, three, 0}) == 4
    assert (again, none, empty) == (one, 0, 0)


def test_a_long_text_is_read_to_its_end():
    long = "word " * 200_000
    assert keys(long).words[0] == 200_000
    assert keys(long + "end").tail[0] != keys(long + "stop").tail[0]
    assert keys(long + "逐步").words[0] == 200_002


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (ROWS, True),
        (f"Think it over at length.\n{ROWS}\nThen respond.", True),
        (ROWS.replace(",", " | "), True),
        (ROWS.replace(",", "\t"), True),
        ("数据\n" + ROWS.replace(",", ";"), True),
        (ROWS.rpartition("\n")[0], False),
        (ROWS.replace("\n", "\nand\n"), False),
        ("first, we go\nthen, we stop\nnow, we sit\nlast, we rest", False),
        ("1, 2\n1, 2, 3\n1, 2\n1, 2, 3", False),
        ("", False),
        ("\n\n\n\n", False),
    ],
)
def test_lines_of_figures_with_the_same_separators_are_a_table(text, holds):
    assert bool(keys(text).asks[0] & BIT["table_rows"]) is holds


def plain_key(text: bytes) -> int:
    """FNV-1a and splitmix64's finaliser, as they are written down."""
    if not text:
        return 0
    h = int(SEED)
    for byte in text:
        h = (h ^ byte) * int(FNV) % 2**64
    h = (h ^ h >> 30) * int(MIX_B) % 2**64
    h = (h ^ h >> 27) * int(MIX_A) % 2**64
    return max(1, h ^ h >> 31)


@given(st.lists(st.none() | st.text(max_size=12), max_size=14), st.integers(0, 3))
def test_strings_have_the_keys_that_they_have_one_by_one(texts, cut):
    got = string_keys(pa.array(texts, pa.string())[cut:]).tolist()
    assert got == [plain_key((text or "").encode()) for text in texts[cut:]]
