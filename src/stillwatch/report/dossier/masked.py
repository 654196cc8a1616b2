"""Prompts fit to be shown: secrets, addresses and figures masked, the middle left out, nothing hidden, nothing live."""

from __future__ import annotations

import re
from collections import Counter

from stillwatch.report.shown import shown
from stillwatch.sources.privacy.secrets import without_secrets

LOOKED_AT = 20_000
FIRST_WORDS, LAST_WORDS = 14, 6
MASKED_LENGTH, WHOLE_LENGTH = 240, 2_000

MAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24}"
_MAIL = re.compile(MAIL)
_LINK = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15})://\S+", re.IGNORECASE)
_FIGURES = re.compile(r"\d+")
_LONG = re.compile(r"\S{41,}")


def masked_prompt(prompt: str) -> str:
    """The prompt's first and last words, with secrets, mail addresses, links, figures and long strings masked."""
    text = without_secrets(prompt[:LOOKED_AT], Counter())
    text = _LINK.sub("[link]", _MAIL.sub("[mail]", text))
    text = _FIGURES.sub("#", _LONG.sub("[long string]", text))
    words = text.split()
    cut = len(words) - FIRST_WORDS - LAST_WORDS
    if cut > 0:
        more = " or more" if len(prompt) > LOOKED_AT else ""
        words = [*words[:FIRST_WORDS], f"[… {cut}{more} words …]", *words[-LAST_WORDS:]]
    return shown(" ".join(words), MASKED_LENGTH)


def whole_prompt(prompt: str) -> str:
    """The prompt as it was asked, but bounded, with hidden characters made visible, secrets masked and addresses defanged."""
    return shown(without_secrets(prompt[:LOOKED_AT], Counter()), WHOLE_LENGTH)
