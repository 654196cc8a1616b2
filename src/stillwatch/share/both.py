"""What a private set intersection showed to be in both houses, as sightings of one's own casebook: never told to anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from stillwatch.errors import UsageError
from stillwatch.model.shared import Kind
from stillwatch.model.sighting import Sighting, Told
from stillwatch.share.heard import PSI_RULES
from stillwatch.share.policy import LIFETIME_DAYS, PERMITTED
from stillwatch.share.psi import State

SIGNALS: Mapping[str, tuple[str, Kind]] = {
    "payment": ("payment_instrument", "payment"),
    "domain": ("email_domain", "registration"),
    "address": ("shared_address", "network"),
}
"""The signal that reads values of each kind, and how long they are good for; accounts of two houses are never the same ones."""


def in_both(values: Sequence[str], state: State, peer: str, at: datetime) -> Told:
    """Values that the other house has too; `at` is when that was learnt."""
    if state.kind not in SIGNALS:
        raise UsageError(
            f"Values of kind {state.kind} are no trait that a scan compares; a casebook keeps {', '.join(sorted(SIGNALS))}. Leave --casebook out."
        )
    signal, kind = SIGNALS[state.kind]
    until = at + timedelta(days=LIFETIME_DAYS[kind])
    return Told(tuple(_sighting(value, signal, state, peer, (at, until)) for value in values))


def _sighting(value: str, signal: str, state: State, peer: str, good: tuple[datetime, datetime]) -> Sighting:
    digest = hashlib.sha256(f"{state.exchange} {value}".encode()).hexdigest()[:32]
    since, until = (moment.isoformat(timespec="seconds").replace("+00:00", "Z") for moment in good)
    return Sighting(
        sighting_id=f"psi--{digest}",
        maker=f"psi with {peer}",
        maker_name=peer,
        source=peer,
        finding="",
        sighted_as="unknown",
        signal=signal,
        told=value,
        is_token=False,
        key_rules=PSI_RULES,
        parties=1,
        confidence=0,
        admiralty="B2",
        first_seen=None,
        last_seen=None,
        valid_until=until,
        modified=since,
        tlp="red",
        permitted=PERMITTED,
        simulated=False,
    )
