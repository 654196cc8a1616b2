"""What is seen in passing: names of products and known texts, batch after batch, and nothing else is kept."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch.attribute.mentions import Mentions, shingles
from stillwatch.fingerprint.door import keyed
from stillwatch.model.actor import Actor
from stillwatch.model.tables import EXCHANGE
from tests.attribute.made import TEXT, statement


def seen(*batches: list[tuple[str, str | None, str | None]]) -> Mentions:
    """Batches of account, system prompt and prompt."""
    actor = Actor(
        "a",
        "commercial lab",
        (statement("product_name", name="Actor (A) Chat"), statement("product_name", name="abc"), statement("template_sketch", text=TEXT)),
    )  # fmt: skip
    mentions = Mentions([actor])
    names = ("exchange_id", "account_id", "system_prompt", "prompt")
    for number, rows in enumerate(batches):
        told = [dict(zip(names, (f"{number}-{at}", *row), strict=True)) for at, row in enumerate(rows)]
        batch = pa.RecordBatch.from_pylist(told, pa.schema([EXCHANGE.arrow.field(n) for n in names]))
        mentions.see(batch, keyed(batch))
    return mentions


def test_a_product_is_counted_by_account_whatever_its_case_and_in_both_texts() -> None:
    mentions = seen(
        [("one", "You are ACTOR (A) CHAT.", None), ("one", None, "who is actor (a) chat"), ("two", None, "Actor A Chat")],
        [("three", None, None)],
    )  # fmt: skip
    assert mentions.counts == {"Actor (A) Chat": {"one": 2}}


def test_requests_around_a_known_text_are_found_by_position_over_batches() -> None:
    mentions = seen(
        [("one", None, "hello there"), ("one", None, f"{TEXT} and here is my task")],
        [("two", None, f"First a story. {TEXT}"), ("two", None, None), ("two", None, TEXT)],
    )
    assert mentions.rows(TEXT).tolist() == [1, 2, 4]


def test_a_text_that_nobody_asked_for_is_nowhere() -> None:
    assert seen([("one", None, TEXT)]).rows("something else").tolist() == []


@pytest.mark.parametrize("text", ["", "seven words are no run of eight", "   "])
def test_a_text_shorter_than_a_run_has_none(text: str) -> None:
    assert shingles(text).tolist() == []


def test_a_text_without_blanks_between_its_words_has_runs_too() -> None:
    assert len(shingles("请逐步推理下面的问题并给出完整的过程")) > 5
