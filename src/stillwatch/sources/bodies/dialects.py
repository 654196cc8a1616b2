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

    `dialect` names the body where the envelope knows it; else it is recognised. `content_state` is absent where there is
    neither request nor answer, and left out where there is one.
    """
    asked, answered = loaded(request), _answer(response)
    events = answered if isinstance(answered, list) else None
    head = next((one for one in events if isinstance(one, dict)), None) if events else answered
    body = bodies().get(dialect) or _recognised(asked, head)
    if body is None:
        return {"content_state": "absent"}
    row: Row = body.request(asked) if isinstance(asked, dict) else {}
    if events:
        answered = body.joined([one for one in events if isinstance(one, dict)])
    if isinstance(answered, dict):
        row |= body.response(answered)
    if "prompt" not in row and "response" not in row:
        row["content_state"] = "absent"
    return row


def _recognised(asked: object, answered: object) -> Body | None:
    for body in bodies().values():
        if isinstance(asked, dict) and asked and body.asks(asked):
            return body
    for body in bodies().values():
        if isinstance(answered, dict) and answered and body.answers(answered):
            return body
    return None


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
