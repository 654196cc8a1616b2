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
        "images": _media(told),
        "input_tokens": whole(told.get("native_tokens_prompt")),
        "output_tokens": whole(told.get("native_tokens_completion")),
        "cached_input_tokens": whole(told.get("native_tokens_cached")),
        "reasoning_tokens": whole(told.get("native_tokens_reasoning")),
        "stop_reason": _stop_reason(told),
        "status": _status(told),
        "end_user_id": text(told.get("external_user")),
        "content_state": "absent",
    }
    yield without_nones(row)


def _inside(record: Record) -> Mapping[str, Any]:
    inside = record.get("data")
    return inside if isinstance(inside, dict) else record


def _media(told: Mapping[str, Any]) -> int | None:
    """Media in the request; whether sound counts among them is not documented, so the larger number holds."""
    counts = (whole(told.get("num_media_prompt")), whole(told.get("num_input_audio_prompt")))
    return max((count for count in counts if count is not None), default=None)


def _stop_reason(told: Mapping[str, Any]) -> str | None:
    reason = text(told.get("finish_reason"))
    return "cancelled" if reason is None and flag(told.get("cancelled")) else reason


def _status(told: Mapping[str, Any]) -> int | None:
    tried = items(told.get("provider_responses"))
    return whole(at(tried[-1], "status")) if tried else None


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
