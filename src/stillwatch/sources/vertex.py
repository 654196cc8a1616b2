"""Vertex AI's request-response log: rows of its BigQuery table, exported as JSON lines or Parquet.

The table holds no caller (Cloud Audit Logs do). The account is the project that is named in the path of the model or of the
endpoint (`projects/P/...`), which is the project that is billed; one project may hide many users. The model is the last part
of its path. Keys are in snake_case or camelCase, numbers may stand as texts, and `full_request`, `full_response` and
`metadata` may be objects or texts of JSON.

`logging_time` is when the row was written, in UTC; the request arrived `metadata.request_latency` milliseconds before, and
that is the time told. Without a latency `logging_time` stands for it.

The body is Gemini's, of Claude (`rawPredict`, `streamRawPredict`) Anthropic's. A failed call has an error in place of an
answer, whose code is the status. The log may keep only a share of the calls, which is set in its configuration and not
told by its rows: if a row names a `sampling_rate`, it is read; else add that column to the export if less than all is kept.

Calls that are not answered with words (embeddings, predictions, counting of tokens) are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import gemini
from stillwatch.sources.lanes.columns import ODD, Columns, always, either, moments, over, reals, texts, turned
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    at,
    first,
    items,
    loaded,
    mapping,
    number,
    text,
    whole,
    without_nones,
)

GENERATING = ("generatecontent", "rawpredict", "completion")
"""Parts of the names of methods that are answered by a model's words, in lower case."""

_ANSWERED = pa.scalar(200, pa.int32())
_LONGEST = 86_400_000
"""Milliseconds of the longest call."""


def _rows(record: Record) -> Iterator[Row | Excluded]:
    method = (text(first(record, "api_method", "apiMethod")) or "").lower()
    if method and not any(part in method for part in GENERATING):
        yield Excluded("no generation")
        return
    request = loaded(_told(record, ("full_request", "fullRequest"), ("request_payload", "requestPayload")))
    response = loaded(
        _told(record, ("full_response", "fullResponse"), ("response_payload", "responsePayload"))
    )
    metadata, paths = mapping(record.get("metadata")), _paths(record, request)
    row = said(request, response, dialect=_dialect(method, paths))
    row |= without_nones(
        {
            "exchange_id": text(first(record, "request_id", "requestId")),
            "ts": _moment(
                first(record, "logging_time", "loggingTime"),
                first(metadata, "request_latency", "requestLatency"),
            ),
            "account_id": _project(paths),
            "model": _model(paths),
            "channel": "vertex",
            "status": _status(response),
            "sampling_rate": number(first(record, "sampling_rate", "samplingRate")),
        }
    )
    yield row


def _told(record: Record, whole_names: tuple[str, ...], list_names: tuple[str, ...]) -> Any:
    """A body, or the first of a list of payloads, as which endpoints of one's own log it."""
    found = first(record, *whole_names)
    return next(iter(items(first(record, *list_names))), None) if found is None else found


def _paths(record: Record, request: object) -> list[str]:
    """The paths that may name project and model, those of the request before those of the log."""
    return _told_paths(
        at(request, "model"), at(request, "endpoint"), record.get("model"), record.get("endpoint")
    )


def _told_paths(*told: object) -> list[str]:
    return [path for path in told if isinstance(path, str) and path]


def _project(paths: list[str]) -> str | None:
    for path in paths:
        _, found, rest = path.partition("projects/")
        if found and (project := rest.partition("/")[0]):
            return project
    return None


def _model(paths: list[str]) -> str | None:
    """The name at the end of a path of models; a path of something else, such as an endpoint, as it is."""
    return next(filter(None, map(_named, paths)), paths[0] if paths else None)


def _named(path: str) -> str | None:
    _, found, name = path.rpartition("models/")
    return name if found and name else None


def _dialect(method: str, paths: list[str]) -> str:
    if "generatecontent" in method:
        return "gemini"
    return "anthropic_messages" if any("/anthropic/" in path for path in paths) else ""


def _moment(written_at: object, took: object) -> int | None:
    logged, latency = iso(written_at, utc=True), number(took)
    if logged is None or latency is None or not 0 <= latency < _LONGEST:
        return logged
    return logged - round(latency * 1_000)


def _status(response: object) -> int | None:
    """The code of an error; 200 if anything else was answered."""
    answer = next(iter(response), None) if isinstance(response, list) else response
    error = at(answer, "error")
    if error is None:
        return 200 if answer else None
    return _code(error)


def _code(error: object) -> int | None:
    code = whole(at(error, "code"))
    return code if code is not None and 100 <= code <= 599 else None


def _columns(some: Found) -> Columns:
    """The same of calls of Gemini that were answered, in the table's own spelling."""
    answers = some.inside("full_response")
    some.without(~(answers.has("candidates") | answers.has("usageMetadata")))
    turned(_is_gemini, pa.bool_(), some, "api_method")
    paths = [
        turned(_path, _PATH, some, path)
        for path in ("full_request/model", "full_request/endpoint", "model", "endpoint")
    ]
    return over(
        gemini.told(some.inside("full_request"), answers),
        {
            "exchange_id": texts(some, "request_id"),
            "ts": _begun(moments(some, "logging_time"), reals(some, "metadata/request_latency")),
            "account_id": either(*(one.field("project") for one in paths)),
            "model": either(*(one.field("model") for one in paths), *(one.field("path") for one in paths)),
            "channel": always(some, "vertex"),
            "status": pc.if_else(
                answers.has("error"), turned(_code, pa.int32(), answers, "error"), _ANSWERED
            ),
            "sampling_rate": reals(some, "sampling_rate"),
        },
    )


def _begun(logged: pa.Array, took: pa.Array) -> pa.Array:
    """When calls began of which is known when they were logged and, of some, how long they took."""
    latency = np.asarray(took.fill_null(-1))
    counts = (latency >= 0) & (latency < _LONGEST)
    since = np.asarray(logged.fill_null(0)) - np.rint(np.where(counts, latency, 0) * 1_000).astype(np.int64)
    return pa.array(since, pa.int64(), mask=np.asarray(logged.is_null()))


def _is_gemini(method: object) -> Any:
    return None if "generatecontent" in (text(method) or "").lower() else ODD


def _path(told: object) -> dict[str, str | None]:
    paths = _told_paths(told)
    path = paths[0] if paths else None
    return {"path": path, "project": _project(paths), "model": _named(path or "")}


_PATH = pa.struct([(name, pa.string()) for name in ("path", "project", "model")])
_SHAPE = {
    **any_of("api_method", "request_id", "logging_time", "model", "endpoint", "sampling_rate"),
    **none_of("apiMethod", "fullRequest", "fullResponse", "requestId", "loggingTime", "samplingRate"),
    "metadata": {**any_of("request_latency"), **none_of("requestLatency")},
    "full_request": Needed({**gemini.REQUEST, **any_of("model", "endpoint")}),
    "full_response": Needed({**gemini.RESPONSE, **any_of("error")}),
}


def _record(row: Row) -> Mapping[str, Any]:
    body, model, status = bodies()["gemini"], row["model"], row.get("status")
    project = f"projects/{row['account_id']}/locations/global"
    path = f"publishers/google/models/{model}"
    answer: dict[str, Any] = body.as_response({**row, "model": None})
    if status == 200:
        answer = answer or {"model_version": model}
    elif status is not None:
        answer["error"] = {"code": status}
    return without_nones(
        {
            "logging_time": written(row["ts"]),
            "request_id": row["exchange_id"],
            "api_method": "GenerateContent",
            "model": path,
            "full_request": body.as_request(row) | {"model": f"{project}/{path}"},
            "full_response": answer or None,
            "sampling_rate": row.get("sampling_rate"),
        }
    )


SOURCE = source(
    Envelope(
        name="vertex",
        description="Vertex AI request-response log, as exported from BigQuery",
        looks_like=lambda record: (
            first(record, "logging_time", "loggingTime") is not None
            and first(record, "api_method", "apiMethod", "full_request", "fullRequest") is not None
        ),
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=REQUEST
        | RESPONSE
        | {"exchange_id", "ts", "account_id", "status", "sampling_rate"}
        | {"n", "seed", "logprobs", "response_format", "end_user_id", "reasoning_tokens"},
    )
)
