"""Letters that no font of this machine holds: on paper they would be empty boxes, so it is said what stands there instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_BEYOND = re.compile(r"[^\x00-\u02ff]+")
LIKELY_FONTS = ("dejavu", "liberation", "noto")
"""Fonts that hold most of what a page needs are looked into first."""


def readable(page: str) -> str:
    """The page, with every run of letters that no font holds as a word on it; where fonts cannot be listed, the page as it is."""
    letters = {c for run in _BEYOND.findall(page) for c in run if unicodedata.category(c)[0] in "LMNPS"}
    lacking = letters - _held(letters)
    if not lacking:
        return page
    return re.sub(f"[{re.escape(''.join(sorted(lacking)))}]+", _told, page)


def _told(found: re.Match[str]) -> str:
    """How many characters of which script, as Unicode names it."""
    scripts = dict.fromkeys(unicodedata.name(c, "unnamed").partition(" ")[0] for c in found[0])
    return f"[{len(found[0])} characters, {' and '.join(list(scripts)[:3])}: no font here shows them]"


def _held(wanted: set[str]) -> set[str]:
    """Those of the letters that some font holds."""
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415  comes with WeasyPrint

    held: set[str] = set()
    for file in sorted(_files(), key=lambda f: (not any(name in f.lower() for name in LIKELY_FONTS), f)):
        if held == wanted:
            break
        try:
            with TTFont(file, fontNumber=0, lazy=True) as font:
                held |= {c for c in wanted - held if ord(c) in font.getBestCmap()}
        except (TTLibError, OSError, TypeError, AttributeError):
            continue
    return held or wanted


def _files() -> Iterator[str]:
    """The font files that fontconfig knows; none where this version of WeasyPrint does not tell."""
    try:
        from weasyprint.text.ffi import ffi, fontconfig  # noqa: PLC0415  an optional dependency

        config = fontconfig.FcInitLoadConfigAndFonts()
        fonts = fontconfig.FcConfigGetFonts(config, fontconfig.FcSetSystem)
        found = set()
        for at in range(fonts.nfont):
            value = ffi.new("FcChar8 **")
            if fontconfig.FcPatternGetString(fonts.fonts[at], b"file", 0, value) == fontconfig.FcResultMatch:
                found.add(ffi.string(value[0]).decode())
        fontconfig.FcConfigDestroy(config)
    except (ImportError, AttributeError, UnicodeDecodeError):
        return
    yield from found
