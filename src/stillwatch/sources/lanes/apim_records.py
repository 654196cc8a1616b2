"""Exchanges of Azure API Management of which a line tells all: one record of the gateway and one of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import (
    Columns,
    added,
    always,
    are,
    either,
    moments,
    statuses,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.elements import Elements, elements
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.lanes.talks import all_texts, of_contents

_FIELDS = "properties"
_PAIR = 2
_CACHED_BESIDE = "claude"


@dataclass(frozen=True)
class Words:
    """What the format knows: names of fields, the categories of the two logs, who called with which headers."""

    names: Mapping[str, Sequence[str]]
    gateway: Sequence[str]
    model: Sequence[str]
    user_agent: Callable[[Any], str | None]


def lane(words: Words) -> Lane:
    """The lane of such lines, with messages where resource logs have them."""
    talked = [name for kind in ("asked", "answered") for name in words.names[kind]]
    asked, answered = words.names["asked"][0], words.names["answered"][0]
    plain = [name for names in words.names.values() for name in names if name not in talked]
    categories = words.names["category"]
    fields = {
        **any_of(*plain),
        **none_of(*talked),
        asked: openai_chat.MESSAGES,
        answered: openai_chat.ANSWERS,
    }
    record = {
        **any_of(*plain),
        **none_of(*talked, *categories[1:], "records", "log"),
        _FIELDS: Needed(fields),
    }
    return Lane({"records": Needed([record])}, lambda some: _columns(some, words), needed=("exchange_id",))


def _columns(some: Found, words: Words) -> Columns:
    """The same of lines that hold these two records of one exchange."""
    ends = some.ends("records")
    sizes = np.diff(ends, prepend=0)
    first = np.where(sizes == _PAIR, ends - sizes, -1)
    is_first = _is_of(elements(some, "records", first), words.gateway)
    gateway = elements(some, "records", np.where(is_first | (first < 0), first, first + 1))
    model = elements(some, "records", np.where(is_first, first + 1, first))
    gateway.without(~_is_of(gateway, words.gateway))
    model.without(~_is_of(model, words.model))
    told = _of_model(model, words) | {"channel": always(some, "aggregator")}
    called = _of_gateway(gateway, words)
    told |= called | {"ts": either(called["ts"], told["ts"])}
    model.without(~are(pc.equal(told["exchange_id"], texts(model, *_paths(words, "correlation")))))
    some.without(gateway.is_odd | model.is_odd)
    return told


def _paths(words: Words, name: str) -> Sequence[str]:
    """Where a field may stand: among the properties, or beside them."""
    return [*(f"{_FIELDS}/{one}" for one in words.names[name]), *words.names[name]]


def _is_of(record: Elements, categories: Sequence[str]) -> NDArray[np.bool_]:
    path = "category"
    return are(turned(lambda told: isinstance(told, str) and told in categories, pa.bool_(), record, path))


def _of_gateway(gateway: Found, words: Words) -> Columns:
    url = texts(gateway, *_paths(words, "url"))
    gateway.without(are(pc.match_substring(url, "/embeddings")))
    return {
        "exchange_id": texts(gateway, *_paths(words, "correlation")),
        "ts": moments(gateway, *_paths(words, "time")),
        "account_id": texts(gateway, *_paths(words, "subscription")),
        "client_ip": texts(gateway, *_paths(words, "address")),
        "user_agent": turned(words.user_agent, pa.string(), gateway, *_paths(words, "headers")),
        "status": statuses(gateway, *_paths(words, "code")),
    }


def _of_model(model: Found, words: Words) -> Columns:
    asked, answered = (f"{_FIELDS}/{words.names[name][0]}" for name in ("asked", "answered"))
    name = either(texts(model, *_paths(words, "model")), texts(model, *_paths(words, "deployment")))
    operation = texts(model, *_paths(words, "operation"))
    model.without(
        np.asarray(name.is_null()) | are(pc.match_substring(operation, "embedding", ignore_case=True))
    )
    read, made, cached = (wholes(model, *_paths(words, one)) for one in ("read", "made", "cached"))
    for counts in (read, made, cached):
        model.without(are(pc.less(counts, 0)))
    is_beside = pc.match_substring(name, _CACHED_BESIDE, ignore_case=True)
    told = {
        **openai_chat.conversed(model, asked),
        "response": all_texts(model, answered, of_contents(model, f"{answered}/*/content")),
        "ts": moments(model, *_paths(words, "time")),
        "model": name,
        "input_tokens": added(model, read, pc.if_else(is_beside, cached, None)),
        "output_tokens": made,
        "cached_input_tokens": cached,
    }
    says_nothing = np.asarray(told["prompt"].is_null()) & np.asarray(told["response"].is_null())
    return told | {"content_state": always(model, "absent", says_nothing)}
