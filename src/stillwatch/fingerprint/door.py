"""The door: contract rows in, keyed rows out. Text does not pass it.

`keyed` turns one Arrow batch of exchanges into the columns of `model.tables.KEYED` that depend on one row
alone, with account keys instead of positions; `assemble.py` puts the batches together.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.capability import capabilities, properties
from stillwatch.fingerprint.columns import filled, is_there
from stillwatch.fingerprint.kernels import MIX_A, MIX_B
from stillwatch.fingerprint.probes import BELOW, BIT, THOUGHT, mask
from stillwatch.fingerprint.text import Keys, TextKeys, address_keys, string_keys, text_keys
from stillwatch.model.tables import ACCOUNT, EXCHANGE

READ = (
    "exchange_id", "ts", "account_id", "model", "api_key_id", "session_id", "channel", "client_ip", "user_agent", "ja4",
    "header_profile", "system_prompt", "prompt", "turns", "tools", "images", "temperature", "max_tokens", "reasoning",
    "input_tokens", "output_tokens", "status", "reasoning_token", "end_user_id", "sdk",
    "response_format",
)  # fmt: skip
"""The contract columns a scan reads; the others are carried by the log and not needed."""

_REPEATED = {
    "model": "model",
    "channel": "channel",
    "user_agent": "user_agent",
    "tls": "ja4",
    "headers": "header_profile",
    "sdk": "sdk",
    "api_key": "api_key_id",
}
TABLE_SPEAKS = 4.0
"""What the rows of a table say for data analysis; for telling alone: innocent customers send tables too."""
_VARIED = {"conversation": "session_id", "token": "reasoning_token", "end_user": "end_user_id"}
_PLAIN = {
    "turns": "turns",
    "images": "images",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "status": "status",
    "thinking": "reasoning",
}

ASKING = mask(*BELOW)
"""What is looked for in the last paragraph of a system prompt."""
LAST_CHARACTERS, LAST_EMPTY_LINE = 400, r"(?s)^.*\n\s*\n"


def column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """The contract column, or nulls of its type if the log lacks it."""
    position = batch.schema.get_field_index(name)
    if position < 0:
        return pa.nulls(batch.num_rows, EXCHANGE[name].type)
    return batch.column(position)


def encoded(values: pa.Array) -> pa.DictionaryArray:
    """The values, each distinct one held once."""
    return values if pa.types.is_dictionary(values.type) else values.dictionary_encode()


def repeated_keys(values: pa.Array) -> pa.DictionaryArray:
    """Keys of strings of which a batch holds few distinct ones: each once."""
    once = encoded(values)
    return _of_values(once.indices, string_keys(once.dictionary))


def _of_values(rows: pa.Array, made: npt.NDArray[Any]) -> pa.DictionaryArray:
    """What was made of each distinct value, with 0 for rows that have none."""
    return pa.DictionaryArray.from_arrays(filled(rows, len(made)), np.append(made, made.dtype.type(0)))


def combine(first: Keys, second: Keys) -> Keys:
    """One key of two; 0 where either is absent."""
    with np.errstate(over="ignore"):
        joined = (first * MIX_A) ^ ((second ^ (second >> np.uint64(29))) * MIX_B)
        joined = (joined ^ (joined >> np.uint64(32))) * MIX_B
    joined = np.where(joined == 0, np.uint64(1), joined)
    return np.where((first == 0) | (second == 0), np.uint64(0), joined)


@nb.njit(cache=True, nogil=True)
def with_numbers(keys: npt.NDArray[Any], numbers: npt.NDArray[Any]) -> Keys:
    """`combine` of each key and the number beside it and one: in one pass, for columns as long as a log."""
    made = np.empty(len(keys), np.uint64)
    for row in range(np.uint64(len(keys))):
        key, number = np.uint64(keys[row]), np.uint64(numbers[row]) + np.uint64(1)
        joined = (key * MIX_A) ^ ((number ^ (number >> np.uint64(29))) * MIX_B)
        joined = (joined ^ (joined >> np.uint64(32))) * MIX_B
        absent = key == np.uint64(0) or number == np.uint64(0)
        made[row] = np.uint64(0) if absent else max(joined, np.uint64(1))
    return made


def number_keys(values: pa.Array) -> Keys:
    """Keys of numbers, 0 where null."""
    plain = filled(values.cast(pa.float64()), np.nan)
    bits: Keys = plain.view(np.uint64)
    with np.errstate(over="ignore"):
        keys = (bits ^ (bits >> np.uint64(31))) * MIX_A | np.uint64(1)
    return np.where(np.isnan(plain), np.uint64(0), keys)


def shape_keys(batch: pa.RecordBatch) -> Keys:
    """Keys of the shape of requests whose prompt is not there, 0 for others and where a length is not known.

    Turns (up to three), whether thinking was asked for, tokens in by half octaves and tokens out by octaves: one
    instruction around changing tasks gives few shapes, and people in conversation give many.
    """
    keys = np.zeros(batch.num_rows, np.uint64)
    lengths = (column(batch, "input_tokens"), column(batch, "output_tokens"))
    shaped = is_there(lengths[0]) & is_there(lengths[1]) & ~is_there(column(batch, "prompt"))
    at = pa.array(np.flatnonzero(shaped))
    inward, outward = (np.log2(1.0 + np.maximum(0, _integers(values.take(at)))) for values in lengths)
    thinking = filled(column(batch, "reasoning").take(at).cast(pa.int8()), 2)
    shape = np.minimum(_integers(column(batch, "turns").take(at)), 3) * 4 + thinking
    shape = (shape * 256 + np.rint(2 * inward).astype(np.int64)) * 256 + np.rint(outward).astype(np.int64)
    keys[shaped] = number_keys(pa.array(shape))
    return keys


def set_keys(lists: pa.Array) -> Keys:
    """One key per list of strings, whatever its order; 0 where it is null or empty."""
    keys = np.zeros(len(lists), np.uint64)
    if lists.null_count == len(lists):
        return keys
    item = string_keys(lists.flatten())
    lengths = filled(pc.list_value_length(lists))
    some = lengths > 0
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])[some]
    if len(starts):
        with np.errstate(over="ignore"):
            keys[some] = np.add.reduceat(item * MIX_B, starts) | np.uint64(1)
    return keys


def _told_last(texts: pa.Array, told: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What the last paragraph of each text asks for, `LAST_CHARACTERS` of it at most; nothing where the whole asks for nothing of `ASKING`."""
    last, asking = np.zeros(len(texts), np.int64), np.flatnonzero(_demanding(told) & ASKING)
    ends = pc.utf8_slice_codeunits(texts.take(pa.array(asking)), -LAST_CHARACTERS)
    last[asking] = _demanding(
        text_keys(pc.replace_substring_regex(pc.utf8_rtrim_whitespace(ends), LAST_EMPTY_LINE, "")).asks
    )
    return last


def _demanding(asks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same with `demanded` where what the model thinks is asked for, and all of it."""
    demanded = ((asks & mask(*THOUGHT)) != 0) & ((asks & BIT["whole"]) != 0)
    return asks | np.where(demanded, BIT["demanded"], 0)


def _system_keys(values: pa.Array) -> dict[str, pa.Array]:
    """Keys of each system prompt, of its opening and its ending, and what it and its last paragraph ask for: of each once."""
    once = encoded(values)
    found = text_keys(once.dictionary)
    made = {
        "system": found.whole,
        "system_opening": found.head,
        "system_ending": found.tail,
        "told": found.asks,
        "told_last": _told_last(once.dictionary, found.asks),
    }
    return {name: _of_values(once.indices, of_each) for name, of_each in made.items()}


def _integers(values: pa.Array) -> npt.NDArray[np.int64]:
    return filled(values).astype(np.int64)


def _properties(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    shape = encoded(column(batch, "response_format"))
    json = pc.starts_with(shape.dictionary, "json").take(shape.indices)
    return properties(
        tools=_integers(pc.list_value_length(column(batch, "tools"))),
        images=_integers(column(batch, "images")),
        turns=_integers(column(batch, "turns")),
        json=_integers(json.cast(pa.int8())) > 0,
    )


def _capabilities(
    keys: TextKeys, given: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """What each request draws on by its words and parts, and what it is told as where it holds a table."""
    plain = capabilities(keys.asks, about=keys.about, words=keys.words, given=given)
    told, held = plain.copy(), np.flatnonzero(keys.asks & BIT["table_rows"])
    told[held] = capabilities(
        keys.asks[held],
        about=keys.about[held],
        words=keys.words[held],
        given=given[held],
        table_speaks=TABLE_SPEAKS,
    )
    return plain, told


def keyed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Keys of one batch of exchanges: `exchange_id`, `account_key`, `model_name`, the keyed columns and `anchors`.

    Where few values come, each is there once, as an Arrow dictionary. The same function serves one request: pass a batch of one row.
    """
    text = column(batch, "prompt")
    keys = text_keys(text)
    out: dict[str, pa.Array | npt.NDArray[np.generic]] = {
        "exchange_id": column(batch, "exchange_id"),
        "account_id": encoded(column(batch, "account_id")),
        "ts": column(batch, "ts").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()),
    }
    out |= {name: repeated_keys(column(batch, source)) for name, source in _REPEATED.items()}
    out |= {name: string_keys(column(batch, source)) for name, source in _VARIED.items()}
    out |= {name: column(batch, source) for name, source in _PLAIN.items()}
    out["address"], out["prefix"] = address_keys(column(batch, "client_ip"))
    out["parameters"] = combine(
        number_keys(column(batch, "temperature")), number_keys(column(batch, "max_tokens"))
    )
    out["tools"] = set_keys(column(batch, "tools"))
    out["shape"] = shape_keys(batch)
    out |= _system_keys(column(batch, "system_prompt"))
    out |= {
        "prompt": keys.whole,
        "opening": keys.head,
        "ending": keys.tail,
        "asks": keys.asks,
        "script": keys.script,
    }
    out["words"] = pa.array(keys.words, mask=~is_there(text))
    out["capability"], out["task"] = _capabilities(keys, _properties(batch))
    anchors = pa.FixedSizeListArray.from_arrays(pa.array(keys.anchors.ravel()), keys.anchors.shape[1])
    return pa.RecordBatch.from_pydict({**out, "anchors": anchors})


DAY = 86_400_000_000
WEEK = 7 * DAY


def _periods(times: pa.Array, length_microseconds: int) -> pa.Array:
    return pc.divide(times, length_microseconds)


_ACCOUNT_KEYS = {
    "organisation": "org_domain",
    "email": "email_domain",
    "payment": "payment_fingerprint",
    "bin": "card_bin",
    "phone": "phone_prefix",
    "device": "device_id",
    "plan": "plan",
}


def keyed_accounts(accounts: pa.Table) -> pa.Table:
    """Keys of the account table, row by row, without positions; columns of `KEYED_ACCOUNT` but `account`."""
    table = accounts.combine_chunks()

    def chunk(name: str) -> pa.Array:
        merged = table.column(name).combine_chunks()
        return merged.cast(ACCOUNT[name].type)

    out: dict[str, Any] = {name: string_keys(chunk(source)) for name, source in _ACCOUNT_KEYS.items()}
    out["created"] = chunk("created_at").cast(pa.int64())
    out["banned"] = chunk("banned_at").cast(pa.int64())
    out["card_batch"] = combine(out["bin"], number_keys(_periods(out["created"], WEEK)))
    out["signup_batch"] = combine(out["phone"], number_keys(_periods(out["created"], DAY)))
    out["signup_address"], out["signup_prefix"] = address_keys(chunk("signup_ip"))
    return pa.table(out)


def keyed_models(models: pa.Table) -> pa.Table:
    """The relation `model_release`: key and release time of each model."""
    keys = string_keys(models["model"].combine_chunks())
    return pa.table({"model": keys, "released": models["released_at"].cast(pa.int64())})
