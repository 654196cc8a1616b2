"""Several tables of networks as one: for each address that is asked for, all that any of them says of it.

Whoever looks an address up takes the narrowest network that covers it, and would miss what a wider one says: the number
of the network from one file, that it is a VPN's exit from another. So for each address the narrowest network of every
table is taken; where several tables speak of one column the narrower network counts, and of equal ones the table given
first. The result has one row per narrowest network.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import NETWORK
from stillwatch.sources.networks.ranges import network_table

_Place = tuple[int, int]
"""Version of the protocol, and length of the prefix."""

_FACTS = tuple(column.name for column in NETWORK.columns[1:])


class Lookup:
    """The networks of a table by their narrowest cover of an address; of two rows for one network the first counts."""

    def __init__(self, table: pa.Table) -> None:
        """Take the contract's networks; what is no range is left out."""
        self._rows: dict[_Place, dict[int, dict[str, Any]]] = {}
        for row in table.to_pylist():
            try:
                net = ip_network(row["cidr"], strict=False)
            except ValueError:
                continue
            held = self._rows.setdefault((net.version, net.prefixlen), {})
            held.setdefault(int(net.network_address) >> (net.max_prefixlen - net.prefixlen), row)
        self._lengths = sorted(self._rows, reverse=True)

    def narrowest(self, version: int, bits: int, address: int) -> tuple[int, dict[str, Any]] | None:
        """Length and row of the narrowest network that covers an address."""
        for place in self._lengths:
            if (
                place[0] == version
                and (row := self._rows[place].get(address >> (bits - place[1]))) is not None
            ):
                return place[1], row
        return None


def together(addresses: pa.Array, tables: Sequence[pa.Table]) -> pa.Table:
    """One row for each narrowest network that covers one of the addresses, with what all tables say of it."""
    lookups = [Lookup(table) for table in tables]
    rows: dict[tuple[int, int, int], dict[str, Any]] = {}
    for told in pc.unique(addresses).to_pylist():
        try:
            address = ip_address(told)
        except ValueError:
            continue
        bits, number = address.max_prefixlen, int(address)
        covers = [lookup.narrowest(address.version, bits, number) for lookup in lookups]
        found = sorted((one for one in covers if one is not None), key=lambda one: -one[0])
        if found:
            length = found[0][0]
            key = (address.version, number >> (bits - length), length)
            rows.setdefault(key, {"cidr": str(ip_network((address, length), strict=False)), **_joined(found)})
    return network_table(row for _, row in sorted(rows.items(), key=lambda one: _order(one[0])))


def _joined(found: Sequence[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    return {name: next((row[name] for _, row in found if row[name] is not None), None) for name in _FACTS}


def _order(key: tuple[int, int, int]) -> tuple[int, int, int]:
    version, prefix, length = key
    return version, prefix << ((32 if version == 4 else 128) - length), length
