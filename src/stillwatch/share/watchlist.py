"""A signed watchlist for one's own gateways: accounts, templates, programs and networks, each until it expires.

It is for the house that made it, so it holds keys and account ids as a guard looks them up, as far as the tier goes: texts
and programs at tier 1, networks at 2, accounts at 3. The file is a DSSE envelope, signed with Ed25519 (`--sign-key`), and good for
14 days after the end of the scanned log: a guard is only as fresh as the last scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from stillwatch.model.shared import Indicator, Shared, SharedFinding
from stillwatch.model.watchlist import WATCHLIST_TYPE, WATCHLIST_VERSION, WatchEntry, Watchlist
from stillwatch.share._base import Export, json_bytes
from stillwatch.share.blind import KEYS, Blind

GOOD_FOR_DAYS = 14


def render(shared: Shared, blind: Blind) -> bytes:  # noqa: ARG001  a guard looks up keys, not tokens
    """The watchlist, to be signed."""
    expires = _after(shared.made, GOOD_FOR_DAYS)
    entries = [e for finding in shared.findings for e in _entries(finding, expires)]
    withdrawn = shared.retraction is not None
    return json_bytes(
        asdict(
            Watchlist(
                version=WATCHLIST_VERSION,
                made=shared.made,
                expires=expires,
                key_rules=KEYS,
                producer=shared.producer.name,
                tlp=shared.handling.tlp,
                tier=shared.handling.tier,
                permitted=shared.handling.permitted,
                simulated=shared.simulated,
                withdrawn=withdrawn,
                entries=() if withdrawn else tuple(entries),
            )
        )
    )


def _entries(finding: SharedFinding, expires: str) -> Iterator[WatchEntry]:
    for indicator in finding.indicators:
        if is_looked_up(indicator):
            yield _entry(finding, indicator, expires)


def is_looked_up(indicator: Indicator) -> bool:
    """Whether a gateway can look it up: an account, or what the door makes of a request."""
    return indicator.account_id is not None or indicator.column is not None


def _entry(finding: SharedFinding, indicator: Indicator, expires: str) -> WatchEntry:
    return WatchEntry(
        kind=indicator.kind,
        finding=finding.name,
        verdict=finding.verdict,
        signal=indicator.signal,
        confidence=indicator.confidence,
        valid_from=indicator.valid_from,
        valid_until=min(indicator.valid_until, expires),
        account_id=indicator.account_id,
        column=indicator.column,
        key=indicator.key,
        value=indicator.value,
    )


def _after(time: str, days: int) -> str:
    return (datetime.fromisoformat(time) + timedelta(days=days)).isoformat().replace("+00:00", "Z")


EXPORT = Export(
    name="watchlist",
    suffix=".json",
    description="signed watchlist, for one's own gateways",
    render=render,
    reader="own",
    holds=is_looked_up,
    signed_as=WATCHLIST_TYPE,
)
