"""Azure OpenAI's RequestResponse log, as diagnostic settings write it: who called which model when, and nothing of what.

Records come as JSON lines or as `{"records": [...]}`; those of the older table AzureDiagnostics are read as well
(`Category`, `properties_s`). `properties` is an object or a JSON text. The log holds neither texts nor tokens, so that
`content_state` is always absent.

The account is the object id of the caller in Microsoft Entra; a call with a bare key has none, and is the resource's
(its id in lower case, for Azure writes it in several). The model is the one behind the deployment, and the deployment's
name, which the customer chose, only where no model is named. The time is `requestTime`, in steps of 100 nanoseconds
since the year 1, else `time`, which is UTC. `durationMs` is not used: negative values occur.

Azure masks the last number of a caller's address (`203.0.113.***`). Such a text is no address. To fill it up with 0
would make one and the same exact address of everybody in the range, so the column is left out instead.

Records of other categories (Audit, Trace) and calls that no model answers with words (embeddings, images, speech, files,
lists) are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch.sources.lanes.columns import (
    LONG,
    ODD,
    Columns,
    always,
    either,
    moments,
    statuses,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, ticks, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import first, mapping, status, text, without_nones

NOT_GENERATING = (
    *("embedding", "image", "audio", "speech", "transcription", "translation", "video"),
    *("list", "get", "delete", "cancel", "upload", "file", "finetun", "fine-tun"),
)
"""Parts of the names of operations that are not answered by a model's words."""

_TICKS_TO_1970 = 621_355_968_000_000_000


def _rows(record: Record) -> Iterator[Row | Excluded]:
    if _category(record) != "RequestResponse":
        yield Excluded("another category of log")
        return
    if _is_wordless(first(record, "operationName", "OperationName")):
        yield Excluded("no generation")
        return
    properties = mapping(first(record, "properties", "properties_s"))
    yield without_nones(
        {
            "exchange_id": text(first(record, "correlationId", "CorrelationId")),
            "ts": _moment(properties.get("requestTime"), first(record, "time", "TimeGenerated")),
            "account_id": text(properties.get("objectId")) or _resource(record),
            "model": text(properties.get("modelName")) or text(properties.get("modelDeploymentName")),
            "channel": "foundry",
            "client_ip": address(text(first(record, "callerIpAddress", "CallerIPAddress"))),
            "status": status(first(record, "resultSignature", "ResultSignature")),
            "content_state": "absent",
        }
    )


def _category(record: Record) -> object:
    return first(record, "category", "Category")


def _is_wordless(operation: object) -> bool:
    told = str(operation or "").lower()
    return any(part in told for part in NOT_GENERATING)


def _moment(requested: object, logged: object) -> int | None:
    counted = ticks(requested)
    return counted if counted is not None and counted > 0 else iso(logged, utc=True)


def _resource(record: Record) -> str | None:
    found = text(first(record, "resourceId", "ResourceId", "_ResourceId"))
    return None if found is None else found.lower()


@lru_cache(maxsize=65_536)
def address(told: str | None) -> str | None:
    """The address, if it is a whole one."""
    try:
        ip_address(told or "")
    except ValueError:
        return None
    return told


def _columns(some: Found) -> Columns:
    """The same of calls that name who made them, in today's spelling."""
    turned(_is_answered, pa.bool_(), some, "category")
    turned(_is_generation, pa.bool_(), some, "operationName")
    return {
        "exchange_id": texts(some, "correlationId"),
        "ts": either(_counted(wholes(some, "properties/requestTime", most=LONG)), moments(some, "time")),
        "account_id": texts(some, "properties/objectId"),
        "model": either(texts(some, "properties/modelName"), texts(some, "properties/modelDeploymentName")),
        "channel": always(some, "foundry"),
        "client_ip": turned(_address, pa.string(), some, "callerIpAddress"),
        "status": statuses(some, "resultSignature"),
        "content_state": always(some, "absent"),
    }


def _counted(steps: pa.Array) -> pa.Array:
    """Microseconds since 1970 of .NET ticks; none of those before."""
    since = (np.asarray(steps.fill_null(0)) - _TICKS_TO_1970) // 10
    return pa.array(since, pa.int64(), mask=since <= 0)


def _address(told: object) -> str | None:
    return address(text(told))


def _is_answered(category: object) -> Any:
    return None if category == "RequestResponse" else ODD


def _is_generation(operation: object) -> Any:
    return ODD if _is_wordless(operation) else None


_SHAPE = {
    **any_of("category", "operationName", "correlationId", "time", "callerIpAddress", "resultSignature"),
    **none_of("Category", "OperationName", "CorrelationId", "TimeGenerated", "CallerIPAddress"),
    **none_of("ResultSignature", "properties_s", "records"),
    "properties": Needed(any_of("requestTime", "objectId", "modelName", "modelDeploymentName")),
}


def _looks_like(record: Record) -> bool:
    """A record of this category, or of another one of the service, with which a file may begin."""
    if first(record, "properties", "properties_s") is None:
        return False
    return _category(record) == "RequestResponse" or "/microsoft.cognitiveservices/" in (
        _resource(record) or ""
    )


def _record(row: Row) -> Mapping[str, object]:
    properties = {
        "requestTime": row["ts"] * 10 + _TICKS_TO_1970,
        "objectId": row["account_id"],
        "modelName": row["model"],
    }
    status = row.get("status")
    return without_nones(
        {
            "time": written(row["ts"]),
            "category": "RequestResponse",
            "operationName": "ChatCompletions_Create",
            "correlationId": row["exchange_id"],
            "callerIpAddress": row.get("client_ip"),
            "resultSignature": None if status is None else str(status),
            "properties": properties,
        }
    )


SOURCE = source(
    Envelope(
        name="azure_openai",
        description="Azure OpenAI RequestResponse log, as diagnostic settings write it",
        looks_like=_looks_like,
        rows=_rows,
        record=_record,
        packed=("records",),
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=frozenset({"exchange_id", "ts", "account_id", "model", "client_ip", "status"}),
    )
)
