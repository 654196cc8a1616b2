"""What a body is: the request and the answer of one API's dialect, as contract columns and back.

A body is one file in this room that binds the name `BODY`. Its functions take objects as JSON gave them, in which
anything may be missing or of another type than expected, and never raise; columns of which a body says nothing are left
out. All dialects agree on what the columns mean:

- `prompt` is the text of the last message that is not the model's own: what a person wrote or what a tool gave back,
  text parts joined by line ends;
- `turns` counts the messages of the request without those of the system, which some dialects hold elsewhere; it is left
  out where the request holds only what is new, because the server keeps the rest;
- `images` counts parts that are images, audio, video or files, in all messages of the request;
- `tools` are the names of the tools offered, in their order; an empty list is told as such, none as nothing;
- `tool_choice` is auto, none, required or named; `response_format` text, json_object or json_schema;
- `stop_reason` is as the API says it;
- `input_tokens` counts everything read, cached or not, and `output_tokens` everything made, reasoning included;
- `reasoning_token` is a hash of the first encrypted block of reasoning that the request brought along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first


@dataclass(frozen=True, kw_only=True)
class Body:
    """A dialect.

    `asks` and `answers` recognise a request and an answer, or the first event of a streamed one. `request` and `response`
    give contract columns. `joined` makes one answer of the events of a stream. `as_request` and `as_response` make
    bodies that give the same columns.
    """

    name: str
    asks: Callable[[Mapping[str, Any]], bool]
    answers: Callable[[Mapping[str, Any]], bool]
    request: Callable[[Mapping[str, Any]], Row]
    response: Callable[[Mapping[str, Any]], Row]
    joined: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]
    as_request: Callable[[Row], dict[str, Any]]
    as_response: Callable[[Row], dict[str, Any]]


REQUEST = frozenset(
    {
        *(
            "model",
            "system_prompt",
            "prompt",
            "turns",
            "tools",
            "images",
            "temperature",
            "top_p",
            "max_tokens",
        ),
        *("reasoning", "tool_choice"),
    }
)
"""Columns that every dialect's request can hold."""

RESPONSE = frozenset({"response", "stop_reason", "input_tokens", "output_tokens", "cached_input_tokens"})
"""Columns that every dialect's answer can hold."""


def joined_texts(texts: Iterable[object]) -> str | None:
    """The texts that say something, one a line; None if there is none. What is no text is left out."""
    return "\n".join([text for text in texts if isinstance(text, str) and text]) or None


def hashed(secret: object) -> str | None:
    """A hash by which one text can be known again and from which nothing of it can be read."""
    if not isinstance(secret, str) or not secret:
        return None
    return blake2b(secret.encode("utf-8", "replace"), digest_size=16).hexdigest()


def filled(row: Row, *names: str) -> bool:
    """Whether the row says something of any of these columns."""
    return any(row.get(name) is not None for name in names)


def tool_names(offered: object) -> list[str] | None:
    """The names of the tools that a list offers, functions by their names and built-ins by their types."""
    if not isinstance(offered, list):
        return None
    names = (at(one, "function", "name") or first(one, "name", "type") for one in offered)
    return [name for name in names if isinstance(name, str)]
