"""Edge logs: what stands before the model's API tells addresses, TLS fingerprints and header orders that the gateway hides.

Read are JSON lines, JSON, CSV and Parquet of Envoy access logs, AWS WAF, CloudFront (standard logs v2 as JSON, real-time
logs with a header row), Cloudflare HTTP requests, and anything else by a mapping file. Columns are known by their usual
names; what an operator calls otherwise needs a mapping.

- The request id must be the one that the gateway kept. An AWS WAF log holds the load balancer's or the distribution's,
  Cloudflare the Ray ID without the place that the header `cf-ray` adds.
- Of several addresses the connection's is taken before that of a forwarding header, unless the connection comes from the
  inner network. Of a forwarding header the right-most public address counts: what stands further left a client can write,
  and so lay its requests at somebody else's door.
- Numbers of time are seconds or parts of them by their size; texts without a zone are UTC, as all these logs are.
- A header order is told by a list only. An object of headers has no order that anyone promises.
- A record without a request id is counted as `no request_id`. CloudFront's legacy logs, separated by tabs, are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP, Column, TableSchema
from stillwatch.sources.joins.headers import header_names, header_profile
from stillwatch.sources.joins.mapped import rows_of
from stillwatch.sources.joins.mapping import HouseFormat
from stillwatch.sources.joins.places import Reader, reader
from stillwatch.sources.joins.rows import Read, read_rows
from stillwatch.sources.nested.addresses import address, is_public
from stillwatch.sources.nested.envelope import Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, since_1970
from stillwatch.sources.nested.values import at, items, number, text, whole

EDGE = TableSchema(
    "edge",
    (
        Column("request_id", pa.string(), "the id that the exchange has too", required=True),
        Column("ts", TIMESTAMP, "when the request arrived at the edge"),
        Column(
            "client_ip", pa.string(), "address of the connection, or the last public one that was forwarded"
        ),
        Column("user_agent", pa.string(), "user_agent.original", repeated=True),
        Column("ja4", pa.string(), "TLS client fingerprint", repeated=True),
        Column("header_profile", pa.string(), "hash of the request's header names in order", repeated=True),
        Column("status", pa.int32(), "HTTP status that the edge sent"),
    ),
)
"""One row per request that an edge log tells of."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "request_id": (
        *("x-request-id", "request_id", "requestId", "httpRequest.requestId", "RayID", "x-edge-request-id"),
        *("x_request_id", "request-id", "req_id", "exchange_id"),
    ),
    "ts": (
        *("ts", "start_time", "timestamp", "EdgeStartTimestamp", "timestamp(ms)", "time", "datetime"),
        *("@timestamp", "requestTime"),
    ),
    "client_ip": (
        *(
            "client_ip",
            "httpRequest.clientIp",
            "ClientIP",
            "c-ip",
            "clientIp",
            "remote_addr",
            "client.address",
        ),
        *("downstream_remote_address",),
    ),
    "forwarded": ("x-forwarded-for", "x_forwarded_for", "X-Forwarded-For", "forwarded_for"),
    "user_agent": (
        *("user_agent", "user-agent", "User-Agent", "ClientRequestUserAgent", "cs-user-agent"),
        *("user_agent.original",),
    ),
    "encoded_user_agent": ("cs(User-Agent)",),
    "ja4": (
        *("ja4", "ja4Fingerprint", "JA4", "cf-ja4", "tls_ja4_fingerprint", "tls.client.ja4"),
        *("CloudFront-Viewer-JA4-Fingerprint", "cloudfront-viewer-ja4-fingerprint", "cs-ja4"),
    ),
    "header_profile": ("header_profile", "header_order_hash"),
    "headers": ("header_order", "httpRequest.headers", "cs-header-names", "header_names"),
    "status": (
        *("status", "response_code", "EdgeResponseStatus", "sc-status", "responseCodeSent", "status_code"),
        *("http.response.status_code",),
    ),
}
"""The names under which edge logs hold what is wanted, the surest first."""

_READERS: Mapping[str, tuple[Reader, ...]] = {
    name: tuple(reader(place) for place in places) for name, places in NAMES.items()
}


def read_edge(path: Path, form: HouseFormat | None = None) -> Read:
    """An edge log as rows of `EDGE`, by its mapping or by the usual names."""
    if form is not None:
        return read_rows(path, EDGE, rows_of(form), packed=form.packed)
    return read_rows(path, EDGE, edge_rows, packed=("records", "Records", "logs"))


def edge_rows(record: Record) -> Iterator[Row | Excluded]:
    """The request that a record of an edge log tells of."""
    request_id = text(_first(record, "request_id"))
    if request_id is None:
        yield Excluded("no request_id")
        return
    status = whole(_first(record, "status"))
    headers = _first(record, "headers")
    yield {
        "request_id": request_id,
        "ts": _moment(record),
        "client_ip": _address(record),
        "user_agent": _user_agent(record, headers),
        "ja4": text(_first(record, "ja4")),
        "header_profile": text(_first(record, "header_profile")) or header_profile(header_names(headers)),
        "status": status if status is not None and 100 <= status <= 599 else None,
    }


def _first(record: Record, name: str) -> object:
    for read in _READERS[name]:
        if (value := read(record)) is not None and value not in ("", "-"):
            return value
    return None


def _address(record: Record) -> str | None:
    told = address(_first(record, "client_ip"))
    if told is not None and is_public(told):
        return told
    return address(_first(record, "forwarded")) or told


def _user_agent(record: Record, headers: object) -> str | None:
    if told := text(_first(record, "user_agent")):
        return told
    if (encoded := text(_first(record, "encoded_user_agent"))) is not None:
        return unquote(encoded)
    return _named(items(headers), "user-agent")


def _named(headers: Sequence[object], name: str) -> str | None:
    for one in headers:
        told = at(one, "name")
        if isinstance(told, str) and told.lower() == name:
            return text(at(one, "value"))
    return None


_LEAST_OF_UNITS: tuple[tuple[Literal["ns", "us", "ms"], float], ...] = (
    ("ns", 1e17),
    ("us", 1e14),
    ("ms", 1e11),
)


def _moment(record: Record) -> int | None:
    if isinstance(day := record.get("date"), str) and isinstance(clock := record.get("time"), str):
        return iso(f"{day}T{clock}Z")
    value = _first(record, "ts")
    count = number(value)
    if count is None:
        return iso(value, utc=True)
    for unit, least in _LEAST_OF_UNITS:
        if count >= least:
            return since_1970(value, unit)
    return since_1970(value, "s")
