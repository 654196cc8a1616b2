"""HTML → PDF, on paper of A4, with WeasyPrint (the extra `pdf`): no script runs, and nothing is fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from stillwatch.errors import UsageError
from stillwatch.model.finding import FAMILIES
from stillwatch.report.dossier.glyphs import readable
from stillwatch.report.dossier.page import sheet

MARKED = re.compile(r"/\* drawings:.*?\*/(.*?)/\* end of drawings \*/", re.DOTALL)
VARIABLE = re.compile(r"(--[\w-]+):\s*([^;]+);")
USE = re.compile(r"var\((--[\w-]+)\)")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
HUE = "var(--hue)"

EPOCH, NO_TIME = "SOURCE_DATE_EPOCH", "315532800"
"""The name that the specification of reproducible builds gives to a time, and the first second of 1980."""


def paper(page: str, title: str) -> bytes:
    """The page as PDF: the same page, the same bytes."""
    is_there()
    try:
        from weasyprint import HTML  # noqa: PLC0415  an optional dependency
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except OSError as error:
        raise UsageError(
            f"WeasyPrint is installed, but a system library that it needs is not: {error}. Install pango "
            "(Debian: libpango-1.0-0 and libpangoft2-1.0-0), or leave pdf out of --formats."
        ) from error
    whole = _for_paper(readable(page))
    with _at_no_time():
        return bytes(
            HTML(string=whole, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(
                font_config=FontConfiguration(), pdf_identifier=title.encode(), presentational_hints=False
            )
        )


@contextmanager
def _at_no_time() -> Iterator[None]:
    """Fonts that are cut to what is used hold the time at which that was done, unless one is set for reproducible builds."""
    before = os.environ.get(EPOCH)
    os.environ[EPOCH] = before or NO_TIME
    try:
        yield
    finally:
        if before is None:
            del os.environ[EPOCH]


def is_there() -> None:
    """Refuse, with what to do, if the extra is not installed."""
    if find_spec("weasyprint") is None:
        raise UsageError(
            "A PDF was asked for, but WeasyPrint is not installed. Install it with pip install 'stillwatch[pdf]' "
            "(it needs the system library pango), or leave pdf out of --formats: dossier.html prints as well."
        )


def _for_paper(page: str) -> str:
    """The page with a sheet for paper, and in each drawing the rules that it would take from the page in a browser."""
    drawings = f"<style>{drawing_sheet()}</style>"
    with_rules = re.sub(r"(<svg [^>]*>)", lambda m: m[1] + drawings, page)
    return with_rules.replace("</head>", f"<style>{sheet('paper.css')}</style></head>", 1)


def drawing_sheet() -> str:
    """The rules of drawings with plain colours, since a drawing on paper knows no variables."""
    style = sheet("style.css") + sheet("full.css")
    light = dict(VARIABLE.findall(style[: style.index("@media")]))
    marked = MARKED.search(style)
    assert marked is not None  # noqa: S101
    text = marked[1] + "\n".join(re.findall(r"^\.(?:shade|scale).*$", style, re.MULTILINE))
    rules = [
        rule for found in RULE.finditer(text) for rule in _plain(found[1].strip(), found[2].strip(), light)
    ]
    return "\n".join(rules)


def _plain(selector: str, body: str, light: dict[str, str]) -> list[str]:
    """One rule without variables; one that takes a family's hue becomes one a family."""
    if "--hue:" in body:
        return []
    families = [f"f-{name}" for name in (*FAMILIES, "other")] if HUE in body else [""]
    rules = []
    for family in families:
        filled = body.replace(HUE, f"var(--{family})")
        filled = USE.sub(lambda m: light.get(m[1], "#000").strip(), filled)
        rules.append(f"{selector}{f'.{family}' if family else ''} {{ {filled} }}")
    return rules
