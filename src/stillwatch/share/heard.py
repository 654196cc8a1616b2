"""The door of the room for a scan: what the casebook holds of others' sightings, as a way to recognise what they name.

A token is compared by making ours of the same kind, which takes the key of the circle; without it only plain values are
recognised, and what a private set intersection showed to be in both houses. A scan has no clock: a sighting counts until the end
of the log has passed its own. What was seen in simulated traffic counts for simulated traffic alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from stillwatch.casebook.door import Place, casebook_room
from stillwatch.errors import UsageError
from stillwatch.fingerprint.text import address_keys, string_keys
from stillwatch.judge.sighted import Outside
from stillwatch.model.sighting import Sighting, Told
from stillwatch.share.blind import COMPARABLE, KEYS, Blind
from stillwatch.share.policy import kind_of, plain_value
from stillwatch.share.ways import together
from stillwatch.sources.privacy.key import key_from_file

PSI_RULES = "psi"
"""What a private set intersection showed is told by the value itself, and by nobody else than this house."""
NO_KEY = "Sightings name {count} tokens that were not compared: that takes the key of the circle (--circle-key-file)."


class Heard:
    """Sightings of a casebook, for one scan."""

    def __init__(
        self,
        parts: Sequence[Told] = (),
        spoke: Mapping[str, Mapping[str, str]] | None = None,
        blind: Blind | None = None,
    ) -> None:
        """Take what was told, which of it spoke for which campaign before, and what makes tokens if there is a key for it."""
        self._told = together(parts)
        self._spoke = spoke or {}
        self._blind = blind

    def on(self, day: str | None, *, simulated: bool) -> Outside:
        """What counts for a log that ends then."""
        if not self._told.sightings and not self._spoke:
            return Outside(is_told_on=self._blind is not None)
        standing = [
            s
            for s in self._told.sightings
            if (s.key_rules == PSI_RULES or s.simulated == simulated)
            and (day is None or day <= s.valid_until)
        ]
        told = _Told(standing, self._blind)
        return Outside(
            recognise=told.of if standing else None,
            signals=frozenset(s.signal for s in standing),
            is_told_on=self._blind is not None,
            notes=tuple(self._notes(standing)),
        )

    def _notes(self, standing: Sequence[Sighting]) -> Iterator[str]:
        tokens = sum(s.is_token for s in standing)
        if tokens and self._blind is None:
            yield NO_KEY.format(count=tokens)
        counts = {s.sighting_id for s in standing}
        for campaign_id, mine in self._spoke.items():
            gone = sorted({maker for name, maker in mine.items() if name not in counts})
            if gone:
                left = "some of it counts still" if counts & set(mine) else "it is weighed no more"
                yield (
                    f"What {', '.join(gone)} told and what spoke for {campaign_id} was taken back or has expired: {left}."
                )


def heard(place: Place, circle_key: str | Path | None) -> Heard:
    """What a scan hears of others: nothing without a casebook."""
    if place is None:
        if circle_key is not None:
            raise UsageError(
                "A key of a circle is for what a casebook holds of others. Give --casebook, too."
            )
        return Heard()
    if isinstance(place, Mapping):
        return Heard()
    parts, spoke = casebook_room("sightings").all_told(place)
    blind = None if circle_key is None else Blind.of_circle(key_from_file(Path(circle_key)))
    return Heard(parts, spoke, blind)


class _Told:
    """Standing sightings by what they name."""

    def __init__(self, sightings: Sequence[Sighting], blind: Blind | None) -> None:
        self._blind = blind
        self._by_value: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
        self._by_key: dict[tuple[str, int], list[Sighting]] = defaultdict(list)
        for sighting in sightings:
            if sighting.key_rules == PSI_RULES:
                self._by_key[sighting.signal, _key(sighting)].append(sighting)
            elif not sighting.is_token or sighting.key_rules == KEYS:
                self._by_value[sighting.signal, sighting.told].append(sighting)

    def of(self, signal: str, family: str, key: int, text: str) -> Sequence[Sighting]:
        """The sightings that name this trait."""
        found = list(self._by_key.get((signal, key), ()))
        kind = kind_of(family)
        plain = plain_value(kind, signal, text)
        if plain is not None:
            found += [s for s in self._by_value.get((signal, plain), ()) if not s.is_token]
        if self._blind is not None and kind in COMPARABLE:
            token = self._blind.trait(kind, signal, f"{key:016x}")
            found += [s for s in self._by_value.get((signal, token), ()) if s.is_token]
        return found


def _key(sighting: Sighting) -> int:
    """The key that the door makes of a value."""
    told = pa.array([sighting.told])
    keys = address_keys(told)[0] if sighting.signal == "shared_address" else string_keys(told)
    return int(keys[0])
