"""Rows by a mapping file: of exchanges, of accounts, of edge logs. What becomes of the values is told in `turns`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from stillwatch.model.tables import EXCHANGE, TIMESTAMP, Column
from stillwatch.sources._base import Source
from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.joins.mapping import HouseFormat
from stillwatch.sources.joins.places import EACH, reader
from stillwatch.sources.joins.shapes import BodyPlaces, Exclusion, Place, Scalar
from stillwatch.sources.joins.turns import turn_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row, Rows
from stillwatch.sources.nested.moments import written
from stillwatch.sources.nested.source import source

_TICKS_TO_1970 = 621_355_968_000_000_000


def mapped_source(form: HouseFormat) -> Source:
    """A source of exchanges that a mapping file describes."""
    return source(mapped_envelope(form))


def mapped_envelope(form: HouseFormat) -> Envelope:
    """The envelope of such a source."""
    identity = reader(form.columns["exchange_id"].path or "")
    return Envelope(
        name=form.name,
        description="a house format, as its mapping file says",
        looks_like=lambda record: identity(record) is not None,
        rows=rows_of(form),
        record=lambda row: _record(form, row),
        carries=frozenset(_carried(form)),
        packed=form.packed,
    )


def rows_of(form: HouseFormat) -> Rows:
    """What makes rows of a record: one, or why it is excluded."""
    fixed = {name: place.value for name, place in form.columns.items() if place.path is None}
    columns = [
        (name, reader(place.path), turn_of(form.table[name], place))
        for name, place in form.columns.items()
        if place.path is not None
    ]
    unwanted = [(reason, _is_one(rule)) for reason, rule in (form.exclude or {}).items()]
    body = _body(form.body) if form.body is not None else None
    required = form.table.required if form.table is not EXCHANGE else ()

    def rows(record: Record) -> Iterator[Row | Excluded]:
        for reason, holds in unwanted:
            if holds(record):
                yield Excluded(reason)
                return
        row: Row = body(record) if body is not None else {}
        row.update(fixed)
        for name, read, turn in columns:
            if (value := turn(read(record))) is not None:
                row[name] = value
        if row.get("content_state") == "absent" and ("prompt" in row or "response" in row):
            del row["content_state"]
        lacks = next((name for name in required if row.get(name) is None), None)
        yield row if lacks is None else Excluded(f"no {lacks}")

    return rows


def _body(places: BodyPlaces) -> Callable[[Record], Row]:
    request, response = reader(places.request or ""), reader(places.response or "")
    return lambda record: said(request(record), response(record), dialect=places.dialect)


def _is_one(rule: Exclusion) -> Callable[[Record], bool]:
    read = reader(rule.path)
    given = rule.equals if isinstance(rule.equals, list) else [rule.equals]
    wanted = frozenset(_plain(value) for value in given)
    return lambda record: _plain(read(record)) in wanted


def _plain(value: Scalar | object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _record(form: HouseFormat, row: Row) -> Mapping[str, Any]:
    """A flat record with the columns under their paths as names, as a row of a CSV file would have them."""
    record: dict[str, Any] = {}
    for name, place in form.columns.items():
        if place.path is not None and row.get(name) is not None:
            _put(record, place.path, _as_told(row[name], form.table[name], place))
    if form.body is not None and (dialect := bodies().get(form.body.dialect)):
        if form.body.request is not None:
            _put(record, form.body.request, dialect.as_request(row))
        if form.body.response is not None:
            _put(record, form.body.response, dialect.as_response(row))
    return record


def _put(record: dict[str, Any], path: str | list[str], value: Any) -> None:
    if isinstance(path, str):
        record[path] = value
        return
    for step in path[:-1]:
        record = cast("dict[str, Any]", record.setdefault(step, {}))
    record[path[-1]] = value


def _as_told(value: Any, column: Column, place: Place) -> Any:
    if column.type != TIMESTAMP:
        return value
    per_unit = {"s": value / 1_000_000, "ms": value / 1_000, "us": value, "ns": value * 1_000}
    return {**per_unit, "ticks": value * 10 + _TICKS_TO_1970, "iso": written(value)}[place.unit]


def _carried(form: HouseFormat) -> Iterator[str]:
    for name, place in form.columns.items():
        if place.path is not None and not place.hash and not str(place.path).endswith(EACH):
            yield name
    if form.body is not None and form.body.dialect:
        yield from REQUEST if form.body.request is not None else ()
        yield from RESPONSE if form.body.response is not None else ()
