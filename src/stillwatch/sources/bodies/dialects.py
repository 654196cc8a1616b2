"""Request and answer as contract columns, in whatever dialect they are; streams and texts of JSON as well."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

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
    asked = loaded(request) if isinstance(request, str) else request
    answered = _answer(response)
    asking = bodies().get(dialect) or _asking(asked)
    if isinstance(answered, list):
        answering, answered = _joined(answered, asking)
    else:
        answering = _answering(answered, asking)
    row: Row = {}
    if isinstance(asked, dict) and (reading := asking or answering):
        row = reading.request(asked)
    if answering and isinstance(answered, dict):
        row = answering.response(answered) | row
    if "prompt" not in row and "response" not in row:
        row["content_state"] = "absent"
    return row


def _joined(events: list[Any], asking: Body | None) -> tuple[Body | None, Any]:
    """The dialect of a streamed answer, and the answer of which the events are pieces."""
    told = [one for one in events if isinstance(one, dict)]
    answering = _answering(told[0] if told else events, asking)
    return answering, answering.joined(told) if answering and told else events


def _asking(asked: object) -> Body | None:
    """The first dialect that this request is like."""
    if isinstance(asked, dict) and asked:
        for body in bodies().values():
            if body.asks(asked):
                return body
    return None


def _answering(answered: object, asking: Body | None) -> Body | None:
    """The dialect of the answer: that of the request before all others, and also where it is like none."""
    if not isinstance(answered, dict) or not answered or (asking and asking.answers(answered)):
        return asking
    for body in bodies().values():
        if body.answers(answered):
            return body
    return asking


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
            except (msgspec.DecodeError, RecursionError, UnicodeError):
                continue
    return events
