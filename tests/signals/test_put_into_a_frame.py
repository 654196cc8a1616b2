"""What is put into shared texts, how many were banned, and what stands below system prompts: values to the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2, sqrt

import pyarrow as pa
import pytest

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.fingerprint.probes import BIT
from stillwatch.signals import excess_bans, spliced_system, varied_slots
from stillwatch.signals._base import Signal

TYPES: Mapping[str, pa.DataType] = {
    "cluster": pa.int32(),
    "account": pa.int32(),
    "opens": pa.bool_(),
    "images": pa.int32(),
}
LATIN, CJK = 0, 1


def measured(signal: Signal, **relations: Sequence[Mapping[str, object]]) -> float | None:
    """What a signal measures of the only cluster; None where it says nothing."""
    with DuckDBEngine(threads=1) as engine:
        for name, rows in relations.items():
            columns = {key: [row[key] for row in rows] for key in rows[0]}
            engine.read(
                name, pa.table({k: pa.array(v, TYPES.get(k, pa.int64())) for k, v in columns.items()})
            )
        values = engine.query(signal.query)["value"].to_pylist()
    return values[0] if values else None


def asked(words: int, template: int = 7, **other: object) -> Mapping[str, object]:
    """A request that opens a conversation through a template."""
    row = {
        "cluster": 0,
        "template": template,
        "words": words,
        "opens": True,
        "token": 0,
        "images": None,
        "script": LATIN,
    }
    return {**row, **other}


def spread(*rows: Mapping[str, object]) -> float | None:
    return measured(varied_slots.SIGNAL, member_exchange=rows)


def test_the_spread_is_taken_within_each_template() -> None:
    assert spread(asked(10), asked(14)) == pytest.approx(sqrt(8))
    assert spread(asked(10), asked(14), asked(100, 8), asked(104, 8)) == pytest.approx(sqrt(8))
    assert spread(asked(10), asked(14), asked(90, 9)) == pytest.approx(sqrt(8)), "one of a kind says nothing"


@pytest.mark.parametrize("left", [{"template": 0}, {"opens": False}, {"words": 0}])
def test_what_opens_no_conversation_through_a_template_is_left_out(left: Mapping[str, object]) -> None:
    assert spread(asked(10), asked(14), {**asked(200), **left}) == pytest.approx(sqrt(8))


def test_a_long_text_counts_as_three_hundred_words() -> None:
    assert spread(asked(290), asked(5_000)) == spread(asked(290), asked(300)) == pytest.approx(sqrt(50))


@pytest.mark.parametrize("beside", [{"token": 5}, {"images": 2}])
def test_what_is_asked_beside_the_text_says_neither_that_it_is_a_corpus_nor_that_it_is_none(beside) -> None:
    assert spread(*[asked(12, **beside) for _ in range(6)]) == pytest.approx(5.0)


@pytest.mark.parametrize("words", [(10, 14, 11, 13), (40, 80, 120, 60)])
def test_a_text_of_signs_counts_as_one_of_half_as_many_words(words: Sequence[int]) -> None:
    signs = [asked(2 * count, script=CJK) for count in words]
    assert spread(*signs) == spread(*[asked(count) for count in words])


def bans(banned: int, members: int, others_banned: int = 0, others: int = 1_000) -> float | None:
    people = [(False, at < others_banned) for at in range(others)]
    rows = [(True, at < banned) for at in range(members)] + people
    account = [{"account": at, "banned": 1 if was else None} for at, (_, was) in enumerate(rows)]
    member = [{"account": at, "cluster": 0} for at, (mine, _) in enumerate(rows) if mine]
    return measured(excess_bans.SIGNAL, account=account, member=member)


def test_a_few_bans_are_likelier_of_a_pool() -> None:
    assert bans(3, 60) == pytest.approx(3 * log2(6) + 57 * log2(0.94 / 0.99))
    assert bans(0, 60) == 0


def test_where_many_are_banned_a_few_are_nothing_special() -> None:
    assert bans(3, 60, others_banned=197, others=940) == 0, "a fifth of all"
    tenth = 0.1 / 2
    assert bans(30, 60, others_banned=70, others=940) == pytest.approx(
        30 * log2(6) + 30 * log2((1 - 6 * tenth) / (1 - tenth))
    )
    assert bans(60, 60, others_banned=1_000) == pytest.approx(0.0), "all were"


def told(
    account: int, program: int, ending: int = 5, asks: str | None = "reason", cluster: int | None = 0
) -> Mapping[str, object]:
    """A request with a system prompt of a program, and what its last paragraph asks for."""
    last = BIT[asks] if asks else 0
    return {
        "cluster": cluster, "account": account, "system": 100 * program + account + 1, "system_opening": program,
        "system_ending": ending, "told_last": last,
    }  # fmt: skip


def spliced(
    mine: Sequence[Mapping[str, object]], others: Sequence[Mapping[str, object]] = ()
) -> float | None:
    return measured(spliced_system.SIGNAL, member_exchange=mine, exchange=[*mine, *others])


POOL = [told(at, 1 + at % 2) for at in range(12)]


def test_one_request_for_reasoning_below_two_programs_prompts_is_spliced() -> None:
    assert spliced(POOL) == 1.0
    assert spliced([*POOL, *[told(at, 3, ending=9, asks=None) for at in range(12)]]) == 0.5
    assert spliced([told(at, 1 + at % 2, asks="hidden") for at in range(12)]) == 1.0


@pytest.mark.parametrize(
    ("who", "rows"),
    [
        ("a gateway whose policy asks for nothing", [told(at, 1 + at % 2, asks=None) for at in range(12)]),
        ("a school with one program", [told(at, 1) for at in range(12)]),
        ("a school whose prompt begins with the pupil's name", [told(at, 1 + at) for at in range(12)]),
        ("one program and a trial of another", [told(at, 1 + (at == 0)) for at in range(12)]),
        ("two accounts", [told(at % 2, 1 + at // 6) for at in range(12)]),
    ],
)
def test_nobody_else_is_spliced(who: str, rows: Sequence[Mapping[str, object]]) -> None:
    assert spliced(rows) == 0.0, who


def test_what_more_others_send_is_no_text_of_the_cluster() -> None:
    assert spliced(POOL, [told(100 + at, 1 + at % 2) for at in range(12)]) == 1.0
    assert spliced(POOL, [told(100 + at, 1 + at % 2, asks=None) for at in range(13)]) == 0.0
