"""What becomes of a value that a mapping file names, by the column it is for.

A value that its column cannot hold is handled as everywhere: a text that says a number is one, and a row with anything
else is rejected with the column's name. Addresses lose their port, e-mail addresses all but their domain, card and
telephone numbers all but their first digits. A key in `api_key_id` that looks like one that opens something is hashed,
asked or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP, Column
from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.joins.account_values import card_bin, country, email_domain, phone_prefix
from stillwatch.sources.joins.given import zone_named
from stillwatch.sources.joins.headers import header_names, header_profile
from stillwatch.sources.joins.shapes import Place
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.moments import iso, since_1970, ticks
from stillwatch.sources.nested.values import items, text
from stillwatch.sources.privacy.secrets import is_secret

Turn = Callable[[Any], Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def turn_of(column: Column, place: Place) -> Turn:
    """What turns the values of that column."""
    if column.type == TIMESTAMP:
        return _moment(place)
    if place.hash:
        return lambda value: hashed(text(value))
    if column.name in _SPECIAL:
        return _SPECIAL[column.name]
    if column.type == pa.string():
        return text
    if column.type == pa.list_(pa.string()):
        return lambda value: items(value) if value is not None and value != "" else None
    return lambda value: (text(value) and value) if isinstance(value, str) else value


def _moment(place: Place) -> Turn:
    if place.unit == "ticks":
        return ticks
    if place.unit != "iso":
        unit = place.unit
        return lambda value: since_1970(value, unit)
    zone = zone_named(place.zone) if place.zone is not None else None
    if zone is None:
        return iso

    def local(value: Any) -> int | None:
        if (known := iso(value)) is not None or (naive := iso(value, utc=True)) is None:
            return known
        there = (_EPOCH + timedelta(microseconds=naive)).replace(tzinfo=zone)
        return (there - _EPOCH) // timedelta(microseconds=1)

    return local


def _key_id(value: object) -> str | None:
    told = text(value)
    return hashed(told) if told is not None and is_secret(told) else told


def _profile(value: object) -> str | None:
    return header_profile(header_names(value)) if isinstance(value, list) else text(value)


_SPECIAL: Mapping[str, Turn] = {
    "client_ip": address,
    "signup_ip": address,
    "api_key_id": _key_id,
    "header_profile": _profile,
    "email_domain": email_domain,
    "card_bin": card_bin,
    "phone_prefix": phone_prefix,
    "country": country,
}
