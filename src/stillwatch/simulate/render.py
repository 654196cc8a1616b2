"""Rows of numbers become the contract's exchange table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import EXCHANGE, TIMESTAMP
from stillwatch.simulate.arrays import Bools, Ints, Rng, Rows, hex_strings, mix, salt
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.clients import Client
from stillwatch.simulate.group import FORMATS, TOOL_CHOICES
from stillwatch.simulate.network import dotted

CHANNELS = ("api", "app", "bedrock", "vertex", "foundry", "aggregator")
_TRAFFIC = ASSUMED.traffic


@dataclass
class Tables:
    """The small tables that rows point into."""

    texts: pa.Array
    lengths: Ints
    accounts: pa.Array
    models: pa.Array
    toolsets: pa.Array
    clients: list[Client]
    answer_tails: Ints
    refusals: Ints
    null_rates: dict[str, float]
    start: int
    seed: int


def take(values: pa.Array, where: Ints, valid: Bools | None = None) -> pa.Array:
    """Values at the positions; null where not valid."""
    return values.take(pa.array(where, mask=None if valid is None else ~valid))


def render(rows: Rows, tables: Tables, first: int, rng: Rng) -> pa.Table:
    """The exchange table of these rows; `first` numbers them, so that ids are unique in a world."""
    count = len(rows["ts"])
    columns = _identity(rows, tables, first) | _client(rows, tables) | _texts(rows, tables, rng)
    columns |= _request(rows, tables, first) | _usage(rows, tables, rng)
    arrays = [_thin(columns[f.name], f.name, tables, rng, count) for f in EXCHANGE.arrow]
    return pa.table(arrays, schema=EXCHANGE.arrow)


def exchange_ids(tables: Tables, first: int, count: int) -> pa.Array:
    """Unique ids that say nothing of their order."""
    return hex_strings(mix(np.arange(first, first + count), salt("exchange", tables.seed)), "ex_")


def _thin(values: pa.Array, name: str, tables: Tables, rng: Rng, count: int) -> pa.Array:
    rate = tables.null_rates.get(name, 0.0)
    if not rate:
        return values
    lost = pa.array(rng.random(count, dtype=np.float32) < rate)
    return pc.if_else(lost, pa.scalar(None, values.type), values)


def _named(rows: Rows, name: str, tables: Tables, prefix: str) -> pa.Array:
    number = rows[name].astype(np.uint64) * np.uint64(1 << 20) + rows["group"].astype(np.uint64)
    return hex_strings(mix(number, salt(name, tables.seed)), prefix)


def _identity(rows: Rows, tables: Tables, first: int) -> dict[str, pa.Array]:
    count = len(rows["ts"])
    conversation = hex_strings(
        mix(mix(rows["conversation"], salt("c", tables.seed)) ^ rows["account"].astype(np.uint64), 1), "conv_"
    )
    key = hex_strings(
        mix(mix(rows["key"], salt("k", tables.seed)) ^ rows["account"].astype(np.uint64), 2), "key_"
    )
    member = mix(mix(rows["end_user"], salt("u", tables.seed)) ^ rows["account"].astype(np.uint64), 3)
    return {
        "exchange_id": exchange_ids(tables, first, count),
        "ts": pa.array(rows["ts"] + tables.start).cast(TIMESTAMP),
        "account_id": take(tables.accounts, rows["account"]),
        "model": take(tables.models, rows["model"]),
        "session_id": conversation,
        "api_key_id": key,
        "end_user_id": pc.if_else(
            pa.array(rows["end_user"] > 0), hex_strings(member, "eu_"), pa.scalar(None, pa.string())
        ),
        "channel": take(pa.array(CHANNELS), rows["channel"]),
        "source": pa.repeat("simulated/1", count),
        "raw_ref": pc.binary_join_element_wise(
            "simulated", pa.array(np.arange(first, first + count)).cast(pa.string()), ":"
        ),
        "content_state": pa.repeat("full", count),
        "sampling_rate": pa.repeat(1.0, count),
    }


def _client(rows: Rows, tables: Tables) -> dict[str, pa.Array]:
    names = ("user_agent", "ja4", "header_profile", "sdk")
    values = {n: pa.array([getattr(c, n) for c in tables.clients], pa.string()) for n in names}
    return {n: take(values[n], rows["client"]) for n in names} | {"client_ip": dotted(rows["ip"])}


def _texts(rows: Rows, tables: Tables, rng: Rng) -> dict[str, pa.Array]:
    parts = [take(tables.texts, rows["parts"][:, column]) for column in range(rows["parts"].shape[1])]
    tail = tables.answer_tails[rng.integers(0, len(tables.answer_tails), len(rows["ts"]))]
    refusal = tables.refusals[rng.integers(0, len(tables.refusals), len(rows["ts"]))]
    answer = np.where(rows["refused"], refusal, rows["answer"])
    response = pc.binary_join_element_wise(
        take(tables.texts, answer), take(tables.texts, np.where(rows["refused"], 0, tail)), ""
    )
    return {
        "prompt": pc.binary_join_element_wise(*parts, ""),
        "system_prompt": take(tables.texts, rows["system"], rows["system"] > 0),
        "tools": take(tables.toolsets, rows["toolset"]),
        "response": pc.if_else(pa.array(rows["failed"]), pa.scalar(None, pa.string()), response),
    }


def _request(rows: Rows, tables: Tables, first: int) -> dict[str, pa.Array]:
    count = len(rows["ts"])
    number = mix(np.arange(first, first + count), salt("request", tables.seed))
    return {
        "turns": pa.array((rows["turn"] * 2 + 1).astype(np.int32)),
        "images": pa.array(rows["images"].astype(np.int32)),
        "temperature": pa.array(rows["temperature"].astype(np.float64)),
        "max_tokens": pa.array(rows["max_tokens"].astype(np.int32)),
        "n": pa.array(rows["choices"].astype(np.int32)),
        "logprobs": pa.array(rows["logprobs"]),
        "reasoning": pa.array(rows["reasoning"]),
        "response_format": take(pa.array(FORMATS), rows["format"]),
        "top_p": pa.repeat(1.0, count),
        "seed": pa.array((number % np.uint64(100_000)).astype(np.int64), mask=~rows["seeded"]),
        "tool_choice": take(pa.array(TOOL_CHOICES), rows["tool_choice"]),
        "reasoning_token": _reasoning_token(rows, tables),
    }


def _reasoning_token(rows: Rows, tables: Tables) -> pa.Array:
    conversation = mix(rows["conversation"], salt("c", tables.seed)) ^ rows["account"].astype(np.uint64)
    own = mix(conversation + rows["turn"].astype(np.uint64), salt("token", tables.seed))
    replayed = mix(rows["replayed"], salt("store", tables.seed))
    carries = (rows["reasoning"] & (rows["turn"] > 0)) | (rows["replayed"] > 0)
    token = hex_strings(np.where(rows["replayed"] > 0, replayed, own), "rt_")
    return pc.if_else(pa.array(carries), token, pa.scalar(None, pa.string()))


def _usage(rows: Rows, tables: Tables, rng: Rng) -> dict[str, pa.Array]:
    size = tables.lengths[rows["parts"]].sum(axis=1) + tables.lengths[rows["system"]]
    history = rows["turn"] * _TRAFFIC.history_tokens
    asked = (
        (size * _TRAFFIC.tokens_per_character * (0.9 + 0.2 * rng.random(len(size)))).astype(np.int64)
        + 4
        + history
    )
    thought = np.where(
        rows["reasoning"], (rows["answer_tokens"] * (0.4 + 1.2 * rng.random(len(size)))).astype(np.int64), 0
    )
    written = np.minimum(rows["answer_tokens"] + thought, rows["max_tokens"])
    written = np.where(rows["failed"], 0, np.where(rows["refused"], _TRAFFIC.refusal_tokens, written))
    overloaded = rng.random(len(size)) < _TRAFFIC.overloaded_share
    status = np.where(rows["failed"], np.where(overloaded, 529, 429), 200)
    status = np.where(rows["blocked"] > 0, rows["blocked"], status)
    return {
        "input_tokens": pa.array(asked.astype(np.int32)),
        "output_tokens": pa.array(written.astype(np.int32)),
        "reasoning_tokens": pa.array(np.minimum(thought, written).astype(np.int32)),
        "cached_input_tokens": pa.array(np.where(rows["turn"] > 0, history // 64 * 64, 0).astype(np.int32)),
        "status": pa.array(status.astype(np.int32)),
        "stop_reason": _stop_reason(rows, written),
    }


def _stop_reason(rows: Rows, written: Ints) -> pa.Array:
    full = written >= rows["max_tokens"]
    tool = (rows["toolset"] > 0) & (rows["turn"] + 1 < rows["turns_in_all"])
    reason = np.where(rows["refused"], 3, np.where(full, 1, np.where(tool, 2, 0)))
    return take(pa.array(("end_turn", "max_tokens", "tool_use", "refusal")), reason, ~rows["failed"])
