"""A model of meanings that a case writes makes synonyms one, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stillwatch.registry import discover
from stillwatch.signals._base import Signal
from stillwatch.testing import ConformanceError, check_case, read_cases

CASES = Path(__file__).parents[1] / "signals" / "cases" / "same_meaning.yaml"


def test_a_paraphrase_is_found_by_its_synonyms_and_by_nothing_else() -> None:
    case = read_cases(CASES)[0]
    signal = discover("signals", Signal)["same_meaning"]
    check_case(signal, case)
    with pytest.raises(ConformanceError, match="the weakest planted account has 0"):
        check_case(signal, replace(case, synonyms=()))


def test_words_alone_do_not_find_that_paraphrase() -> None:
    case = read_cases(CASES)[0]
    with pytest.raises(ConformanceError, match="the weakest planted account has 0"):
        check_case(discover("signals", Signal)["shared_template"], case)
