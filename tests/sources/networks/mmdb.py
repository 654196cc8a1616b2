"""A small writer of MaxMind-style databases, for tests: search tree, data section, metadata.

The format is public. A tree of nodes with two records of 32 bits; a record is a node, nothing (the number of nodes), or
a place in the data. Data is a sequence of fields, each a type with a size and its bytes. Networks are given once each;
those of IPv4 stand under ::/96, as in real databases.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

_MARK = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = b"\0" * 16
_TEXT, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY, _BOOL = 2, 5, 6, 7, 9, 11, 14
_KINDS = {"node_count": _UINT32, "build_epoch": _UINT64}


def write_mmdb(path: Path, networks: Mapping[str, object], *, built: int = 1, name: str = "Test") -> Path:
    """Write a database in which each network has its record."""
    nodes: list[list[object]] = [[None, None]]
    data, places = b"", {}
    for cidr, record in networks.items():
        places[cidr] = len(data)
        data += _field(record)
        _insert(nodes, cidr)
    count = len(nodes)
    tree = b"".join(_record(side, count, places) for node in nodes for side in node)
    metadata = {
        "node_count": count, "record_size": 32, "ip_version": 6, "database_type": name, "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": built, "description": {},
    }  # fmt: skip
    path.write_bytes(tree + _SEPARATOR + data + _MARK + _metadata(metadata))
    return path


def _insert(nodes: list[list[object]], cidr: str) -> None:
    net = ip_network(cidr)
    number, length = int(net.network_address), net.prefixlen + (96 if net.version == 4 else 0)
    at = 0
    for depth in range(length):
        side = number >> (127 - depth) & 1
        if depth == length - 1:
            nodes[at][side] = cidr
        elif not isinstance(nodes[at][side], int):
            nodes.append([nodes[at][side], nodes[at][side]])
            nodes[at][side] = len(nodes) - 1
        at = nodes[at][side] if isinstance(nodes[at][side], int) else at


def _record(side: object, count: int, places: Mapping[str, int]) -> bytes:
    if isinstance(side, int):
        return struct.pack(">I", side)
    return struct.pack(">I", count if side is None else count + len(_SEPARATOR) + places[str(side)])


def _metadata(values: Mapping[str, object]) -> bytes:
    """The same as any map, but that each number has the type that the format asks for."""
    fields = (
        _field(key) + (_number(value, _KINDS.get(key, _UINT16)) if isinstance(value, int) else _field(value))
        for key, value in values.items()
    )
    return _head(_MAP, len(values)) + b"".join(fields)


def _number(value: int, kind: int) -> bytes:
    packed = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _head(kind, len(packed)) + packed


def _field(value: object) -> bytes:
    if isinstance(value, bool):
        return _head(_BOOL, int(value))
    if isinstance(value, int):
        return _number(value, _UINT32)
    if isinstance(value, str):
        return _head(_TEXT, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(map(_field, value))
    assert isinstance(value, dict)
    return _head(_MAP, len(value)) + b"".join(_field(key) + _field(inside) for key, inside in value.items())


def _head(kind: int, size: int) -> bytes:
    more = b"" if size < 29 else bytes([size - 29])
    first = (kind << 5 if kind < 8 else 0) | min(size, 29)
    return bytes([first]) + (b"" if kind < 8 else bytes([kind - 7])) + more
