"""SGLang's request log in JSON (`--log-requests --log-requests-format json`).

An exchange is its `request.finished` event, which holds request (`obj`) and answer (`out`); where its
`request.received` event was seen, that one's time counts, else the time it finished less `e2e_latency`. Requests
received and never finished (cut off, or the file ends) are exchanges without an answer, told at the end of the file.
Up to 20,000 of them are held, and 64 million characters of their texts; above that the oldest is told at once, and if
it finishes after all, that second telling is rejected as a duplicate. A request for several samples is told by each
of them, under an id of its own.

SGLang has no accounts. Log a header that names who called (`SGLANG_LOG_REQUEST_HEADERS`): the account is the header
`x-account-id`, `x-customer-id`, `x-organization-id`, `x-org-id`, `x-tenant-id` or `x-user-id`, else the first of
`account_id`, `customer_id`, `organization_id`, `org_id`, `tenant_id`, `user_id` among the request's `custom_labels`,
else `user_id` or `user` of the request itself. Exchanges with none of them are rejected: no account is made up.
`x-smg-routing-key` is no account.

The model is what the request names, else the LoRA adapter. One server serves one model and mostly does not say which:
then it is called "served model", the same in every file; read logs of servers with different models one by one.

`timestamp` stands without a zone and is the server's local time; it is read as UTC, so run servers in UTC. `obj.text`
is the prompt after the chat template: all turns in one text. A server that tokenizes a chat has none when it receives it, and
tells it with the end. If the client or a gateway sends a `rid`, the
`request.received.openai` event (level 2 and above) is joined by it and tells the messages and tools by themselves;
without one it cannot be joined and is excluded.

Level 2, the default, cuts texts of more than 2,048 characters in the middle: the first and the last 1,024 are left,
with three dots between them, and the content is said to be truncated. Levels 0 and 1 log no texts. Fields that the
server abbreviates to a hash are said to be hashed. Embeddings, warm-ups of the cache and health checks are excluded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stillwatch.sources.bodies._base import REQUEST, RESPONSE, filled
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes.sglang_events import Words, lane
from stillwatch.sources.nested.envelope import Envelope, Excluded, Joining, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    at,
    first,
    first_text,
    mapping,
    number,
    text,
    whole,
    without_nones,
)

HEADERS = (
    *("x-account-id", "x-customer-id", "x-organization-id", "x-org-id", "x-tenant-id"),
    "x-user-id",
)
"""Headers that name who called, if the server is told to log them; the first one counts."""

LABELS = ("account_id", "customer_id", "organization_id", "org_id", "tenant_id", "user_id")
"""Custom labels that name who called; the first one counts."""

MOST_WAITING, MOST_CHARACTERS = 20_000, 64_000_000
"""How many requests wait for their answers at most, and how much text they hold."""

UNNAMED = "served model"
_LONGEST = 1e6
_HALF = 1024
_HASH, _HASHED = "chars, blake2b=", "<text: 0 chars, blake2b=0>"
_MEDIA = ("image_data", "audio_data", "video_data")
_OF_BODIES = ("turns", "system_prompt", "tools", "tool_choice", "response_format", "end_user_id")


class _Requests:
    """The requests of one file that wait for their answers."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Row] = OrderedDict()
        self._bodies: OrderedDict[str, Record] = OrderedDict()
        self._characters = 0

    def rows(self, record: Record) -> Iterator[Row | Excluded]:
        asked, event = mapping(record.get("obj")), record.get("event")
        if event == "request.received.openai":
            yield from self._keep_body(asked)
        elif event not in ("request.received", "request.finished"):
            yield Excluded("another event")
        elif (why := _no_exchange(record, asked)) is not None:
            yield Excluded(why)
        elif event == "request.received":
            for rid, one in _each(record, asked):
                yield from self._receive(rid, one, record)
        else:
            yield self._finish(str(record.get("rid")), asked, record)

    def rest(self) -> Iterator[Row | Excluded]:
        yield from self._waiting.values()
        yield from (Excluded("request never received") for _ in self._bodies)

    def others(self, records: Iterable[Record]) -> Container[str] | None:
        """The requests that wait and those of some records; None if no more of them may wait."""
        ids = {rid for record in records for rid in _rids(record)}
        return (
            None
            if len(self._bodies) + len(ids) >= MOST_WAITING
            else ids | self._waiting.keys() | self._bodies.keys()
        )

    def _keep_body(self, asked: Record) -> Iterator[Excluded]:
        rid = text(asked.get("rid"))
        if rid is None:
            yield Excluded("request told twice")
            return
        self._bodies[rid] = asked
        if len(self._bodies) > MOST_WAITING:
            self._bodies.popitem(last=False)
            yield Excluded("request never received")

    def _receive(self, rid: str, asked: Record, record: Record) -> Iterator[Row | Excluded]:
        n = whole(at(asked, "sampling_params", "n"))
        if n is not None and n > 1:
            yield Excluded("told by each of its samples")
            return
        row = _asked(rid, asked, record, self._bodies.pop(rid, None))
        row["ts"] = iso(record.get("timestamp"), utc=True)
        self._waiting[rid] = row
        self._characters += len(row.get("prompt") or "")
        while len(self._waiting) > MOST_WAITING or self._characters > MOST_CHARACTERS:
            yield self._released(next(iter(self._waiting)))

    def _released(self, rid: str) -> Row:
        row = self._waiting.pop(rid)
        self._characters -= len(row.get("prompt") or "")
        return row

    def _finish(self, rid: str, asked: Record, record: Record) -> Row:
        answered = mapping(record.get("out"))
        if rid in self._waiting:
            row = _merged(self._released(rid), _asked(rid, asked, record, None))
        else:
            row = _asked(rid, asked, record, self._bodies.pop(rid, None))
            moment = iso(record.get("timestamp"), utc=True)
            took = number(at(answered, "meta_info", "e2e_latency")) or 0.0
            row["ts"] = moment - round(took * 1e6) if moment is not None and 0 < took < _LONGEST else moment
        state = row.pop("content_state", None)
        row |= _answered(answered)
        row["content_state"] = _state(row, state)
        return row


def _merged(received: Row, finished: Row) -> Row:
    """What a request told when it came, and of what it did not tell then what it told at its end."""
    row = finished | received
    for name, nothing in (("content_state", "absent"), ("model", UNNAMED)):
        if received.get(name) == nothing and name in finished:
            row[name] = finished[name]
    if "content_state" not in finished:
        row.pop("content_state", None)
    return row


def _no_exchange(record: Record, asked: Record) -> str | None:
    """Why an event is of no exchange of a customer's."""
    if str(record.get("rid")).startswith("HEALTH_CHECK"):
        return "health check"
    is_other = "is_cross_encoder_request" in asked or at(record, "out", "embedding") is not None
    return "no generation" if is_other or at(asked, "sampling_params", "max_new_tokens") == 0 else None


def _rids(record: Record) -> Iterator[str]:
    """Whose event it is."""
    rids = record.get("rid")
    yield from map(str, rids if isinstance(rids, list) else (rids,))
    if (rid := text(mapping(record.get("obj")).get("rid"))) is not None:
        yield rid


def _each(record: Record, asked: Record) -> Iterator[tuple[str, Record]]:
    """The requests of a batch, or the one there is."""
    rids = record.get("rid")
    if not isinstance(rids, list):
        yield str(rids), asked
        return
    for place, rid in enumerate(rids):
        single = {
            name: inside[place] if isinstance(inside, list) and len(inside) == len(rids) else inside
            for name, inside in asked.items()
        }
        yield str(rid), single


def _asked(rid: str, asked: Record, record: Record, body: Record | None) -> Row:
    """The request as a row, with an account if one is named; a body that was joined tells more than the prompt."""
    parameters, prompt = mapping(asked.get("sampling_params")), asked.get("text")
    told: Row = {
        "prompt": prompt if isinstance(prompt, str) and prompt else None,
        "images": sum(_count(asked.get(name)) for name in _MEDIA) or None,
        "temperature": parameters.get("temperature"),
        "top_p": parameters.get("top_p"),
        "max_tokens": parameters.get("max_new_tokens"),
        "n": parameters.get("n"),
        "seed": parameters.get("sampling_seed"),
        "logprobs": asked.get("return_logprob"),
        "reasoning": asked.get("require_reasoning") or None,
    }
    if parameters.get("json_schema") is not None:
        told["response_format"] = "json_schema"
    if body is not None:
        told |= said(body, None)
    user = text(told.get("end_user_id"))
    account = _account(record, asked)
    told["end_user_id"] = user if account else None
    told["exchange_id"] = text(rid)
    told["account_id"] = account or user
    told["model"] = text(told.get("model")) or text(first(asked, "model", "lora_path")) or UNNAMED
    told["session_id"] = text(first(asked, "session_id", "conversation_id")) or text(
        at(asked, "session_params", "id")
    )
    told["content_state"] = _state(told, None)
    return without_nones(told)


def _account(record: Record, asked: Record) -> str | None:
    headers, labels = mapping(record.get("headers")), mapping(asked.get("custom_labels"))
    return (
        first_text(headers, HEADERS) or first_text(labels, LABELS) or first_text(asked, ("user_id", "user"))
    )


def _count(media: object) -> int:
    return sum(map(_count, media)) if isinstance(media, list) else int(media is not None)


def _answered(answered: Record) -> Row:
    about, words = mapping(answered.get("meta_info")), answered.get("text")
    reason = about.get("finish_reason")
    code = whole(at(reason, "status_code"))
    return without_nones(
        {
            "response": words if isinstance(words, str) and words else None,
            "stop_reason": text(at(reason, "type")) or text(reason),
            "input_tokens": whole(about.get("prompt_tokens")),
            "output_tokens": whole(about.get("completion_tokens")),
            "cached_input_tokens": whole(about.get("cached_tokens")),
            "reasoning_tokens": whole(about.get("reasoning_tokens")),
            "status": code if code is not None and 100 <= code <= 599 else 200,
        }
    )


def _state(row: Row, before: str | None) -> str | None:
    """What became of the texts; those that are hashes are taken out of the row."""
    for name in ("prompt", "response"):
        words = row.get(name) or ""
        if len(words) < 100 and words.startswith("<") and _HASH in words:
            row[name], before = None, "hashed"
        elif len(words) == 2 * _HALF + 3 and words[_HALF : _HALF + 3] == "...":
            before = before if before == "hashed" else "truncated"
    if before in ("hashed", "truncated"):
        return before
    return None if row.get("prompt") or row.get("response") else "absent"


def _record(row: Row) -> Mapping[str, Any]:
    """The events of a row: its request in OpenAI's words where it says more than a text, and its end or its receipt."""
    rid, is_told = row["exchange_id"], filled(row, *_OF_BODIES)
    is_open = row.get("status") is None and row.get("response") is None
    event = {
        "timestamp": written(row["ts"]).removesuffix("Z"),
        "event": "request.received" if is_open else "request.finished",
        "rid": rid,
        "obj": without_nones(
            {"rid": rid, "session_id": row.get("session_id")} | _native(row, is_told=is_told)
        ),
        "headers": {"x-account-id": row["account_id"]},
        "out": None if is_open else _out(row),
    }
    if not is_told:
        return without_nones(event)
    body = {**bodies()["openai_chat"].as_request(row), "rid": rid}
    head = {"timestamp": event["timestamp"], "event": "request.received.openai", "obj": body}
    return {"records": [head, without_nones(event)]}


def _native(row: Row, *, is_told: bool) -> dict[str, Any]:
    """The request in SGLang's own words, unless it is told in OpenAI's."""
    if is_told:
        return {}
    parameters = {
        "temperature": row.get("temperature"),
        "top_p": row.get("top_p"),
        "max_new_tokens": row.get("max_tokens"),
        "n": row.get("n"),
        "sampling_seed": row.get("seed"),
    }
    is_hashed = row.get("content_state") == "hashed" and row.get("prompt") is None
    return {
        "model": row["model"],
        "text": _HASHED if is_hashed else row.get("prompt"),
        "image_data": ["about:blank"] * (row.get("images") or 0) or None,
        "sampling_params": without_nones(parameters),
        "return_logprob": row.get("logprobs"),
        "require_reasoning": row.get("reasoning"),
    }


def _out(row: Row) -> dict[str, Any]:
    about = {
        "finish_reason": without_nones({"type": row.get("stop_reason"), "status_code": row.get("status")}),
        "prompt_tokens": row.get("input_tokens"),
        "completion_tokens": row.get("output_tokens"),
        "cached_tokens": row.get("cached_input_tokens"),
        "reasoning_tokens": row.get("reasoning_tokens"),
    }
    is_hashed = row.get("content_state") == "hashed" and row.get("prompt") is not None
    words = row.get("response") or (_HASHED if is_hashed else None)
    return without_nones({"text": words, "meta_info": without_nones(about)})


def _joining(_log: Path) -> Joining:
    requests = _Requests()
    return Joining(requests.rows, requests.rest, others=requests.others)


SOURCE = source(
    Envelope(
        name="sglang",
        description="SGLang's request log in JSON",
        looks_like=lambda record: (
            str(record.get("event")).startswith("request.") and isinstance(record.get("obj"), dict)
        ),
        joining=_joining,
        record=_record,
        packed=("records",),
        lane=lane(Words(HEADERS, LABELS, UNNAMED, _HALF, _HASH)),
        carries=(REQUEST | RESPONSE)
        | {"exchange_id", "ts", "account_id", "session_id", "end_user_id", "status"}
        | {"n", "seed", "logprobs", "response_format", "reasoning_tokens"},
    )
)
