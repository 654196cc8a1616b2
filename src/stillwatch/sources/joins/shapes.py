"""The shape of a mapping file, piece by piece; `mapping` shows a whole one."""

from __future__ import annotations

from typing import Literal

import msgspec

Text = str | list[str]
Scalar = str | int | float | bool


class Place(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a column stands: a path, or one value for all rows. `unit` and `zone` are for times, `hash` for secrets."""

    path: Text | None = None
    value: Scalar | list[str] | None = None
    unit: Literal["iso", "s", "ms", "us", "ns", "ticks"] = "iso"
    zone: str | None = None
    hash: bool = False


class BodyPlaces(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where request and answer stand, and in which dialect they are."""

    request: Text | None = None
    response: Text | None = None
    dialect: str = ""


class Exclusion(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Records are excluded whose value at `path` is one of these; numbers and true or false count as they are written."""

    path: Text
    equals: Scalar | list[Scalar]


class File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A mapping file."""

    columns: dict[str, str | Place]
    name: str = "mapped"
    packed: list[str] = []
    body: BodyPlaces | None = None
    exclude: dict[str, Exclusion] = {}
