"""Client libraries, told by the headers of their requests and by their user agents.

The libraries that most providers publish send `x-stainless-lang` and `x-stainless-package-version`, and a user agent such
as `AsyncOpenAI/Python 1.99.1`; both say `openai-python/1.99.1`. Any other user agent is taken by its first word, if that is
a name with a version: `python-httpx/0.28.1`. Browsers all begin with the same one, which says nothing. Names of headers are
in lower case, as HTTP/2 has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from stillwatch.sources.nested.values import NOTHING, text

_LANGUAGE, _VERSION = "x-stainless-lang", "x-stainless-package-version"
_MAKERS = ("openai", "anthropic")
OWN = "anthropic-version"
HEADERS = (_LANGUAGE, _VERSION)
"""Headers that tell a library, and one that tells whose."""
_LONGEST = 64


def sdk(headers: object, user_agent: str | None) -> str | None:
    """The client library and its version, such as `openai-python/1.99.1`; None where nothing tells them."""
    known: Mapping[str, Any] = headers if isinstance(headers, dict) else NOTHING
    version = one(known.get(_VERSION))
    if version is None:
        return _named(user_agent) if user_agent else None
    language = one(known.get(_LANGUAGE))
    if language is None:
        return version.lower()[:_LONGEST]
    maker = _maker(known, user_agent) if "-" not in language else ""
    return f"{maker}{language}/{version}".lower()[:_LONGEST]


def stated(library: str) -> dict[str, str]:
    """Headers of which `sdk` makes this library again."""
    language, slash, version = library.rpartition("/")
    return {_LANGUAGE: language, _VERSION: version} if slash else {_VERSION: library}


def one(value: object) -> str | None:
    """A header's value, the first of several."""
    if isinstance(value, list):
        value = value[0] if value else None
    return text(value)


def _maker(headers: Mapping[str, Any], user_agent: str | None) -> str:
    """Who publishes the library: the headers of all of them are the same."""
    named = (_named(user_agent) or "") if user_agent else ""
    for maker in _MAKERS:
        if named.startswith(f"{maker}-"):
            return f"{maker}-"
    return "anthropic-" if OWN in headers else ""


@lru_cache(maxsize=65_536)
def _named(user_agent: str) -> str | None:
    words = user_agent[:256].lower().split(None, 2)
    name, slash, version = words[0].partition("/") if words else ("", "", "")
    if not slash or name == "mozilla":
        return None
    if version[:1].isdigit():
        return f"{name}/{version}"[:_LONGEST]
    maker = next((maker for maker in _MAKERS if maker in name), None)
    if maker is None or len(words) == 1 or not words[1][:1].isdigit():
        return None
    return f"{maker}-{version}/{words[1]}"[:_LONGEST]
