"""A text round many tasks of one kind names them; one round several kinds does not, nor does a rare one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.judge.streams import Streams
from stillwatch.judge.task import LEAST_ASKED, tasks
from stillwatch.model.tables import CAPABILITIES

REASONING, CODING, OTHER = (CAPABILITIES.index(name) for name in ("reasoning", "coding", "other"))
PROOFS, CODE = 7, 8


def named(
    capability: list[int],
    template: list[int],
    *,
    opening: list[int] | None = None,
    words: list[int | None] | None = None,
    extraction: list[float] | None = None,
) -> list[int]:
    size = len(capability)
    nothing = pa.array(np.zeros(size, np.uint64))
    exchange = pa.table(
        {
            "capability": pa.array(capability, pa.int8()),
            "words": pa.array(words or [12] * size, pa.int32()),
            "template": pa.array(template, pa.uint64()),
            "opening": nothing if opening is None else pa.array(opening, pa.uint64()),
            "ending": nothing,
        }
    )
    certain = np.array(extraction or [1.0] * size)
    return tasks(exchange, Streams(np.arange(size), certain, 1.0)).tolist()


def test_what_most_tasks_of_one_text_are_named_all_are() -> None:
    assert named([REASONING] * 15 + [CODING] * 8, [PROOFS] * 23) == [REASONING] * 23


def test_a_text_round_tasks_of_several_kinds_leaves_their_names() -> None:
    mixed = [REASONING] * 12 + [CODING] * 10 + [OTHER] * 8
    assert named(mixed, [PROOFS] * 30) == mixed


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
