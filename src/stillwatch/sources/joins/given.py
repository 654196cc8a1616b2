"""What a mapping file says, checked piece by piece: each error names the file, the key, what was found and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa

from stillwatch.errors import UsageError
from stillwatch.model.tables import TIMESTAMP, TableSchema
from stillwatch.sources.bodies.dialects import bodies
from stillwatch.sources.joins.shapes import BodyPlaces, Place

_ALLOWED = {
    "unit": "iso, s, ms, us, ns, ticks",
    "path": "a text, or a list of texts",
    "request": "a text, or a list of texts",
    "response": "a text, or a list of texts",
    "value": "a text, a number, true or false, or a list of texts",
    "equals": "a text, a number, true or false, or a list of such",
    "zone": "UTC, an offset such as +02:00, or a name such as Europe/Berlin",
    "hash": "true or false",
}
_VALUES: Mapping[pa.DataType, tuple[type, ...]] = {
    pa.string(): (str,),
    pa.int32(): (int,),
    pa.int64(): (int,),
    pa.float64(): (int, float),
    pa.bool_(): (bool,),
    pa.list_(pa.string()): (list,),
}
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


def zone_named(name: str) -> tzinfo | None:
    """The zone of a name or an offset; None if there is none."""
    if name == "UTC":
        return UTC
    if offset := _OFFSET.fullmatch(name):
        gap = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-gap if offset[1] == "-" else gap) if gap < timedelta(days=1) else None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


@dataclass(frozen=True)
class Given:
    """What a mapping file says, checked piece by piece."""

    file: str

    def fault(self, key: str, found: str, allowed: str) -> UsageError:
        """What is wrong, to be raised."""
        return UsageError(f"The mapping file {self.file}: {key} {found}. Allowed: {allowed}.")

    def known(self, name: str, names: tuple[str, ...], what: str) -> None:
        """Refuse a name that is none of these."""
        if name in names:
            return
        near = get_close_matches(name, names, n=1, cutoff=0.6)
        allowed = f"{near[0]} is near; all are {', '.join(names)}" if near else ", ".join(names)
        raise self.fault(name, f"is no {what}", allowed)

    def table(self, tree: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The table under a heading."""
        found = tree.get(key)
        if not isinstance(found, dict):
            raise self.fault(f"[{key}]", "is missing" if found is None else f"is {found!r}", "a table")
        return found

    def name(self, tree: Mapping[str, Any]) -> str:
        """What the format is called."""
        found = tree.get("name", "mapped")
        if not isinstance(found, str) or not _NAME.fullmatch(found):
            raise self.fault("name", f"is {found!r}", "small letters, digits and _, a letter first")
        return found

    def converted(self, key: str, found: Any, kind: Any) -> Any:
        """A value in the shape it must have."""
        try:
            return msgspec.convert(found, kind)
        except msgspec.ValidationError as error:
            inside = str(error).rpartition("at `$")[2].rstrip("`") if "at `$" in str(error) else ""
            at = inside.strip(".").partition("[")[0]
            value = found.get(at) if isinstance(found, dict) and at else found
            fields = ", ".join(getattr(kind, "__struct_fields__", ()))
            allowed = _ALLOWED.get(at) or (f"a table of {fields}" if fields else "a list of texts")
            raise self.fault(f"{key}.{at}" if at else key, f"is {value!r}", allowed) from error

    def place(self, name: str, found: Any, table: TableSchema) -> Place:
        """Where a column stands."""
        self.known(name, tuple(column.name for column in table.columns), f"column of {table.name}")
        if isinstance(found, str):
            return Place(path=found)
        key, is_time = f"columns.{name}", table[name].type == TIMESTAMP
        place: Place = self.converted(key, found, Place)
        if (place.path is None) == (place.value is None):
            raise self.fault(key, f"is {found!r}", "either a path or a value")
        self.fits(key, place, table[name].type)
        if not is_time and (place.unit != "iso" or place.zone is not None):
            raise self.fault(key, f"is {found!r}", f"unit and zone for times only, and {name} is none")
        if is_time and place.value is not None:
            raise self.fault(key, f"is {found!r}", "a path; no time is the same in all rows")
        if place.zone is not None and (place.unit != "iso" or zone_named(place.zone) is None):
            raise self.fault(
                f"{key}.zone", f"is {place.zone!r}", f"{_ALLOWED['zone']}, and with unit iso only"
            )
        return place

    def fits(self, key: str, place: Place, wanted: pa.DataType) -> None:
        """Refuse a value of another type than the column's, and hashes of what is no text."""
        allowed = _VALUES.get(wanted, ())
        if place.value is not None and allowed and type(place.value) not in allowed:
            raise self.fault(f"{key}.value", f"is {place.value!r}", f"a value of type {wanted}")
        if place.hash and wanted != pa.string():
            raise self.fault(f"{key}.hash", "is true", f"it for texts, and this column is {wanted}")

    def body(self, found: Any, table: TableSchema) -> BodyPlaces:
        """Where request and answer stand."""
        if table.name != "exchanges":
            raise self.fault("[body]", "is there", f"it for exchanges only, and this is for {table.name}")
        places: BodyPlaces = self.converted("body", found, BodyPlaces)
        if places.request is None and places.response is None:
            raise self.fault("[body]", "names neither request nor response", "one of them or both")
        if places.dialect and places.dialect not in bodies():
            raise self.fault("body.dialect", f"is {places.dialect!r}", ", ".join(bodies()))
        return places
