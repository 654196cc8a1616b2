"""Hostile text, made fit to be looked at."""

from __future__ import annotations

import unicodedata

import pytest

from stillwatch.report.shown import shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pay\u202egro", "pay\ufffdgro"),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("zero\u200bwidth \u2066isolate\u2069", "zero\ufffdwidth \ufffdisolate\ufffd"),
        ("two\n\tlines\u2028here", "two lines here"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
    ],
)
def test_hidden_characters_become_visible(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_stacks_of_marks_are_cut_down() -> None:
    assert shown("e" + "\u0301" * 500) == "e" + "\u0301" * 2


def test_a_megabyte_is_cut_to_the_limit() -> None:
    assert len(shown("x" * 1_000_000, 50)) == 50


def test_text_within_the_limit_is_left_alone() -> None:
    assert shown("grade the answer", 16) == "grade the answer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 203.0.113.7, twice", "from 203.0.113[.]7, twice"),
        ("203.0.113.0/24", "203.0.113[.]0/24"),
        ("2001:db8:0:1::/64", "2001:db8:0:1:[:]/64"),
        ("2001:db8::17", "2001:db8:[:]17"),
        ("see https://evil.example.com/x", "see hxxps://evil.example[.]com/x"),
        ("mail a.b@host.org", "mail a.b[@]host[.]org"),
    ],
)
def test_addresses_cannot_be_followed(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text", ["at 12:34:56", "gpt-4.1 and 3.5", "findings.json", "AML.T0024.002", "std::vector"]
)
def test_what_is_no_address_is_left_alone(text: str) -> None:
    assert shown(text) == text


def test_nothing_hidden_is_left_whatever_the_character() -> None:
    every = "".join(map(chr, range(0x3000)))
    categories = {unicodedata.category(c) for c in shown(every, 20_000)}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
