"""Files of text as a stream of byte blocks, unpacked by suffix, bounded in memory whatever they hold."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from stillwatch.errors import PartialInputError


class Writable(Protocol):
    """What packed bytes are written to."""

    def write(self, piece: bytes, /) -> int:
        """Take the next bytes."""


COMPRESSIONS = (".gz", ".zst", ".bz2")

BLOCK = 1 << 22
"""About how many bytes a block has."""

_ZSTD_STEP = 2048
"""Packed bytes unpacked at a time: zstd cannot stop in between, and this much unpacks to 64 MB at worst."""

_GZIP = 31


class BrokenStreamError(PartialInputError):
    """The packed stream breaks off or is damaged; what came before it was yielded."""


def blocks(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """The file's bytes, unpacked; raises `BrokenStreamError` where they stop short of the end.

    `size` is about how many bytes a block of a file has that is not packed.
    """
    with path.open("rb") as file:
        if path.name.lower().endswith(".gz"):
            yield from _gunzipped(file)
        elif path.name.lower().endswith(".zst"):
            yield from _gathered(_unzstd(file))
        elif path.name.lower().endswith(".bz2"):
            yield from _bunzipped(file)
        else:
            while block := file.read(size):
                yield block


def first_bytes(path: Path, size: int) -> bytes:
    """The first bytes of a file, unpacked as far as they can be."""
    head = b""
    try:
        for block in blocks(path, size):
            head += block
            if len(head) >= size:
                break
    except BrokenStreamError:
        pass
    return head[:size]


@contextmanager
def packed(path: Path) -> Iterator[Writable]:
    """A file to write that packs by its suffix; its bytes depend on what is written only."""
    with path.open("wb") as file:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packing:
                yield packing
        elif path.name.lower().endswith(".zst"):
            with zstandard.ZstdCompressor(level=3).stream_writer(file) as packing:
                yield packing
        elif path.name.lower().endswith(".bz2"):
            with bz2.BZ2File(file, "wb") as packing:
                yield packing
        else:
            yield file


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    unpack, rest, ended = zlib.decompressobj(_GZIP), b"", True
    while data := rest or file.read(BLOCK):
        if ended and not data.strip(b"\0"):
            rest = b""
            continue
        try:
            block = unpack.decompress(data, BLOCK)
        except zlib.error as error:
            raise BrokenStreamError(f"the gzip stream is damaged: {error}") from error
        ended, rest = unpack.eof, unpack.unused_data if unpack.eof else unpack.unconsumed_tail
        if block:
            yield block
        if ended:
            unpack = zlib.decompressobj(_GZIP)
    if not ended:
        raise BrokenStreamError("the gzip stream breaks off before its end")


def _bunzipped(file: BinaryIO) -> Iterator[bytes]:
    unpack, ended = bz2.BZ2Decompressor(), True
    while data := file.read(BLOCK):
        while data or not (unpack.needs_input or unpack.eof):
            try:
                block = unpack.decompress(data, BLOCK)
            except (OSError, ValueError) as error:
                raise BrokenStreamError(f"the bzip2 stream is damaged: {error}") from error
            if block:
                yield block
            ended, data = unpack.eof, unpack.unused_data if unpack.eof else b""
            if ended:
                unpack = bz2.BZ2Decompressor()
    if not ended:
        raise BrokenStreamError("the bzip2 stream breaks off before its end")


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor()
    unpack, rest, ended = unpacker.decompressobj(), b"", True
    while data := rest or file.read(_ZSTD_STEP):
        try:
            yield unpack.decompress(data)
        except zstandard.ZstdError as error:
            raise BrokenStreamError(f"the zstd stream is damaged: {error}") from error
        ended, rest = unpack.eof, unpack.unused_data
        if ended:
            unpack = unpacker.decompressobj()
    if not ended:
        raise BrokenStreamError("the zstd stream breaks off before its end")


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces joined to blocks; what came before a break is yielded before it is raised."""
    held, size = [], 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= BLOCK:
                yield b"".join(held)
                held, size = [], 0
    except BrokenStreamError:
        yield b"".join(held)
        raise
    if size:
        yield b"".join(held)
