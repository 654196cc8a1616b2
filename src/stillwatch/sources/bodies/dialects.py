"""Request and answer as contract columns, in whatever dialect they are; streams and texts of JSON as well."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from stillwatch.registry import discover
from stillwatch.sources.bodies._base import Body
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import loaded

_json = msgspec.json.Decoder().decode


@cache
def bodies() -> Mapping[str, Body]:
    """The dialects there are, by name."""
    return discover("sources.bodies", Body)


def said(request: object, response: object, *, dialect: str = "") -> Row:
    """What request and answer tell, objects or texts of JSON; the answer may be a list of events, or a text of them.

    `dialect` names the body of the request where the envelope knows it; else it is recognised. The answer is recognised by
    itself, since gateways translate: only one that is like no dialect's is read in that of the request. `content_state` is
    absent where there is neither request nor answer, and left out where there is one.
    """
    asked, answered = loaded(request), _answer(response)
    events = [one for one in answered if isinstance(one, dict)] if isinstance(answered, list) else []
    asking, answering = _dialects(asked, events[0] if events else answered, bodies().get(dialect))
    row: Row = asking.request(asked) if asking and isinstance(asked, dict) else {}
    if answering and events:
        answered = answering.joined(events)
    if answering and isinstance(answered, dict):
        row = answering.response(answered) | row
    if "prompt" not in row and "response" not in row:
        row["content_state"] = "absent"
    return row


def _dialects(asked: object, answered: object, named: Body | None) -> tuple[Body | None, Body | None]:
    """The dialects of request and answer; each stands for the other where that is like none."""
    asking = named or (_first(asked, "asks", None) if isinstance(asked, dict) else None)
    answering = _first(answered, "answers", asking) if isinstance(answered, dict) else None
    return asking or answering, answering or asking


def _first(said: Mapping[str, Any], question: Literal["asks", "answers"], likely: Body | None) -> Body | None:
    """The first dialect that this is like, the likely one before all others."""
    some = (*([likely] if likely else []), *bodies().values())
    return next((body for body in some if said and getattr(body, question)(said)), None)


def _answer(response: object) -> Any:
    """An answer as an object or a list of events, parsed where it is a text."""
    if not isinstance(response, str):
        return response
    found = loaded(response)
    return events_of(response) or None if isinstance(found, str) else found


def events_of(stream: str) -> list[Any]:
    """The events in a text of server-sent events, those that are JSON; also of JSON lines."""
    events = []
    for line in stream.splitlines():
        data = line.removeprefix("data:").strip()
        if data.startswith("{"):
            try:
                events.append(_json(data))
            except (msgspec.DecodeError, RecursionError):
                continue
    return events
