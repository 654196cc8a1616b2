"""A text round many tasks of one kind names them; one round several kinds does not, nor does a rare one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.judge.streams import Streams
from stillwatch.judge.task import LEAST_ASKED, tasks
from stillwatch.model.tables import CAPABILITIES

REASONING, CODING, OTHER, VISION = (
    CAPABILITIES.index(name) for name in ("reasoning", "coding", "other", "vision")
)
PROOFS, CODE = 7, 8
SHELL = 5


def named(
    capability: list[int],
    template: list[int],
    *,
    words: list[int | None] | None = None,
    extraction: list[float] | None = None,
    **more: list[int],
) -> list[int]:
    size = len(capability)
    conversation = more.get("conversation", [0] * size)
    first = [key == 0 or key not in conversation[:row] for row, key in enumerate(conversation)]
    keys = {name: more.get(name, [0] * size) for name in ("opening", "ending", "tools")}
    exchange = pa.table(
        {
            "task": pa.array(capability, pa.int8()),
            "words": pa.array(words or [12] * size, pa.int32()),
            "template": pa.array(template, pa.uint64()),
            **{name: pa.array(values, pa.uint64()) for name, values in keys.items()},
            "images": pa.array(more.get("images", [0] * size), pa.int32()),
            "account": pa.array([0] * size, pa.int32()),
            "ts": pa.array(range(size), pa.int64()),
            "conversation": pa.array(conversation, pa.uint64()),
            "turns": pa.array([1 if opens else 3 for opens in first], pa.int32()),
        }
    )
    certain = np.array(extraction or [1.0] * size)
    told: list[int] = tasks(exchange, Streams(np.arange(size), certain, 1.0)).tolist()
    return told


def test_what_most_tasks_of_one_text_are_named_all_are() -> None:
    assert named([REASONING] * 15 + [CODING] * 8, [PROOFS] * 23) == [REASONING] * 23


def test_a_text_round_tasks_of_several_kinds_leaves_their_names() -> None:
    mixed = [REASONING] * 12 + [CODING] * 10 + [OTHER] * 8
    assert named(mixed, [PROOFS] * 30) == mixed


def test_a_text_round_tasks_of_two_kinds_leaves_their_names() -> None:
    two = [REASONING] * 16 + [CODING] * 12
    assert named(two, [PROOFS] * 28) == two


def test_a_text_of_few_requests_names_nothing() -> None:
    few = [REASONING] * (LEAST_ASKED - 2) + [CODING]
    assert named(few, [PROOFS] * len(few)) == few


def test_requests_without_a_shared_text_keep_their_names() -> None:
    alone = [REASONING] * 20 + [CODING] * 5
    assert named(alone, [0] * 25) == alone


def test_the_text_round_most_requests_names_one_that_holds_two() -> None:
    capability = [REASONING] * 30 + [CODING] * 24
    template = [PROOFS] * 30 + [PROOFS] * 2 + [0] * 22
    assert named(capability, template, opening=[0] * 30 + [CODE] * 24) == [REASONING] * 32 + [CODING] * 22


def test_requests_of_others_and_those_without_words_keep_their_names_and_name_nothing() -> None:
    capability = [REASONING] * 20 + [CODING] * 40 + [OTHER]
    told = named(
        capability,
        [PROOFS] * 61,
        extraction=[1.0] * 20 + [0.2] * 40 + [1.0],
        words=[12] * 60 + [None],
    )
    assert told == capability


def test_one_text_with_tools_and_without_names_each_kind() -> None:
    capability = [REASONING] * 30 + [CODING] * 24 + [REASONING] * 6
    tools = [0] * 30 + [SHELL] * 30
    assert named(capability, [0] * 60, ending=[PROOFS] * 60, tools=tools) == [REASONING] * 30 + [CODING] * 30


def test_a_picture_told_as_one_stays_one() -> None:
    capability = [REASONING] * 30 + [VISION] * 4
    assert named(capability, [PROOFS] * 34, images=[0] * 30 + [1] * 2 + [0] * 2) == [
        *[REASONING] * 30, *[VISION] * 2, *[REASONING] * 2,
    ]  # fmt: skip


def test_what_follows_an_opening_of_the_harvest_belongs_to_its_task() -> None:
    capability = [CODING, OTHER] * 25
    conversation = [1 + row // 2 for row in range(50)]
    assert named(capability, [CODE, 0] * 25, conversation=conversation) == [CODING] * 50


def test_what_follows_with_a_text_of_its_own_is_its_own_task() -> None:
    capability = [CODING, REASONING] * 25
    conversation = [1 + row // 2 for row in range(50)]
    assert named(capability, [CODE, PROOFS] * 25, conversation=conversation) == capability


def test_what_follows_an_opening_of_nobodys_text_keeps_its_name() -> None:
    capability = [CODING, OTHER] * 25
    conversation = [1 + row // 2 for row in range(50)]
    assert named(capability, [0] * 50, conversation=conversation) == capability


def test_where_most_openings_are_peoples_own_what_follows_keeps_its_name() -> None:
    capability = [CODING, OTHER] * 25 + [REASONING] * 40
    conversation = [1 + row // 2 for row in range(50)] + list(range(100, 140))
    assert named(capability, [CODE, 0] * 25 + [0] * 40, conversation=conversation) == capability
