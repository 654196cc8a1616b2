from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.broken import BREAKS, UNKNOWN_COLUMN

World = Callable[[str], Any]


@pytest.fixture(scope="module")
def planted(world: World) -> dict[str, list[bytes]]:
    made = world("dirty")
    lines = (made.folder / "exchanges.jsonl").read_bytes().split(b"\n")
    found: dict[str, list[bytes]] = {}
    for bad in json.loads((made.truth_folder / "broken.json").read_text()):
        assert bad["file"] == "exchanges.jsonl"
        found.setdefault(bad["kind"], []).append(lines[bad["line"] - 1])
    return found


def test_there_are_ten_kinds_of_broken_rows_and_a_column_nobody_knows(
    planted: dict[str, list[bytes]],
) -> None:
    assert len(BREAKS) == 10
    assert set(planted) == {*BREAKS, UNKNOWN_COLUMN}


@pytest.mark.parametrize("kind", ["invalid_utf8", "truncated_line", "null_byte"])
def test_lines_that_are_no_json_do_not_parse(planted: dict[str, list[bytes]], kind: str) -> None:
    for line in planted[kind]:
        with pytest.raises(ValueError):  # noqa: PT011 - three kinds of failure, one base
            json.loads(line)


def test_rows_break_as_their_kind_says(planted: dict[str, list[bytes]]) -> None:
    def rows(kind: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in planted[kind]]

    assert all("exchange_id" not in row for row in rows("missing_id"))
    assert all("ts" not in row for row in rows("missing_time"))
    assert all(isinstance(row["input_tokens"], str) for row in rows("wrong_type"))
    assert all(row["input_tokens"] > 2**31 for row in rows("out_of_range"))  # type: ignore[operator]
    assert all("x_shard" in row for row in rows(UNKNOWN_COLUMN))
    assert all(len(line) > ASSUMED.dirty.oversized_bytes for line in planted["oversized_line"])
    assert all(b"[" * ASSUMED.dirty.bomb_depth in line for line in planted["nested_bomb"])


def test_a_duplicate_comes_after_the_row_it_repeats(world: World) -> None:
    made = world("dirty")
    lines = (made.folder / "exchanges.jsonl").read_bytes().split(b"\n")
    for bad in json.loads((made.truth_folder / "broken.json").read_text()):
        if bad["kind"] == "duplicate_id":
            twin = json.loads(lines[bad["line"] - 1])["exchange_id"].encode()
            assert any(twin in line for line in lines[: bad["line"] - 1])


def test_good_rows_are_those_of_mixed(world: World) -> None:
    made = world("dirty")
    lines = (made.folder / "exchanges.jsonl").read_bytes().splitlines()
    planted = json.loads((made.truth_folder / "broken.json").read_text())
    broken = Counter(b["kind"] for b in planted)
    good = len(lines) - sum(n for kind, n in broken.items() if kind != UNKNOWN_COLUMN)
    assert good == world("mixed").table("exchanges").num_rows == made.truth("exchanges").num_rows
