"""Table `logs` of New-API and One-API, the software of many resellers: as JSON lines, as CSV, or the `items` that the API lists.

- Only calls of a model are read: type 2 (consumed), and of New-API type 5 (failed; One-API's type 5 is a test of a channel).
  Payments, management and refunds are excluded, and so are corrections of a bill (`other.task_id`) and, where the path is
  told, calls that generate no text.
- The account is the user's id, the key the token's id; names of users and tokens are not read.
- `created_at` is in seconds since 1970 and says when the call was logged, which is when it ended. It is taken as it stands:
  how long the call took (`use_time`) is told in whole seconds only.
- `ip` is there for users who turned it on.
- `prompt_tokens` counts all that was read, but for calls passed on in Anthropic's dialect, which count what came from the
  cache apart: there the parts are added.
- The log holds no text: `content` explains the bill. A failed attempt is a row of its own, though the call was tried again.
- Lists that a user may take for himself have ids that are cut and repeat; take the administrator's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    addresses,
    always,
    are,
    since,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Shape, any_of, none_of
from stillwatch.sources.lanes.syntax import ABSENT
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import since_1970
from stillwatch.sources.nested.paths import generates
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import flag, mapping, text, whole, without_nones

_CONSUMED, _FAILED = 2, 5
_ANSWERED = pa.scalar(200, pa.int32())
_NO_EFFORT = ("none", "minimal")
_encode = msgspec.json.Encoder().encode


def _rows(record: Record) -> Iterator[Row | Excluded]:
    other, kind = mapping(record.get("other")), whole(record.get("type"))
    if kind != _CONSUMED and (kind != _FAILED or "use_time" not in record):
        yield Excluded("no call of a model")
        return
    if other.get("task_id") or _is_other_path(other.get("request_path")):
        yield Excluded("no generation")
        return
    key = text(record.get("token_id"))
    row: Row = {
        "exchange_id": text(record.get("id")),
        "ts": since_1970(record.get("created_at"), "s"),
        "account_id": text(record.get("user_id")),
        "model": text(record.get("model_name")),
        "api_key_id": key if key != "0" else None,
        "channel": "aggregator",
        "client_ip": address(record.get("ip")),
        "reasoning": _reasoning(other),
        "status": 200 if kind == _CONSUMED else whole(other.get("status_code")),
        "content_state": "absent",
    }
    yield without_nones(row | _used(record, other, is_answered=kind == _CONSUMED))


def _is_other_path(path: object) -> bool:
    return isinstance(path, str) and bool(path) and not generates(path)


def _used(record: Record, other: Mapping[str, Any], *, is_answered: bool) -> Row:
    """Tokens of a call; the zeros of one that failed say nothing."""
    read, made = whole(record.get("prompt_tokens")), whole(record.get("completion_tokens"))
    if not is_answered and not read and not made:
        return {}
    cached = whole(other.get("cache_tokens"))
    if read is not None and (flag(other.get("claude")) or other.get("usage_semantic") == "anthropic"):
        read += (cached or 0) + _put(other)
    return {"input_tokens": read, "output_tokens": made, "cached_input_tokens": cached}


def _columns(some: Found) -> Columns:
    """The same of calls that are billed as most are."""
    kinds = turned(_kind, pa.int32(), some, "type")
    other, keys = some.told("other", _OTHER), texts(some, "token_id")
    has_failed = are(pc.equal(kinds, _FAILED))
    some.without(has_failed & (some.slots("use_time").kinds == ABSENT))
    turned(_is_generation, pa.bool_(), other, "request_path")
    told = wholes(some, "prompt_tokens"), wholes(some, "completion_tokens"), wholes(other, "cache_tokens")
    says_nothing = has_failed & ~are(pc.not_equal(told[0], 0)) & ~are(pc.not_equal(told[1], 0))
    asked, made, cached = (pc.if_else(says_nothing, None, one) for one in told)
    return {
        "exchange_id": texts(some, "id"),
        "ts": since(some, "created_at", "s"),
        "account_id": texts(some, "user_id"),
        "model": texts(some, "model_name"),
        "api_key_id": pc.if_else(pc.equal(keys, "0"), None, keys),
        "channel": always(some, "aggregator"),
        "client_ip": addresses(some, "ip"),
        "reasoning": turned(_is_effort_told, pa.bool_(), other, "reasoning_effort"),
        "status": pc.if_else(has_failed, wholes(other, "status_code"), _ANSWERED),
        "content_state": always(some, "absent"),
        "input_tokens": asked,
        "output_tokens": made,
        "cached_input_tokens": cached,
    }


def _kind(told: object) -> Any:
    kind = whole(told)
    return kind if kind in (_CONSUMED, _FAILED) else ODD


def _is_generation(path: object) -> Any:
    return ODD if _is_other_path(path) else None


def _is_effort_told(effort: object) -> bool | None:
    return _is_effort(text(effort))


_OTHER = Shape(
    {
        **any_of("request_path", "reasoning_effort", "cache_tokens", "status_code"),
        **none_of("task_id", "claude", "usage_semantic"),
    }
)
"""Of `other`, without the keys that say that a record is no call, or counts otherwise."""

_SHAPE = {
    **any_of("id", "user_id", "created_at", "type", "model_name", "prompt_tokens", "completion_tokens"),
    **any_of("token_id", "ip", "other", "use_time"),
    **none_of("data", "items"),
}


def _put(other: Mapping[str, Any]) -> int:
    """Tokens put into the cache: in all, or by how long they stay there."""
    parts = sum(whole(other.get(f"cache_creation_tokens_{age}")) or 0 for age in ("5m", "1h"))
    return max(parts, whole(other.get("cache_creation_tokens")) or 0)


def _reasoning(other: Mapping[str, Any]) -> bool | None:
    return _is_effort_told(other.get("reasoning_effort"))


def _is_effort(effort: str | None) -> bool | None:
    return None if effort is None else effort not in _NO_EFFORT


def _record(row: Row) -> Mapping[str, Any]:
    status, reasoning = row.get("status"), row.get("reasoning")
    is_answered = status == 200
    other = {
        "cache_tokens": row.get("cached_input_tokens"),
        "reasoning_effort": None if reasoning is None else "high" if reasoning else "none",
        "status_code": None if is_answered else status,
    }
    return {
        "id": row["exchange_id"],
        "user_id": row["account_id"],
        "created_at": row["ts"] / 1_000_000 if row["ts"] % 1_000_000 else row["ts"] // 1_000_000,
        "type": _CONSUMED if is_answered else _FAILED,
        "content": "",
        "model_name": row["model"],
        "quota": 0,
        "prompt_tokens": row.get("input_tokens"),
        "completion_tokens": row.get("output_tokens"),
        "use_time": 0,
        "token_id": row.get("api_key_id"),
        "ip": row.get("client_ip") or "",
        "other": _encode(without_nones(other)).decode(),
    }


SOURCE = source(
    Envelope(
        name="new_api",
        description="New-API and One-API table logs",
        looks_like=lambda record: {"quota", "model_name", "prompt_tokens", "created_at"} <= record.keys(),
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=frozenset(
            {
                *(
                    "exchange_id",
                    "ts",
                    "account_id",
                    "model",
                    "api_key_id",
                    "client_ip",
                    "status",
                    "reasoning",
                ),
                *("input_tokens", "output_tokens", "cached_input_tokens"),
            }
        ),
        packed=("data", "items"),
    )
)
