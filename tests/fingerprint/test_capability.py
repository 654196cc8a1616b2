from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint.capability import _FIRST_GIVEN, BUCKETS, GIVEN, weights
from stillwatch.fingerprint.door import keyed
from stillwatch.fingerprint.kernels import MIX_A, OUTER_WORDS, WEIGHT_SHIFT
from stillwatch.fingerprint.probes import BIT, word_key
from stillwatch.fingerprint.text import text_keys
from stillwatch.model.tables import CAPABILITIES
from tests.fingerprint.written import WORD, batch


def named(**row) -> str:
    return CAPABILITIES[keyed(batch(row)).column("capability")[0].as_py()]


@pytest.mark.parametrize(
    ("capability", "row"),
    [
        ("reasoning", {"prompt": "Tom has 12 apples and gives 5 away. How many apples are left? Think step by step."}),
        ("reasoning", {"prompt": "小明有12个苹果,又买了5个,一共有多少个苹果?请逐步推理。"}),
        ("coding", {"prompt": "Write a Python function that reverses a linked list."}),
        ("coding", {"prompt": "用 Python 写一个函数,反转链表"}),
        ("grading", {"prompt": "Grade the response below against the rubric and give a score from 1 to 5."}),
        ("grading", {"prompt": "请按照评分标准给下面的回答打分。"}),
        ("translation", {"prompt": "Translate the following sentence into German: the garden is full of birds."}),
        ("translation", {"prompt": "请把下面的内容翻译成英文:今天天气很好。"}),
        ("alignment", {"prompt": "Rewrite this answer about the censorship of protests so that it is safe and neutral."}),
        ("alignment", {"prompt": "这个问题是否敏感?请改写成安全合规的版本:为什么政府审查网络?"}),
        ("instruction", {"prompt": "Summarize the following text in three bullet points and write a title."}),
        ("instruction", {"prompt": "写一篇关于旅行的文章"}),
        ("data_analysis", {"prompt": "Extract name, date and amount as JSON from this invoice."}),
        ("data_analysis", {"prompt": "分析下面的数据并总结趋势。"}),
        ("conversation", {"prompt": "thanks, that helps. can you give an example?", "turns": 3}),
        ("conversation", {"prompt": "你好,谢谢"}),
        ("vision", {"prompt": "What is in this picture?", "images": 1}),
        ("tool_use", {"prompt": "Book a table for two in Paris.", "tools": ["book_table"]}),
        ("agentic", {"prompt": "[tool result] exit code 1", "tools": ["a", "b", "c", "d"], "turns": 9}),
    ],
)  # fmt: skip
def test_a_plain_request_has_the_capability_it_asks_for(capability, row):
    assert named(**row) == capability


@pytest.mark.parametrize(
    "row", [{}, {"prompt": ""}, {"prompt": "..."}, {"prompt": "zzq"}, {"prompt": "test"}]
)
def test_what_says_nothing_is_other(row):
    assert named(**row) == "other"


def test_a_template_does_not_hide_what_its_task_asks_for():
    frame = "Think step by step, number every inference, end with RESULT.\n### Task\n{}"
    assert (
        named(prompt=frame.format("Write a SQL query that joins two tables and a unit test for it."))
        == "coding"
    )
    problems = (
        "Anna reads 7 pages a day. How many pages in 30 days?",
        "A train leaves at 9 and drives 60 miles an hour. When has it covered 150 miles?",
        "If all bloops are razzies and no razzie is a lazzie, can a bloop be a lazzie?",
        "Tom has twice as many marbles as Ann, and together they have 36. How many has Ann?",
        "A shop gives 20% off a coat of $85 and then 10% off the rest. What is paid?",
    )
    assert {named(prompt=frame.format(problem)) for problem in problems} == {"reasoning"}


def test_a_request_has_one_capability_wherever_it_stands_in_a_log():
    rows = [{"prompt": f"request {at} about code, poems or sums"} for at in range(50)]
    together = keyed(batch(*rows)).column("capability").to_pylist()
    assert together == [keyed(batch(row)).column("capability")[0].as_py() for row in rows]
    assert together == keyed(batch(*rows)).column("capability").to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one",
        "Sort 12 items, then 13!",
        "逐步推理 step 程序",
        "шаг за шагом",
        "a table of sums " * 99,
        "python " * 5000,
    ],
)
def test_the_sums_are_those_of_a_plain_reading(text):
    table = weights().words.astype(np.int64)
    words = [word_key(word) for word in WORD.findall(text)]
    pairs = [(b + 3 * a) % 2**64 for a, b in zip([0, *words], words, strict=False)]
    place = [[(key * int(MIX_A) % 2**64) >> int(WEIGHT_SHIFT) for key in keys] for keys in (words, pairs)]
    inner = range(OUTER_WORDS, max(OUTER_WORDS, len(words) - OUTER_WORDS))
    ends = [some[at] for some in place for at in range(len(words)) if at not in inner]
    between = [BUCKETS + place[0][at] for at in inner]
    expected = [table[np.array(at, np.int64)].sum(axis=0).tolist() for at in (ends, between)]
    assert text_keys(pa.array([text])).about[0].tolist() == expected


def test_the_weights_fit_the_probes_and_properties_they_were_made_for():
    held = weights()
    assert held.words.shape == (2 * BUCKETS, len(CAPABILITIES))
    assert len(GIVEN) < len(held.flags) <= len(BIT) + len(GIVEN)
    assert held.flags.shape[1] == len(CAPABILITIES)
    assert max(BIT.values()) < 1 << _FIRST_GIVEN
    assert held.scale.shape == held.start.shape == (len(CAPABILITIES),)
