"""TAXII 2.1: a bundle of ours into a collection, and what a collection holds out of it.

Both go over taxii2-client (extra `[share]`), with bounds of our own: how much a server may answer with, how long it may take, and no
password in the clear but on this machine. Extension definitions stay out of what is pushed: servers of medallion's making
read their `version` as a time, and answer every later question with an error. If a collection holds some all the same, it is
asked type by type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stillwatch.errors import InputError, UsageError
from stillwatch.share.bundle import MOST_BYTES, MOST_OBJECTS
from stillwatch.share.sightings import KNOWN

EXTRA = "TAXII needs the package taxii2-client: pip install 'stillwatch[share]'."
PAGE = 500
TIMEOUT_SECONDS = 60
KEPT_BACK = frozenset({"extension-definition"})
CHUNK = 64 * 1024
_TIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z"
)


@dataclass(frozen=True)
class Collection:
    """A collection of a server, and who asks. `verify` is a file of certificates to trust, or None for the usual ones."""

    url: str
    user: str | None = None
    password: str | None = None
    verify: Path | None = None

    def __post_init__(self) -> None:
        """Refuse to send anything in the clear to another machine."""
        if is_in_the_clear(self.url):
            raise UsageError(
                f"The collection {self.url} is not behind https. Give its https address; http is for servers on this machine."
            )


@dataclass(frozen=True)
class Pushed:
    """What a server made of the objects: how many it took, and what it says of the others."""

    taken: int
    refused: tuple[str, ...]


def push(objects: Iterable[Mapping[str, Any]], collection: Collection) -> Pushed:
    """Put objects into a collection, page by page."""
    told = [o for o in objects if o["type"] not in KEPT_BACK]
    taken, refused = 0, []
    with _opened(collection) as door:
        for start in range(0, len(told), PAGE):
            status = _asked(
                collection, door.add_objects, {"objects": told[start : start + PAGE]}, timeout=TIMEOUT_SECONDS
            )
            taken += int(status.success_count or 0)
            refused += [
                f"{f.get('id')}: {f.get('message', 'no reason given')}" for f in status.failures or ()
            ]
    return Pushed(taken, tuple(refused))


def pull(collection: Collection, added_after: str | None = None) -> bytes:
    """What a collection holds, as a bundle that nobody vouches for."""
    if added_after is not None and not _TIME.fullmatch(added_after):
        raise UsageError(
            f"--added-after {added_after!r} is no time as TAXII writes it. Give one such as 2026-11-01T00:00:00Z."
        )
    with _opened(collection) as door:
        wanted: dict[str, Any] = {} if added_after is None else {"added_after": added_after}
        try:
            objects = list(_pages(door, wanted))
        except _ServerError:
            objects = [
                o
                for kind in sorted(KNOWN - KEPT_BACK - {"bundle"})
                for o in _pages(door, {**wanted, "type": kind})
            ]
    return (json.dumps({"type": "bundle", "objects": objects}, sort_keys=True) + "\n").encode("utf-8")


class _ServerError(InputError):
    """The server failed by itself, so that another question may do."""


def _pages(door: Any, wanted: dict[str, Any]) -> Iterator[Any]:
    count, more = 0, dict[str, str]()
    while True:
        page = _asked(None, door.get_objects, limit=PAGE, **wanted, **more)
        objects = page.get("objects", ())
        count += len(objects)
        if count > MOST_OBJECTS:
            raise InputError(
                f"The collection holds more than {MOST_OBJECTS:,} objects. Ask for less with --added-after."
            )
        yield from objects
        if not page.get("more") or not page.get("next") or not objects:
            return
        more = {"next": str(page["next"])}


def _asked(collection: Collection | None, ask: Any, *told: Any, **named: Any) -> Any:
    """An answer, or an error that says what the server said."""
    import requests  # noqa: PLC0415  comes with taxii2-client
    from taxii2client.exceptions import TAXIIServiceException  # noqa: PLC0415  an extra

    try:
        return ask(*told, **named)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        kind = _ServerError if status >= 500 else InputError
        raise kind(f"The server answered with status {status}. {_ADVICE.get(status, _OTHERWISE)}") from error
    except (requests.RequestException, TAXIIServiceException, ValueError) as error:
        where = f" {collection.url}" if collection is not None else ""
        raise InputError(f"The collection{where} cannot be used: {error}.") from error


_ADVICE = {
    401: "Give --user, and its password in STILLWATCH_TAXII_PASSWORD.",
    403: "This user may not do that there.",
    404: "There is no such collection: give the address that ends in /collections/ID/.",
    413: "The server takes less at a time.",
}
_OTHERWISE = "Ask whoever runs it."


def _opened(collection: Collection) -> Any:
    """The collection, over a connection that reads no more than a bundle may have."""
    try:
        from taxii2client import v21  # noqa: PLC0415  an extra
        from taxii2client.common import _HTTPConnection  # noqa: PLC0415  as above; it takes our session
    except ImportError as error:
        raise UsageError(EXTRA) from error
    connection = _HTTPConnection(
        user=collection.user,
        password=collection.password,
        verify=str(collection.verify) if collection.verify is not None else True,
        version="2.1",
    )
    connection.session.hooks["response"].append(_bounded)
    connection.session.request = partial(connection.session.request, timeout=TIMEOUT_SECONDS)
    connection.session.max_redirects = 0
    return v21.Collection(collection.url, conn=connection)


def _bounded(response: Any, **_: Any) -> None:
    """Read an answer up to a bound, before anybody reads it whole."""
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            response.close()
            raise InputError(
                f"The server answers with more than {MOST_BYTES:,} bytes. Ask for less with --added-after."
            )
    response._content = bytes(content)  # noqa: SLF001  what requests itself would have put there


def is_in_the_clear(url: str) -> bool:
    """Whether what is sent there could be read on the way: anything but https, and http to this machine."""
    parts = urlsplit(url)
    return not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or "")))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
