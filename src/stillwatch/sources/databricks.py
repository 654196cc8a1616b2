"""Databricks' payload tables: the inference tables of served models, of AI Gateway, and the older ones.

The tables are named by the customer and told by their columns. Three shapes are read. The older one has
`databricks_request_id`, `timestamp_ms`, `status_code`, `execution_time_ms`, `request`, `response`,
`sampling_fraction` and `request_metadata`. That of AI Gateway has `request_time`, `requester`, `served_entity_id`,
`execution_duration_ms` and `logging_error_codes` in place of some. That of Unity AI Gateway has `invocation_id`,
`event_time`, `destination_name` and `latency_ms`. Request and answer are texts of JSON in any dialect; a streamed
answer is put together by Databricks.

The account is the requester: a user or a service principal. It may be an e-mail address; it is kept as it is, and
whoever passes findings on hides it there. The older shape names no requester. There, and where it is null, the
account is what the map `request_metadata` or `request_tags` says under `requester`, `account_id`, `customer_id`,
`tenant_id` or `user_id`, and a row without any of them is rejected: the log does not say who called. The model is the
endpoint's name where the table holds it, else the served entity's id, else the model that the request names.
`client_request_id` is the client's name for one request and no session.

Times without a zone are UTC. `sampling_fraction` is the share of requests that the log keeps; 1 is left out, because
it means all. Bodies over 1 MiB are not logged (`logging_error_codes`): where only one of the two is missing, the
content is said to be truncated. Errors may be missing from the log altogether. Requests of models that do not
generate (data frames, tensors, embeddings) are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import ODD, Columns, either, moments, over, statuses, texts, turned
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Record, Row
from stillwatch.sources.nested.moments import iso, since_1970, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    first,
    first_text,
    items,
    loaded,
    number,
    status,
    text,
    without_nones,
)

ACCOUNTS = ("requester", "account_id", "customer_id", "tenant_id", "user_id")
"""Keys of the metadata or tags of a request that may name who called, the first one counting."""

_TENSORS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_MODELS = ("endpoint_name", "model_name")


def _rows(record: Record) -> Iterator[Row | Excluded]:
    asked, answered = loaded(record.get("request")), loaded(record.get("response"))
    if _is_other(asked, answered):
        yield Excluded("no generation")
        return
    known = _map(first(record, "request_metadata", "request_tags"))
    account = text(record.get("requester")) or first_text(known, ACCOUNTS)
    if account is None:
        raise NoExchangeError("no account_id")
    row = said(asked, answered)
    row |= without_nones(
        {
            "exchange_id": text(first(record, "databricks_request_id", "invocation_id", "request_id")),
            "ts": _moment(record),
            "account_id": account,
            "model": text(first(record, "endpoint_name", "destination_name"))
            or first_text(known, _MODELS)
            or text(record.get("served_entity_id")),
            "status": status(record.get("status_code")),
            "sampling_rate": _share(record.get("sampling_fraction")),
        }
    )
    if items(record.get("logging_error_codes")):
        row.setdefault("content_state", "truncated")
    yield row


def _is_other(asked: object, answered: object) -> bool:
    """Whether a model was asked that makes numbers or vectors of what it is given."""
    if isinstance(asked, dict) and any(name in asked for name in _TENSORS) and "messages" not in asked:
        return True
    return isinstance(answered, dict) and answered.get("object") == "list"


def _map(value: object) -> Mapping[str, Any]:
    """A map: an object, a text of one, or pairs, as Parquet holds maps."""
    found = loaded(value)
    if isinstance(found, list):
        return {str(pair[0]): pair[1] for pair in found if isinstance(pair, list) and len(pair) == 2}
    return found if isinstance(found, dict) else {}


def _moment(record: Record) -> int | None:
    told = first(record, "request_time", "event_time")
    if told is not None:
        return iso(told, utc=True)
    return since_1970(record.get("timestamp_ms"), "ms")


def _share(value: object) -> float | None:
    share = number(value)
    return share if share is not None and 0 < share < 1 else None


def _looks_like(record: Record) -> bool:
    if "databricks_request_id" in record:
        return "request" in record or "timestamp_ms" in record or "request_time" in record
    return "invocation_id" in record and "event_time" in record and "destination_name" in record


def _columns(some: Found) -> Columns:
    """The same of records that name who called and hold their bodies as objects."""
    told = openai_chat.told(some.inside("request"), some.inside("response"))
    turned(_is_whole, pa.bool_(), some, "logging_error_codes")
    return over(
        told,
        {
            "exchange_id": texts(some, "databricks_request_id"),
            "ts": moments(some, "request_time"),
            "account_id": texts(some, "requester"),
            "model": either(texts(some, "endpoint_name"), texts(some, "served_entity_id")),
            "status": statuses(some, "status_code"),
            "sampling_rate": turned(_share, pa.float64(), some, "sampling_fraction"),
        },
    )


def _is_whole(errors: object) -> Any:
    return ODD if errors else None


_UNNAMED = none_of(*ACCOUNTS, *_MODELS)
_SHAPE = {
    **any_of("databricks_request_id", "request_time", "requester", "endpoint_name", "served_entity_id"),
    **any_of("status_code", "sampling_fraction", "logging_error_codes"),
    **none_of("invocation_id", "request_id", "event_time", "destination_name"),
    "request_metadata": _UNNAMED,
    "request_tags": _UNNAMED,
    "request": Needed(openai_chat.REQUEST),
    "response": Needed(openai_chat.RESPONSE),
}


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    asked = body.as_request(row)
    asked.pop("model", None)
    is_cut = row.get("content_state") == "truncated"
    return without_nones(
        {
            "databricks_request_id": row["exchange_id"],
            "request_time": written(row["ts"]),
            "status_code": row.get("status"),
            "sampling_fraction": row.get("sampling_rate"),
            "request": asked,
            "response": body.as_response(row),
            "logging_error_codes": ["MAX_RESPONSE_SIZE_EXCEEDED"] if is_cut else [],
            "served_entity_id": row["model"],
            "requester": row["account_id"],
        }
    )


SOURCE = source(
    Envelope(
        name="databricks",
        description="Databricks' inference tables (payload tables), of all shapes",
        looks_like=_looks_like,
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id", "ts")),
        carries=(REQUEST | RESPONSE)
        | {"exchange_id", "ts", "account_id", "end_user_id", "status", "sampling_rate"}
        | {"n", "seed", "logprobs", "response_format", "reasoning_tokens"},
    )
)
