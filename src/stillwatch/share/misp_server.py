"""MISP by its API: events of ours onto a server, added if they are new there and brought up to date if they are not.

What the server holds is never read into the house. Only events under our own organisation go, and none that is TLP:RED. They go unpublished:
publishing, which sends them on to other servers, is for a person to do there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.errors import InputError, UsageError
from stillwatch.share.blind import Blind
from stillwatch.share.taxii import Pushed, is_in_the_clear

EXTRA = "MISP needs the package pymisp: pip install 'stillwatch[misp]'."
TIMEOUT_SECONDS = 60
RED = "tlp:red"


@dataclass(frozen=True)
class MispServer:
    """A MISP server, and the key of the user who asks. `verify` is a file of certificates to trust, or None for the usual ones."""

    url: str
    key: str
    verify: Path | None = None

    def __post_init__(self) -> None:
        """Refuse to send anything in the clear to another machine."""
        if is_in_the_clear(self.url):
            raise UsageError(
                f"The server {self.url} is not behind https. Give its https address; http is for servers on this machine."
            )

    def __repr__(self) -> str:
        """Nothing of the key."""
        return f"MispServer({self.url!r})"


def own_events(content: bytes, blind: Blind) -> list[dict[str, Any]]:
    """The events of a file that this house wrote with this key; any other is refused, and so is TLP:RED."""
    try:
        events = [dict(e["Event"]) for e in msgspec.json.decode(content)["response"]]
        theirs = [
            e for e in events if e["Orgc"]["uuid"] != blind.uuid("misp organisation", e["Orgc"]["name"])
        ]
        red = [e for e in events if RED in {tag["name"] for tag in e["Tag"]}]
    except (msgspec.MsgspecError, RecursionError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"This is no file that `stillwatch share --as misp` wrote: {error}.") from error
    if theirs:
        raise UsageError(
            f"{len(theirs)} events were not written by this house with this key. Only what `stillwatch share --as misp` wrote is "
            "pushed: what others handed you is theirs to pass on."
        )
    if red:
        raise UsageError(
            f"{len(red)} events are TLP:RED: for the eyes of named persons only, and a server has other readers. Hand the file over yourself."
        )
    return events


def push_events(events: Sequence[dict[str, Any]], server: MispServer) -> Pushed:
    """Put events on a server."""
    try:
        from pymisp import MISPEvent, PyMISPError  # noqa: PLC0415  an extra
        from requests import RequestException  # noqa: PLC0415  comes with pymisp
    except ImportError as error:
        raise UsageError(EXTRA) from error
    refused: list[str] = []
    try:
        door = _opened(server)
        for told in events:
            event = MISPEvent()
            event.load({"Event": deepcopy(told)})  # it takes apart what it is given
            is_there = door.event_exists(event)
            answer = door.update_event(event) if is_there else door.add_event(event)
            if not isinstance(answer, dict) or "Event" not in answer:
                refused.append(f"{told['uuid']}: {_reason(answer)}")
    except (PyMISPError, RequestException, ValueError) as error:
        raise InputError(
            f"The server {server.url} cannot be used: {_harmless(error, server)}. Is the key right, and may its user add events?"
        ) from error
    return Pushed(len(events) - len(refused), tuple(refused))


def _opened(server: MispServer) -> Any:
    """The server, once it has said who we are."""
    from pymisp import PyMISP  # noqa: PLC0415  an extra

    # it logs what a server answers, which may repeat what was sent
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    trusted = str(server.verify) if server.verify is not None else True
    return PyMISP(server.url, server.key, ssl=trusted, timeout=TIMEOUT_SECONDS, tool="stillwatch")


def _reason(answer: Any) -> str:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return str(errors)[:200] if errors else "no reason given"


def _harmless(error: Exception, server: MispServer) -> str:
    """What went wrong, in short and without the key."""
    return str(error).replace(server.key, "...")[:300]
