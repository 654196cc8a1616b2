"""What no font of the machine shows is told on paper in words, and is no row of empty boxes."""

from __future__ import annotations

import pytest

from stillwatch.report.dossier import glyphs
from stillwatch.report.dossier.glyphs import readable

pytest.importorskip("weasyprint", exc_type=(ImportError, OSError), reason="the extra [pdf] and pango")


def test_letters_that_a_font_holds_stay_as_they_are() -> None:
    assert (
        readable("<p>caf\u00e9, \u03b1\u03b2 \u2013 done</p>") == "<p>caf\u00e9, \u03b1\u03b2 \u2013 done</p>"
    )


def test_a_run_that_no_font_holds_is_counted_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_held", lambda wanted: wanted - set("\u4e2d\u6587\ud55c"))
    told = readable("<p>a \u4e2d\u6587 b \ud55c \u03b1</p>")
    assert told == (
        "<p>a [2 characters, CJK: no font here shows them] b [1 characters, HANGUL: no font here shows them] \u03b1</p>"
    )


def test_a_script_that_nobody_has_a_font_for_is_not_left_as_boxes() -> None:
    private = "\U000f1234"
    assert private in readable(private)
    assert "no font here shows them" in readable("\U00016f00") or glyphs._held({"\U00016f00"})


def test_where_fonts_cannot_be_listed_the_page_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_files", lambda: iter(()))
    assert readable("\u4e2d\u6587") == "\u4e2d\u6587"
