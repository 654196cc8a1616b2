"""Prompt text to keys: one function for Arrow batches, and the same one for a single text."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint import kernels
from stillwatch.fingerprint.addresses import parse_addresses
from stillwatch.fingerprint.capability import padded
from stillwatch.fingerprint.columns import is_there
from stillwatch.fingerprint.probes import BIT, probe_table
from stillwatch.fingerprint.vectors import WIDTH
from stillwatch.fingerprint.words import FOLD

_PROBES = probe_table()

Keys = npt.NDArray[np.uint64]


class TextKeys(NamedTuple):
    """Keys of n texts; see `kernels.text_keys`.

    `anchors` has shape (n, 8), 0 where there are fewer; `about` a row for both ends of a text and one for what is between, with a column per capability.
    """

    whole: Keys
    head: Keys
    tail: Keys
    asks: npt.NDArray[np.int64]
    words: npt.NDArray[np.int32]
    script: npt.NDArray[np.int8]
    anchors: Keys
    about: npt.NDArray[np.int32]


def buffers(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Bytes and n + 1 offsets of a string array; a null has no bytes."""
    texts = texts.cast(pa.string()) if texts.type != pa.string() else texts
    _, offset_buffer, content = texts.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    if texts.null_count and np.logical_and(np.diff(offsets), ~is_there(texts)).any():
        return buffers(texts.fill_null(""))
    return np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8), offsets


def string_keys(texts: pa.Array) -> Keys:
    """One key per string, 0 where it is null or empty."""
    out = np.zeros(len(texts), np.uint64)
    if len(texts):
        kernels.hash_strings(*buffers(texts), out)
    return out


def address_keys(texts: pa.Array) -> tuple[Keys, Keys]:
    """Address and prefix (/24, /48) keys, 0 where the text is no address."""
    address, prefix = np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.uint64)
    if len(texts):
        parse_addresses(*buffers(texts), address, prefix)
    return address, prefix


def text_keys(texts: pa.Array) -> TextKeys:
    """Keys of each text."""
    n = len(texts)
    keys = TextKeys(
        whole=np.zeros(n, np.uint64),
        head=np.zeros(n, np.uint64),
        tail=np.zeros(n, np.uint64),
        asks=np.zeros(n, np.int64),
        words=np.zeros(n, np.int32),
        script=np.zeros(n, np.int8),
        anchors=np.zeros((n, kernels.ANCHORS), np.uint64),
        about=np.zeros((n, kernels.PARTS, kernels.CAPABILITIES), np.int32),
    )
    if n:
        content, offsets = buffers(texts)
        last = int(np.searchsorted(offsets[1:], len(content) - WIDTH, side="right"))
        _write_keys(content, offsets[: last + 1], keys, slice(0, last))
        _write_keys(*_with_room(content, offsets[last:]), keys, slice(last, n))
    return keys


def _with_room(
    content: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The same texts with `WIDTH` bytes after them, which the loops look at as well."""
    here = np.concatenate([content[offsets[0] : offsets[-1]], np.zeros(WIDTH, np.uint8)])
    here.flags.writeable = False  # as what Arrow holds, so that nothing is compiled twice
    return here, offsets - offsets[0]


def _write_keys(
    content: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], keys: TextKeys, rows: slice
) -> None:
    some: list[npt.NDArray[Any]] = [values[rows] for values in keys]
    if rows.start < rows.stop:
        kernels.text_keys(content, offsets, FOLD, _PROBES, BIT["table_rows"], padded(), *some)
