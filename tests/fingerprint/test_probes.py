from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch.fingerprint import probes as room
from stillwatch.fingerprint.probes import BIT, PROBES, lost_phrases
from stillwatch.fingerprint.text import text_keys

PHRASES = [(name, phrase) for name, phrases in PROBES.items() for phrase in phrases]


def asked(text: str) -> set[str]:
    found = int(text_keys(pa.array([text])).asks[0])
    return {name for name, bit in BIT.items() if found & bit}


def test_no_phrase_is_lost_to_another_that_has_its_slot():
    assert lost_phrases() == []


def test_a_table_with_too_few_slots_says_which_phrases_it_lost(monkeypatch):
    monkeypatch.setattr(room, "PROBE_SHIFT", 58)
    lost = lost_phrases()
    assert len(lost) > 100
    assert set(lost) < set(PHRASES)


def test_a_phrase_that_two_probes_name_is_lost_to_the_second(monkeypatch):
    monkeypatch.setattr(
        room, "PROBES", {"reason": ("step by step",), "math": ("equation", "one step by step")}
    )
    assert lost_phrases() == [("math", "one step by step")]


def test_every_probe_has_a_bit_of_its_own_that_fits():
    assert len(set(BIT.values())) == len(PROBES)
    assert max(BIT.values()) < 2**63


@pytest.mark.parametrize(("name", "phrase"), PHRASES)
def test_every_phrase_is_found_in_text_that_holds_it(name, phrase):
    assert name in asked(phrase)
    assert name in asked(f"Zzq, {phrase.upper() if phrase.isascii() else phrase}; zzq!")


@pytest.mark.parametrize(
    "text", ["", "zzq", "stepping by stepping", "程", "пошаговый", "jsons", "pythonic", "step. by"]
)
def test_words_that_only_resemble_a_phrase_ask_for_nothing(text):
    assert asked(text) == set()


def test_a_pair_is_a_pair_in_its_order():
    assert asked("zzq by step") == {"reason"}
    assert asked("zzq step by") == set()
