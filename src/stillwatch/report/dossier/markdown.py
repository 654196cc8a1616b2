"""A dossier as Markdown: the same words, with nothing in them that a Markdown reader would take for markup."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from stillwatch.report.dossier.page import Page, set_with

TEMPLATE = "full.md.jinja"
_SIGNS = re.compile(r"^[#+=-]|[\\`*_{}\[\]|~$@<>&]")
"""Signs that mean something to some reader of Markdown: anywhere (raw HTML, templates, formulas, names to be called), or first on a line."""


def markdown(page: Page) -> str:
    """All fourteen parts as Markdown."""
    text = page.rendered(TEMPLATE, _environment(page))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _environment(page: Page) -> Environment:
    return set_with(page.templates).overlay(finalize=_escaped)


def _plain(text: str) -> Markup:
    """The text with a backslash before each sign that has a meaning. HTML's own signs become character references first."""
    one_line = " ".join(text.split())
    return Markup(_SIGNS.sub(_reference, one_line))  # noqa: S704


def _reference(found: re.Match[str]) -> str:
    sign = found[0]
    return f"&#{ord(sign)};" if sign in "<>&@" else f"\\{sign}"


def _escaped(value: Any) -> Any:
    return value if isinstance(value, Markup) or value is None else _plain(str(value))
