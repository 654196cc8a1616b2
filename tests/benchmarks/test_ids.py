"""What counts as an id that was kept, and as a merge or split that is true."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    sys.modules.pop("ids", None)
    return importlib.import_module("ids")


def test_a_merge_that_is_told_explains_another_id_and_one_that_is_not_counts_as_changed(
    ids: ModuleType,
) -> None:
    pairs = {"joining": ids.Pair("host", is_merge=True)}
    apart = ids.Seen({"joining": {"U1"}, "host": {"U2"}}, [])
    joined = {"joining": {"U2"}, "host": {"U2"}}
    said = ids._counted([apart, ids.Seen(joined, [("U1", "merged into", "U2")])], pairs)
    silent = ids._counted([apart, ids.Seen(joined, [])], pairs)
    assert (said["changed_id"], said["told_rightly"], said["told_wrongly"]) == (0, 1, 0)
    assert (silent["changed_id"], silent["told_rightly"]) == (1, 0)


def test_a_split_of_campaigns_that_never_work_apart_is_told_wrongly_and_one_of_innocents_is_of_none(
    ids: ModuleType,
) -> None:
    pairs = {"leaving": ids.Pair("staying", is_merge=False)}
    seen = [
        ids.Seen({"leaving": {"U1"}, "staying": {"U1"}, "other": {"U3"}}, []),
        ids.Seen(
            {"leaving": {"U2"}, "staying": {"U1"}, "other": {"U4"}},
            [("U2", "split from", "U1"), ("U4", "split from", "U3"), ("U9", "split from", "U8")],
        ),
    ]
    told = ids._counted(seen, pairs)
    assert [e["true"] for e in told["told"]] == ["leaving", ids.WRONG, ids.OTHERS]
    assert (told["told_rightly"], told["told_wrongly"], told["changed_id"]) == (1, 1, 0)
