"""Text from a log, made fit to be looked at: bounded, without hidden characters, defanged.

Prompts, traits and names are hostile input. Escaping for markup is not done here but by whoever renders;
this takes away what escaping leaves: direction overrides that turn a line round, control characters,
stacks of combining marks, megabytes, and addresses that a mail reader would turn into live links.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
MARKS = {"Mn", "Me"}
MOST_MARKS = 2

_IPV4 = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.(\d{1,3})\b")
_IPV6 = re.compile(
    r"(?<![\w:])((?:[0-9a-f]{1,4}:){5,7}|(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5})([0-9a-f]{0,4})(?![\w:])",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(h)tt(ps?)://", re.IGNORECASE)
_NAME = re.compile(
    r"\b((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4})"
    r"(com|net|org|io|ai|cn|ru|xyz|top|dev|app|info|biz|edu|gov|example)\b",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<=[\w.+-])@(?=[\w-])")


def shown(text: str, limit: int = 120) -> str:
    r"""The text on one line, at most `limit` characters long, with everything hidden made visible.

    >>> shown("pay\u202egro.live at 203.0.113.7")
    'pay�gro.live at 203.0.113[.]7'
    """
    bounded = text[: limit * 8]
    visible = " ".join(_visible(bounded).split())
    safe = defanged(visible)
    is_cut = len(safe) > limit or len(text) > len(bounded)
    return f"{safe[: limit - 1].rstrip()}…" if is_cut else safe


def defanged(text: str) -> str:
    """The text with addresses that no reader can follow by accident: 203.0.113[.]7, hxxps://, host[.]com."""
    text = _SCHEME.sub(r"\1xx\2://", text)
    text = _IPV4.sub(r"\1[.]\2", text)
    text = _IPV6.sub(lambda m: f"{m[1][:-1]}[:]{m[2]}", text)
    text = _NAME.sub(lambda m: f"{m[1][:-1]}[.]{m[2]}", text)
    return _MAIL.sub("[@]", text)


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in MARKS else 0
        if marks > MOST_MARKS:
            continue
        kept.append(_character(character, category))
    return "".join(kept)


def _character(character: str, category: str) -> str:
    if character in "\n\r\t" or category in {"Zl", "Zp", "Zs"}:
        return " "
    return REPLACEMENT if category in HIDDEN else character
