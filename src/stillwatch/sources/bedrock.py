"""Amazon Bedrock's model invocation log: one JSON record a call, as it is delivered to S3 or CloudWatch.

The account is the AWS account (`accountId`), for that is what is billed; `api_key_id` is the ARN of the identity that
called. Whoever resells through one AWS account finds the customers only in the ARNs. The last part of the ARN of an
assumed role is a session's name: it may change from session to session, and may be a person's name.

The model is `modelId` as it stands, which may be the ARN of an inference profile. Times are in UTC and end with the second,
so that nothing can be told from parts of a second. `requestMetadata` is what the caller chose to say; of it the keys
named in `SESSIONS` and `USERS` are read.

Bodies are in the dialect of Converse, or in the model's own; a streamed answer is a list of events. Of the models whose own
dialect is not read as such (Titan, Llama, Mistral, Cohere) the prompt and the answer are read, and no parameters. A body
above 100 kB lies in a file of its own, and the record holds only its path (`inputBodyS3Path`, `outputBodyS3Path`). It is read
where it lies beside the log, or in the bucket that the log came from (`stillwatch.sources.nested.beside`). Where it cannot be,
`content_state` is absent if neither body is there, and truncated if one is.

Tokens are the log's own counts. `inputTokenCount` leaves out what was read from or written to the cache: all three are
added. A failed call names an exception of AWS (`errorCode`), which is turned into its HTTP status.

Calls of models that make no words (embeddings, images, video, ranking) are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillwatch.sources.bodies._base import REQUEST, RESPONSE, filled
from stillwatch.sources.bodies.dialects import bodies, events_of, said
from stillwatch.sources.lanes import bedrock_converse
from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    always,
    moments,
    over,
    summed,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.beside import Bodies, bodies_beside
from stillwatch.sources.nested.envelope import Envelope, Excluded, Joining, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import at, first, loaded, mapping, text, whole, without_nones

SESSIONS = ("session_id", "sessionId", "session", "conversation_id", "conversationId")
USERS = ("user_id", "userId", "user", "end_user_id", "endUserId", "enduser.id")
"""Keys of `requestMetadata` under which callers name a conversation and their own user."""

NOT_GENERATING = (
    *("embed", "stability.", "image", "canvas", "nova-reel", "luma.", "rerank", "marengo"),
    "data-automation",
)
"""Parts of the ids of models that make no words."""

NO_WORDS = ("embedding", "embeddings", "embeddingsByType", "images", "artifacts")
"""Keys of answers that are no words, by which a model behind an inference profile gives itself away."""

STATUSES = {
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "AccessDeniedException": 403,
    "ValidationException": 400,
    "ServiceQuotaExceededException": 400,
    "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ModelStreamErrorException": 424,
    "ServiceUnavailableException": 503,
    "InternalServerException": 500,
}
"""HTTP statuses of the exceptions; any other is 500."""

_BESIDES = (REQUEST | {"response_format", "stop_reason"}) - {"model", "prompt"}
_INPUTS = ("inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount")


def _joining(log: Path) -> Joining:
    return Joining(partial(_rows, bodies_beside(log)), lambda: ())


def _rows(beside: Bodies, record: Record) -> Iterator[Row | Excluded]:
    asked, answered = mapping(record.get("input")), mapping(record.get("output"))
    model = text(record.get("modelId"))
    if _is_wordless((model or "").lower(), loaded(answered.get("outputBodyJson"))):
        yield Excluded("no generation")
        return
    request, asked_cut = _body(asked, "input", beside)
    response, answered_cut = _body(answered, "output", beside)
    if _is_wordless("", response):
        yield Excluded("no generation")
        return
    row = said(request, response, dialect="bedrock_converse" if "Converse" in _operation(record) else "")
    if "prompt" not in row and "response" not in row:
        row |= _plain(request, response)
    if row.get("content_state") is None and (asked_cut or answered_cut):
        row["content_state"] = "truncated"
    metadata = mapping(record.get("requestMetadata"))
    told: Row = {
        "exchange_id": text(record.get("requestId")),
        "ts": iso(record.get("timestamp"), utc=True),
        "account_id": text(record.get("accountId")),
        "model": model,
        "api_key_id": text(at(record.get("identity"), "arn")),
        "session_id": text(first(metadata, *SESSIONS)),
        "end_user_id": text(first(metadata, *USERS)),
        "channel": "bedrock",
        "status": _status(record),
        "input_tokens": _read(asked),
        "output_tokens": whole(answered.get("outputTokenCount")),
        "cached_input_tokens": whole(asked.get("cacheReadInputTokenCount")),
    }
    yield row | without_nones(told)


def _body(side: Mapping[str, Any], name: str, beside: Bodies) -> tuple[Any, bool]:
    """A body, and whether it is elsewhere as a whole and cannot be read there."""
    held, address = loaded(side.get(f"{name}BodyJson")), side.get(f"{name}BodyS3Path")
    if not isinstance(address, str):
        return held, False
    fetched = beside(address)
    told = None if fetched is None else loaded(fetched)
    if isinstance(told, str):
        told = events_of(told)
    return (told, False) if told else (held, True)


def _operation(record: Record) -> str:
    return str(record.get("operation") or "")


def _is_wordless(model: str, response: object) -> bool:
    if any(part in model for part in NOT_GENERATING):
        return True
    return isinstance(response, dict) and any(name in response for name in NO_WORDS)


def _plain(request: object, response: object) -> Row:
    """Prompt and answer in the dialects of models that take one text and give one."""
    pieces = response if isinstance(response, list) else [response]
    prompt = text(first(request, "prompt", "inputText", "message"))
    answer = "".join(piece for piece in map(_piece, pieces) if piece) or None
    if prompt is None and answer is None:
        return {}
    return {"content_state": None} | without_nones({"prompt": prompt, "response": answer})


def _piece(answer: object) -> str | None:
    """The text of an answer or of a piece of one, which may stand in the first of a list of results."""
    for name in ("results", "outputs", "generations"):
        if isinstance(inside := at(answer, name), list) and inside:
            answer = inside[0]
    return text(first(answer, "generation", "outputText", "completion", "text"))


def _read(asked: Mapping[str, Any]) -> int | None:
    return _sum(*(whole(asked.get(name)) for name in _INPUTS))


def _sum(*counts: int | None) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None


def _status(record: Record) -> int:
    return _code(first(record, "errorCode", "status"), record.get("errorCode"))


def _code(told: object, exception: object) -> int:
    code = whole(told)
    if code is not None and 100 <= code <= 599:
        return code
    error = text(exception)
    return 200 if error is None else STATUSES.get(error, STATUSES.get(f"{error}Exception", 500))


def _columns(some: Found) -> Columns:
    """The same of calls of Converse of which the log holds both bodies."""
    asked, answered = some.inside("input"), some.inside("output")
    turned(_is_converse, pa.bool_(), some, "operation")
    turned(_makes_words, pa.bool_(), some, "modelId")
    return over(
        bedrock_converse.told(asked.inside("inputBodyJson"), answered.inside("outputBodyJson")),
        {
            "exchange_id": texts(some, "requestId"),
            "ts": moments(some, "timestamp"),
            "account_id": texts(some, "accountId"),
            "model": texts(some, "modelId"),
            "api_key_id": texts(some, "identity/arn"),
            "session_id": texts(some, f"requestMetadata/{SESSIONS[0]}"),
            "end_user_id": texts(some, f"requestMetadata/{USERS[0]}"),
            "channel": always(some, "bedrock"),
            "status": turned(_code_of, pa.int32(), some, "errorCode"),
            "input_tokens": summed(some, *(wholes(asked, name) for name in _INPUTS)),
            "output_tokens": wholes(answered, "outputTokenCount"),
            "cached_input_tokens": wholes(asked, _INPUTS[1]),
        },
    )


def _code_of(exception: object) -> int:
    return _code(exception, exception)


def _is_converse(operation: object) -> Any:
    return None if "Converse" in str(operation or "") else ODD


def _makes_words(model: object) -> Any:
    return ODD if _is_wordless((text(model) or "").lower(), None) else None


_SHAPE = {
    **any_of("requestId", "timestamp", "accountId", "modelId", "operation", "errorCode"),
    **none_of("status", "records", "Records"),
    "identity": any_of("arn"),
    "requestMetadata": {**any_of(SESSIONS[0], USERS[0]), **none_of(*SESSIONS[1:], *USERS[1:])},
    "input": Needed(
        {
            "inputBodyJson": Needed(bedrock_converse.REQUEST),
            **any_of(*_INPUTS),
            **none_of("inputBodyS3Path"),
        }
    ),
    "output": Needed(
        {
            "outputBodyJson": {
                **bedrock_converse.RESPONSE,
                **none_of(*NO_WORDS, "results", "outputs", "generations"),
                **none_of("generation", "outputText", "completion", "text"),
            },
            **any_of("outputTokenCount"),
            **none_of("outputBodyS3Path"),
        }
    ),
}


def _record(row: Row) -> Mapping[str, Any]:
    is_plain = filled(row, "prompt", "response") and not filled(row, *_BESIDES)
    asked, answered = _as_plain(row) if is_plain else _as_converse(row)
    if row.get("content_state") == "truncated":
        side, name = (answered, "output") if "prompt" in row else (asked, "input")
        side[f"{name}BodyS3Path"] = "s3://elsewhere"
    cached, read = row.get("cached_input_tokens"), row.get("input_tokens")
    asked["inputTokenCount"] = None if read is None else read - (cached or 0)
    asked["cacheReadInputTokenCount"] = cached
    answered["outputTokenCount"] = row.get("output_tokens")
    metadata = {"session_id": row.get("session_id"), "user_id": row.get("end_user_id")}
    return without_nones(
        {
            "schemaType": "ModelInvocationLog",
            "schemaVersion": "1.0",
            "timestamp": written(row["ts"]),
            "accountId": row["account_id"],
            "identity": without_nones({"arn": row.get("api_key_id")}),
            "requestId": row["exchange_id"],
            "operation": "InvokeModel" if is_plain else "Converse",
            "modelId": row["model"],
            "errorCode": None if (status := row.get("status")) in (None, 200) else str(status),
            "requestMetadata": without_nones(metadata) or None,
            "input": without_nones(asked),
            "output": without_nones(answered),
        }
    )


def _as_plain(row: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    asked, answered = row.get("prompt"), row.get("response")
    return (
        {"inputBodyJson": None if asked is None else {"prompt": asked}},
        {"outputBodyJson": None if answered is None else {"generation": answered}},
    )


def _as_converse(row: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    body = bodies()["bedrock_converse"]
    asked = body.as_request({**row, "model": None, "end_user_id": None})
    return {"inputBodyJson": asked or None}, {"outputBodyJson": body.as_response(row) or None}


SOURCE = source(
    Envelope(
        name="bedrock",
        description="Amazon Bedrock model invocation log",
        looks_like=lambda record: record.get("schemaType") == "ModelInvocationLog",
        joining=_joining,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        packed=("records", "Records"),
        carries=REQUEST
        | RESPONSE
        | {"exchange_id", "ts", "account_id", "api_key_id", "session_id", "end_user_id", "status"}
        | {"response_format"},
    )
)
