"""Requests of SGLang that a line tells in two events: in OpenAI's words when they came, and with their answer at their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import (
    LONG,
    Columns,
    always,
    are,
    as_written,
    either,
    flags,
    mention,
    moments,
    over,
    reals,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.elements import elements
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.halves import are_halves
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import NULL_ONLY, TEXT, Needed, any_of, none_of
from stillwatch.sources.nested.values import at, text, whole

EVENTS = ("request.received.openai", "request.finished")
"""The two events, in this order."""

_HEALTH = "HEALTH_CHECK"
_LONGEST = 1e6
_MEDIA = ("image_data", "audio_data", "video_data")
_SAMPLING = ("temperature", "top_p", "max_new_tokens", "n", "sampling_seed", "json_schema")
_COUNTS = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "cached_input_tokens": "cached_tokens",
    "reasoning_tokens": "reasoning_tokens",
}


@dataclass(frozen=True)
class Words:
    """What the format knows: headers and labels that name an account, a model without a name, how texts are cut and hashed."""

    headers: Sequence[str]
    labels: Sequence[str]
    unnamed: str
    half: int
    hashed: str


def lane(words: Words) -> Lane:
    """The lane of such lines."""
    obj = {
        **{name: shape for name, shape in openai_chat.REQUEST.items() if name != "messages"},
        "messages": openai_chat.MESSAGES,
        **any_of("rid", "session_id", "conversation_id", "lora_path", "user_id"),
        **any_of("return_logprob", "require_reasoning"),
        **dict.fromkeys(_MEDIA, NULL_ONLY),
        **none_of("is_cross_encoder_request"),
        "text": TEXT,
        "sampling_params": any_of(*_SAMPLING),
        "session_params": any_of("id"),
        "custom_labels": any_of(*words.labels),
    }
    record = {
        **any_of("timestamp", "event", "rid"),
        **none_of("records", "log"),
        "obj": Needed(obj),
        "headers": any_of(*words.headers),
        "out": {
            "text": TEXT,
            "embedding": NULL_ONLY,
            "meta_info": any_of("finish_reason", "e2e_latency", *_COUNTS.values()),
        },
    }
    return Lane({"records": Needed([record])}, lambda some: _columns(some, words), needed=("exchange_id",))


def _columns(some: Found, words: Words) -> Columns:
    """The same of lines that hold these two events of one request."""
    ends = some.ends("records")
    sizes = np.diff(ends, prepend=0)
    are_pairs = sizes == len(EVENTS)
    begun, ended = (
        elements(some, "records", np.where(are_pairs, ends - sizes + place, -1))
        for place in range(len(EVENTS))
    )
    for one, event in ((begun, EVENTS[0]), (ended, EVENTS[1])):
        one.without(~are(pc.equal(texts(one, "event"), event)))
    told = over(_native(ended), openai_chat.requested(begun.inside("obj"), begun.inside("obj")))
    told |= _answered(ended)
    told |= _called(begun, ended, words)
    told["content_state"] = _state(ended, told, words)
    some.without(begun.is_odd | ended.is_odd | ~begun.has("obj/messages"))
    return told


def _native(ended: Found) -> Columns:
    """What a request says in the server's own words."""
    sampling = ended.inside("obj/sampling_params")
    most = wholes(sampling, "max_new_tokens")
    ended.without(are(pc.equal(most, 0)))
    reasoning = flags(ended, "obj/require_reasoning")
    return {
        "prompt": _filled(as_written(ended, "obj/text")),
        "temperature": reals(sampling, "temperature"),
        "top_p": reals(sampling, "top_p"),
        "max_tokens": most,
        "n": wholes(sampling, "n"),
        "seed": wholes(sampling, "sampling_seed", most=LONG),
        "logprobs": flags(ended, "obj/return_logprob"),
        "reasoning": pc.if_else(reasoning, reasoning, None),
        "response_format": always(ended, "json_schema", sampling.has("json_schema")),
    }


def _answered(ended: Found) -> Columns:
    about = ended.inside("out/meta_info")
    return {
        "response": _filled(as_written(ended, "out/text")),
        "stop_reason": turned(_stop_reason, pa.string(), about, "finish_reason"),
        "status": turned(_status, pa.int32(), about, "finish_reason"),
        **{column: wholes(about, name) for column, name in _COUNTS.items()},
    }


def _called(begun: Found, ended: Found, words: Words) -> Columns:
    """Who called, when, and what."""
    asked = ended.inside("obj")
    rid = texts(ended, "rid")
    ended.without(~are(pc.equal(rid, texts(begun, "obj/rid"))) | are(pc.starts_with(rid, _HEALTH)))
    named = [
        *(texts(ended, f"headers/{name}") for name in words.headers),
        *(texts(asked, f"custom_labels/{name}") for name in words.labels),
        *(texts(asked, name) for name in ("user_id", "user")),
    ]
    account = either(*named)
    user = texts(begun, "obj/safety_identifier", "obj/user")
    took = np.asarray(reals(ended, "out/meta_info/e2e_latency").fill_null(0.0))
    lasted = np.rint(np.where((took > 0) & (took < _LONGEST), took, 0.0) * 1e6).astype(np.int64)
    model = either(texts(begun, "obj/model"), texts(asked, "model", "lora_path"))
    return {
        "exchange_id": rid,
        "ts": pc.subtract(moments(ended, "timestamp"), pa.array(lasted)),
        "account_id": either(account, user),
        "end_user_id": pc.if_else(account.is_valid(), user, None),
        "model": pc.fill_null(model, words.unnamed),
        "session_id": either(
            texts(asked, "session_id", "conversation_id"), texts(asked, "session_params/id")
        ),
    }


def _state(ended: Found, told: Columns, words: Words) -> pa.Array:
    """What became of the texts; those that may be hashes are left to the full reading."""
    are_cut = np.zeros(len(ended), np.bool_)
    for name in ("prompt", "response"):
        ended.without(mention(told[name], words.hashed))
        are_cut |= are_halves(told[name], words.half)
    says_nothing = np.asarray(told["prompt"].is_null()) & np.asarray(told["response"].is_null())
    return either(always(ended, "truncated", are_cut), always(ended, "absent", says_nothing))


def _filled(values: pa.Array) -> pa.Array:
    """Texts that are not empty."""
    are_empty = pc.equal(pc.binary_length(values), 0)
    return pc.if_else(are_empty, None, values) if pc.any(are_empty).as_py() else values


def _stop_reason(reason: Any) -> str | None:
    return text(at(reason, "type")) or text(reason)


def _status(reason: Any) -> int:
    code = whole(at(reason, "status_code"))
    return code if code is not None and 100 <= code <= 599 else 200
