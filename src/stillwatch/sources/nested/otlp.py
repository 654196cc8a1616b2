"""OTLP as the collector's file exporter writes it in binary: messages one after the other, each after its length.

The length stands in four bytes, the most significant first. What follows is a batch of spans or of log records in
protobuf; with `compression: zstd` it is such a batch packed by itself, and JSON is written so as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import zstandard

from stillwatch.errors import PartialInputError
from stillwatch.sources.lines import TooLong
from stillwatch.sources.nested.envelope import NoExchangeError
from stillwatch.sources.nested.protobuf import batch

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest message that is read, packed or not."""

_PREFIX = 4
_ZSTD = b"\x28\xb5\x2f\xfd"
_FIELD = b"\n"
"""The first byte of a batch: its first field, which is a message of its own."""

_json = msgspec.json.Decoder().decode


def is_framed(head: bytes) -> bool:
    """Whether these are the first bytes of such a file; no text begins so, for its first byte would be too great."""
    size = int.from_bytes(head[:_PREFIX], "big")
    if not 2 <= size <= LARGEST:
        return False
    start = head[_PREFIX:]
    if start.startswith(_FIELD):
        inner, place = _varint(start[1:11])
        return place > 0 and place + inner < size
    if start.startswith(b'{"'):
        return size > len(start) or start[size - 1 : size] == b"}"
    return start.startswith(_ZSTD)


def frames(blocks: Iterator[bytes]) -> Iterator[tuple[list[bytes | TooLong], list[int]]]:
    """The messages of a stream in lists with their numbers, counted from 1.

    Raises `PartialInputError` where the stream breaks off within a message or a length cannot be one.
    """
    held, number = bytearray(), 1
    for block in blocks:
        held += block
        some, read = _whole(held)
        if some:
            yield [*some], list(range(number, number + len(some)))
            number += len(some)
            del held[:read]
        if int.from_bytes(held[:_PREFIX], "big") > LARGEST:
            raise PartialInputError(f"a message of more than {LARGEST >> 20} MB, or the file is damaged")
    if held:
        raise PartialInputError("the last message breaks off before its end")


def parsed(message: bytes) -> object:
    """The object that a message stands for; raises `NoExchangeError` for one that is damaged or holds something else.

    Raises `InputError` where the package that reads protobuf is not installed.
    """
    if message.startswith(_ZSTD):
        message = _unpacked(message)
    return _json(message) if message.startswith(b"{") else batch(message)


def _whole(held: bytearray) -> tuple[list[bytes], int]:
    """The messages that are there in full, and where the rest begins."""
    some: list[bytes] = []
    place = 0
    while len(held) >= (start := place + _PREFIX):
        size = int.from_bytes(held[place:start], "big")
        if len(held) < start + size or size > LARGEST:
            break
        some.append(bytes(held[start : start + size]))
        place = start + size
    return some, place


def _varint(some: bytes) -> tuple[int, int]:
    """The number with which these bytes begin and how many bytes it takes; none if it has no end."""
    value = 0
    for place, byte in enumerate(some):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, place + 1
    return 0, 0


def _unpacked(message: bytes) -> bytes:
    try:
        if zstandard.frame_content_size(message) > LARGEST:
            raise NoExchangeError(f"message larger than {LARGEST >> 20} MB")
        return zstandard.ZstdDecompressor().decompress(message, max_output_size=LARGEST)
    except zstandard.ZstdError as error:
        raise NoExchangeError("damaged zstd message") from error
