"""Azure API Management's log of language models, joined with its gateway log: one exchange from several records.

Rows of `ApiManagementGatewayLlmLog` hold model, tokens and, if that was turned on, messages; they know no caller. Rows of
`ApiManagementGatewayLogs` hold caller and status. Both must be in the same export; they are joined by `CorrelationId`.
Exports of Log Analytics have columns (`CorrelationId`), resource logs have a category, `properties` and names that begin
with a small letter (`correlationId`): both are read.

The account is the subscription of the gateway (`ApimSubscriptionId`). An exchange without a gateway row, or of an API that
needs no subscription, has none and is rejected. A gateway row without a row of a model is an exchange if its address names
a deployment (a call that was refused, or one that was not logged), and is else excluded: it is a call of another API.
Embeddings are excluded. Times are UTC.

Long messages are cut into rows with a `SequenceNumber` and put together again: the texts of two messages that meet where
two rows meet are one text if their roles agree. Tools and parameters are not in this log. The tokens of Claude leave out
what was read from the cache, which is added.

How many rows make one exchange is not told, so that all are held to the end of the file: at most `OPEN` exchanges and
`HELD` bytes of their lines. Beyond that the oldest are taken as they are; sort a large export by time, and the rows of
one exchange lie close together.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes.apim_records import Words, lane
from stillwatch.sources.nested.envelope import (
    Envelope,
    Excluded,
    Held,
    Joining,
    NoExchangeError,
    Record,
    Row,
)
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    first,
    from_json,
    loaded,
    mapping,
    status,
    text,
    whole,
    without_nones,
)

OPEN = 20_000
"""Exchanges that are held until the rest of them comes."""

HELD = 128 * 1024 * 1024
"""Bytes of the lines of those exchanges that are held, in all."""

NAMES = {
    "correlation": ("correlationId", "CorrelationId"),
    "time": ("time", "TimeGenerated"),
    "category": ("category", "Category", "Type"),
    "subscription": ("apimSubscriptionId", "ApimSubscriptionId"),
    "address": ("callerIpAddress", "CallerIpAddress"),
    "code": ("responseCode", "ResponseCode"),
    "url": ("url", "Url"),
    "headers": ("requestHeaders", "RequestHeaders"),
    "sequence": ("sequenceNumber", "SequenceNumber"),
    "asked": ("requestMessages", "RequestMessages"),
    "answered": ("responseMessages", "ResponseMessages"),
    "model": ("modelName", "ModelName"),
    "deployment": ("deploymentName", "DeploymentName"),
    "operation": ("operationName", "OperationName"),
    "read": ("promptTokens", "PromptTokens"),
    "made": ("completionTokens", "CompletionTokens"),
    "cached": ("promptCachedTokens", "PromptCachedTokens"),
}
"""What a field is called in resource logs, and in Log Analytics."""

_KINDS = (
    ("model", ("GatewayLlmLogs", "ApiManagementGatewayLlmLog"), "sequence"),
    ("gateway", ("GatewayLogs", "ApiManagementGatewayLogs"), "subscription"),
)
"""The two logs: their categories and tables, and a column that the other has not."""

Chunks = dict[int, Any]
"""Lists of messages, or parts of a text of one, by sequence number."""


@dataclass(slots=True)
class _Exchange:
    """What is known of an exchange so far: of the gateway's row, and of those of the model."""

    told: Row
    url: str = ""
    has_model: bool = False
    model: str | None = None
    deployment: str | None = None
    operation: str = ""
    seen: int | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    asked: Chunks = field(default_factory=dict)
    answered: Chunks = field(default_factory=dict)
    size: int = 0


class _Open:
    """The exchanges of which more may come, the oldest first; some as a lane told them."""

    def __init__(self) -> None:
        self._exchanges: OrderedDict[str, _Exchange | Held] = OrderedDict()
        self._size = self._share = 0

    def line(self, size: int, records: int) -> None:
        """So many records of a line of so many bytes come next, each of which counts as much as the others."""
        self._share = size // records

    def rows(self, record: Record) -> Iterator[Row | Excluded | Held]:
        """Take a record; give what there is no more room for."""
        fields = mapping(record.get("properties"))
        kind = _kind(record, fields)
        if kind is None:
            yield Excluded("another category of log")
            return
        correlation = text(_of(record, fields, "correlation"))
        if correlation is None:
            raise NoExchangeError("no exchange_id")
        exchange = self._exchanges.get(correlation)
        if not isinstance(exchange, _Exchange):
            exchange = _again(correlation, exchange)
            self._exchanges[correlation] = exchange
        _add(exchange, kind, record, fields)
        exchange.size += self._share
        self._size += self._share
        yield from self._surplus()

    def has_room(self, one: Held) -> bool:
        """Whether an exchange is not known yet, and may be held."""
        return one.exchange_id not in self._exchanges and OPEN > 0 and one.size <= HELD

    def hold(self, one: Held) -> Iterator[Row | Excluded | Held]:
        """Hold an exchange as a lane told it; give what there is no more room for."""
        self._exchanges[one.exchange_id] = one
        self._size += _size(one)
        if len(self._exchanges) > OPEN or self._size > HELD:
            yield from self._surplus()

    def rest(self) -> Iterator[Row | Excluded | Held]:
        """Give what is left."""
        while self._exchanges:
            yield self._oldest()

    def _surplus(self) -> Iterator[Row | Excluded | Held]:
        while len(self._exchanges) > OPEN or (self._size > HELD and self._exchanges):
            yield self._oldest()

    def _oldest(self) -> Row | Excluded | Held:
        _, exchange = self._exchanges.popitem(last=False)
        self._size -= _size(exchange)
        return exchange if isinstance(exchange, Held) else _joined(exchange)


def _size(exchange: _Exchange | Held) -> int:
    """How many bytes it counts: those of its records, as they were shared out among those of a line."""
    return exchange.size if isinstance(exchange, _Exchange) else exchange.size // 2 * 2


def _again(correlation: str, held: Held | None) -> _Exchange:
    """An exchange with all that is known of it, read once more if a lane told it."""
    exchange = _Exchange({"exchange_id": correlation})
    if held is not None:
        exchange.size = _size(held)
        for record in from_json(held.raw)["records"]:
            fields = mapping(record.get("properties"))
            _add(exchange, _kind(record, fields), record, fields)
    return exchange


def _add(exchange: _Exchange, kind: str | None, record: Record, fields: Mapping[str, Any]) -> None:
    if kind == "gateway":
        _add_gateway(exchange, record, fields)
    else:
        _add_model(exchange, record, fields)


def _of(record: Record, fields: Mapping[str, Any], name: str) -> Any:
    found = first(fields, *NAMES[name])
    return first(record, *NAMES[name]) if found is None else found


def _kind(record: Record, fields: Mapping[str, Any]) -> str | None:
    """Of which log a record is: by its category or table, else by a column that the other has not."""
    categories = [told for name in NAMES["category"] if (told := text(record.get(name))) is not None]
    for kind, names, column in _KINDS:
        if any(told in names for told in categories):
            return kind
        if not categories and text(_of(record, fields, column)) is not None:
            return kind
    return None


def _add_gateway(exchange: _Exchange, record: Record, fields: Mapping[str, Any]) -> None:
    exchange.url = text(_of(record, fields, "url")) or ""
    exchange.told |= without_nones(
        {
            "ts": iso(_of(record, fields, "time"), utc=True),
            "account_id": text(_of(record, fields, "subscription")),
            "client_ip": text(_of(record, fields, "address")),
            "user_agent": _user_agent(mapping(_of(record, fields, "headers"))),
            "status": status(_of(record, fields, "code")),
        }
    )


def _user_agent(headers: Mapping[str, Any]) -> str | None:
    return next((text(told) for name, told in headers.items() if name.lower() == "user-agent"), None)


def _add_model(exchange: _Exchange, record: Record, fields: Mapping[str, Any]) -> None:
    exchange.has_model = True
    exchange.model = text(_of(record, fields, "model")) or exchange.model
    exchange.deployment = text(_of(record, fields, "deployment")) or exchange.deployment
    exchange.operation = text(_of(record, fields, "operation")) or exchange.operation
    for name in ("read", "made", "cached"):
        if (count := whole(_of(record, fields, name))) is not None:
            exchange.tokens[name] = max(count, exchange.tokens.get(name, 0))
    if (moment := iso(_of(record, fields, "time"), utc=True)) is not None:
        exchange.seen = moment if exchange.seen is None else min(moment, exchange.seen)
    number = whole(_of(record, fields, "sequence"))
    _add_chunk(exchange.asked, number, _of(record, fields, "asked"))
    _add_chunk(exchange.answered, number, _of(record, fields, "answered"))


def _add_chunk(chunks: Chunks, number: int | None, messages: object) -> None:
    """Keep messages at their number; a row that comes twice counts once."""
    if messages:
        chunks[len(chunks) if number is None else number] = messages


def _joined(exchange: _Exchange) -> Row | Excluded:
    model = exchange.model or exchange.deployment or _deployment(exchange.url)
    if not exchange.has_model and model is None:
        return Excluded("no call of a language model")
    if "embedding" in exchange.operation.lower() or "/embeddings" in exchange.url:
        return Excluded("no generation")
    answers = [{"message": message} for message in _messages(exchange.answered)]
    row = said({"messages": _messages(exchange.asked)}, {"choices": answers}, dialect="openai_chat")
    read, cached = exchange.tokens.get("read"), exchange.tokens.get("cached")
    told: Row = {
        "ts": exchange.seen,
        "model": model,
        "channel": "aggregator",
        "input_tokens": None if read is None else read + _beside(model, cached),
        "output_tokens": exchange.tokens.get("made"),
        "cached_input_tokens": cached,
    }
    return row | without_nones(told) | exchange.told


def _deployment(url: str) -> str | None:
    """The deployment that an address names: `.../deployments/NAME/chat/completions`."""
    return url.partition("/deployments/")[2].partition("/")[0] or None


def _beside(model: str | None, cached: int | None) -> int:
    """Tokens from the cache that are not among those read."""
    return cached if cached is not None and "claude" in (model or "").lower() else 0


def _messages(chunks: Chunks) -> list[Mapping[str, Any]]:
    """The messages of all rows: lists, each of its own row, or one list whose text was cut."""
    parts = [chunks[number] for number in sorted(chunks)]
    lists = [loaded(part) for part in parts]
    if any(isinstance(one, str) for one in lists):
        lists = [loaded("".join(part for part in parts if isinstance(part, str)))]
    found: list[Mapping[str, Any]] = []
    for some in lists:
        for place, message in enumerate(some if isinstance(some, list) else [some]):
            if isinstance(message, str):
                found.append({"content": message})
            elif isinstance(message, dict) and place == 0 and found and _goes_on(found[-1], message):
                found[-1] = {**found[-1], "content": found[-1]["content"] + message["content"]}
            elif isinstance(message, dict):
                found.append(message)
    return found


def _goes_on(last: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
    """Whether the first message of a row goes on with the last of the row before."""
    texts = isinstance(last.get("content"), str) and isinstance(message.get("content"), str)
    return texts and all(message.get(name) in (None, last.get(name)) for name in ("role", "tool_call_id"))


def _joining(_log: Path) -> Joining:
    state = _Open()
    return Joining(state.rows, state.rest, holds=state)


def _looks_like(record: Record) -> bool:
    fields = mapping(record.get("properties"))
    return _kind(record, fields) is not None and _of(record, fields, "correlation") is not None


def _record(row: Row) -> Mapping[str, Any]:
    """The row of the gateway and one of the model, in one record."""
    both = {"time": written(row["ts"]), "correlationId": row["exchange_id"]}
    gateway = {
        **both,
        "category": "GatewayLogs",
        "callerIpAddress": row.get("client_ip"),
        "properties": _of_gateway(row),
    }
    return {
        "records": [
            without_nones(gateway),
            {**both, "category": "GatewayLlmLogs", "properties": _of_model(row)},
        ]
    }


def _of_gateway(row: Row) -> Mapping[str, Any]:
    agent = row.get("user_agent")
    told = {
        "apimSubscriptionId": row["account_id"],
        "responseCode": row.get("status"),
        "requestHeaders": None if agent is None else {"User-Agent": agent},
    }
    return without_nones(told)


def _of_model(row: Row) -> Mapping[str, Any]:
    body, read, cached = bodies()["openai_chat"], row.get("input_tokens"), row.get("cached_input_tokens")
    answered = body.as_response({"response": row.get("response")}).get("choices")
    told = {
        "sequenceNumber": 0,
        "modelName": row["model"],
        "promptTokens": None if read is None else read - _beside(row["model"], cached),
        "promptCachedTokens": cached,
        "completionTokens": row.get("output_tokens"),
        "requestMessages": body.as_request(row).get("messages"),
        "responseMessages": answered and [one["message"] for one in answered],
    }
    return without_nones(told)


SOURCE = source(
    Envelope(
        name="azure_apim",
        description="Azure API Management: log of language models joined with the gateway's",
        looks_like=_looks_like,
        joining=_joining,
        record=_record,
        packed=("records",),
        lane=lane(Words(NAMES, _KINDS[1][1], _KINDS[0][1], lambda told: _user_agent(mapping(told)))),
        is_holding=True,
        carries=frozenset(
            {
                *("exchange_id", "ts", "account_id", "model", "client_ip", "user_agent", "status"),
                *("system_prompt", "prompt", "turns", "images", "response"),
                *("input_tokens", "output_tokens", "cached_input_tokens"),
            }
        ),
    )
)
