"""The indicators that a guard holds: what to look up of a request, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from stillwatch.errors import InputError
from stillwatch.model.finding import Verdict
from stillwatch.model.shared import Kind

WATCHLIST_TYPE = "application/vnd.stillwatch.watchlist+json"
WATCHLIST_VERSION: Literal[1] = 1


@dataclass(frozen=True)
class WatchEntry:
    """One thing to look up, from when until when.

    Either `account_id`, or `key` in `column` of what the door makes of a request; `value` is the same for gateways that
    look at requests as they are. `finding` and `signal` say where it comes from, so that an answer can be explained.
    """

    kind: Kind
    finding: str
    verdict: Verdict
    signal: str
    confidence: int
    valid_from: str
    valid_until: str
    account_id: str | None = None
    column: str | None = None
    key: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Watchlist:
    """All entries. After `expires` none of them holds, whatever it says itself. `key_rules` name the rules of the keys."""

    version: Literal[1]
    made: str
    expires: str
    key_rules: str
    producer: str
    tlp: str
    tier: int
    permitted: str
    simulated: bool
    withdrawn: bool
    entries: tuple[WatchEntry, ...]


def read_watchlist(payload: bytes) -> Watchlist:
    """A watchlist from its JSON; anything else is refused."""
    try:
        return msgspec.json.decode(payload, type=Watchlist)
    except msgspec.MsgspecError as error:
        raise InputError(f"This is no watchlist of version {WATCHLIST_VERSION}: {error}.") from error
