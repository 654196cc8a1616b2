"""The grammar that the capability model learns requests from has no loose ends."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stillwatch.model.tables import CAPABILITIES

FOLDER = Path(__file__).parents[2] / "benchmarks" / "capability"


@pytest.fixture
def worded(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    sys.modules.pop("worded", None)
    return importlib.import_module("worded")


def test_every_slot_of_the_wording_has_values(worded) -> None:
    held = worded.Worder(["a text"], 1)
    texts = [text for texts in worded.templates().values() for text in texts]
    texts += [text for values in (*held.slots.values(), *held.frames.values()) for text in values]
    assert {slot for text in texts for slot in worded.SLOT.findall(text)} <= {"passage", *held.slots}
    assert [text for text in texts if text.count("«") != text.count("»")] == []


def test_every_capability_is_worded_in_english_and_no_other_is(worded) -> None:
    capabilities = {capability for language, capability in worded.templates() if language == "en"}
    assert capabilities == set(CAPABILITIES)
    assert {capability for _, capability in worded.templates()} == set(CAPABILITIES)


def test_requests_are_drawn_alike_from_one_seed_and_hold_no_marks(worded) -> None:
    first = list(worded.Worder(["a text"], 1).examples(60, 5))
    assert first == list(worded.Worder(["a text"], 1).examples(60, 5))
    assert not any(mark in example["prompt"] for example in first for mark in "«»")
    assert all(example["prompt"] for example in first)
