"""OpenRouter's generation records, as its API gives them: alone or under `data`, as JSON lines or a list.

- The account is the workspace, OpenRouter's customer; the `external_user` that the customer names is its own user. Older
  records tell no workspace and are rejected. Keys are not told; names of apps (`app_id`, `http_referer`) are not read.
- Tokens are the native ones, which the model itself counted; the others (`tokens_prompt`) are counted alike for all models.
- `created_at` has a zone. The status is that of the last provider that was tried, where the record lists them. A call that
  the client broke off tells no reason for its end and gets `cancelled`.
- Embeddings, reranking, speech, images and video are excluded.
- The record holds no text; images and other media in the request are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.lanes.columns import ODD, Columns, always, moments, texts, together, turned, wholes
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import at, flag, items, text, whole, without_nones

_OTHER = ("embeddings", "rerank", "tts", "stt", "image", "video")


def _rows(record: Record) -> Iterator[Row | Excluded]:
    told = _inside(record)
    if told.get("api_type") in _OTHER:
        yield Excluded("no generation")
        return
    row: Row = {
        "exchange_id": text(told.get("id")),
        "ts": iso(told.get("created_at")),
        "account_id": text(told.get("workspace_id")),
        "model": text(told.get("model")),
        "session_id": text(told.get("session_id")),
        "channel": "aggregator",
        "user_agent": text(told.get("user_agent")),
        "images": _media(whole(told.get("num_media_prompt")), whole(told.get("num_input_audio_prompt"))),
        "input_tokens": whole(told.get("native_tokens_prompt")),
        "output_tokens": whole(told.get("native_tokens_completion")),
        "cached_input_tokens": whole(told.get("native_tokens_cached")),
        "reasoning_tokens": whole(told.get("native_tokens_reasoning")),
        "stop_reason": _stop_reason(text(told.get("finish_reason")), told.get("cancelled")),
        "status": _status(told.get("provider_responses")),
        "end_user_id": text(told.get("external_user")),
        "content_state": "absent",
    }
    yield without_nones(row)


def _inside(record: Record) -> Mapping[str, Any]:
    inside = record.get("data")
    return inside if isinstance(inside, dict) else record


def _media(media: int | None, sounds: int | None) -> int | None:
    """Media in the request; whether sound counts among them is not documented, so the larger number holds."""
    return media if sounds is None else sounds if media is None else max(media, sounds)


def _stop_reason(reason: str | None, cancelled: object) -> str | None:
    return "cancelled" if reason is None and flag(cancelled) else reason


def _status(responses: object) -> int | None:
    tried = items(responses)
    return whole(at(tried[-1], "status")) if tried else None


def _columns(some: Found) -> Columns:
    """The same of records under `data`."""
    told = some.inside("data")
    turned(_is_generation, pa.bool_(), told, "api_type")
    return {
        "exchange_id": texts(told, "id"),
        "ts": moments(told, "created_at", is_utc=False),
        "account_id": texts(told, "workspace_id"),
        "model": texts(told, "model"),
        "session_id": texts(told, "session_id"),
        "channel": always(some, "aggregator"),
        "user_agent": texts(told, "user_agent"),
        "images": pc.max_element_wise(
            wholes(told, "num_media_prompt"), wholes(told, "num_input_audio_prompt")
        ),
        "input_tokens": wholes(told, "native_tokens_prompt"),
        "output_tokens": wholes(told, "native_tokens_completion"),
        "cached_input_tokens": wholes(told, "native_tokens_cached"),
        "reasoning_tokens": wholes(told, "native_tokens_reasoning"),
        "stop_reason": together(_stopped, pa.string(), told, "finish_reason", "cancelled"),
        "status": turned(_status, pa.int32(), told, "provider_responses"),
        "end_user_id": texts(told, "external_user"),
        "content_state": always(some, "absent"),
    }


def _stopped(reason: object, cancelled: object) -> str | None:
    return _stop_reason(text(reason), cancelled)


def _is_generation(kind: object) -> Any:
    return ODD if kind in _OTHER else None


_DATA = {
    **any_of("id", "created_at", "workspace_id", "model", "api_type", "session_id", "user_agent"),
    **any_of("external_user", "num_media_prompt", "num_input_audio_prompt", "finish_reason", "cancelled"),
    **any_of(*(f"native_tokens_{kind}" for kind in ("prompt", "completion", "cached", "reasoning"))),
    **any_of("provider_responses"),
}
_SHAPE = {"data": Needed(_DATA)}


def _record(row: Row) -> Mapping[str, Any]:
    status = row.get("status")
    return {
        "data": without_nones(
            {
                "id": row["exchange_id"],
                "created_at": written(row["ts"]),
                "workspace_id": row["account_id"],
                "model": row["model"],
                "api_type": "completions",
                "session_id": row.get("session_id"),
                "user_agent": row.get("user_agent"),
                "external_user": row.get("end_user_id"),
                "num_media_prompt": row.get("images"),
                "native_tokens_prompt": row.get("input_tokens"),
                "native_tokens_completion": row.get("output_tokens"),
                "native_tokens_cached": row.get("cached_input_tokens"),
                "native_tokens_reasoning": row.get("reasoning_tokens"),
                "finish_reason": row.get("stop_reason"),
                "cancelled": row.get("stop_reason") == "cancelled",
                "provider_responses": None if status is None else [{"status": status}],
            }
        )
    }


def _looks_like(record: Record) -> bool:
    return "cancelled" in _inside(record) and "model" in _inside(record) and "created_at" in _inside(record)


SOURCE = source(
    Envelope(
        name="openrouter",
        description="OpenRouter generation records",
        looks_like=_looks_like,
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=frozenset(
            {
                *("exchange_id", "ts", "account_id", "model", "session_id", "user_agent", "images"),
                *("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens"),
                *("stop_reason", "status", "end_user_id"),
            }
        ),
        packed=("data",),
    )
)
