"""The shared checks of exports find what they are for."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from stillwatch.registry import discover
from stillwatch.share._base import Export
from stillwatch.testing import ConformanceError, check_export, secrets

CSV = discover("share", Export)["csv"]


def told(words: str) -> Export:
    return replace(CSV, render=lambda shared, blind: CSV.render(shared, blind) + words.encode())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (secrets.ACCOUNTS[0], "tells nothing above its tier"),
        (secrets.PROMPT, "tells nothing above its tier"),
        (secrets.RANGE, "range of addresses"),
        (secrets.ACCOUNTS[1].encode().hex(), "tells nothing above its tier"),
        ("a house key for checks only", "tells the key"),
        ("<script>", "script"),
        ("\u202e", "no reader sees"),
    ],
)
def test_an_export_that_tells_too_much_is_named(words: str, said: str) -> None:
    with pytest.raises(ConformanceError, match=said):
        check_export(told(words))


def test_an_export_that_tells_nothing_of_its_marking_is_named() -> None:
    with pytest.raises(ConformanceError, match=r"(?s)TLP.*until when|how far it may go"):
        check_export(replace(CSV, render=lambda *_: b"simulated"))


def test_an_export_with_other_bytes_each_time_is_named() -> None:
    count = itertools.count()

    def render(*told: object) -> bytes:
        return CSV.render(*told) + str(next(count)).encode()  # type: ignore[arg-type]

    with pytest.raises(ConformanceError, match="other bytes"):
        check_export(replace(CSV, render=render))


def test_an_export_that_fails_is_named() -> None:
    def render(*_: object) -> bytes:
        raise KeyError("value")

    with pytest.raises(ConformanceError, match="KeyError"):
        check_export(replace(CSV, render=render))
