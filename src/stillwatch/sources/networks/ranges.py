"""Address ranges as texts the contract takes, and tables of them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pyarrow as pa

from stillwatch.model.tables import NETWORK

Net = IPv4Network | IPv6Network

KINDS = ("residential", "mobile", "hosting", "vpn", "tor", "business", "education")
"""The kinds of networks that the contract knows."""


def net(told: object) -> Net | None:
    """The range of a text, or the one address; bits beyond its length are cut off. None where it is none."""
    if not isinstance(told, str):
        return None
    try:
        return ip_network(told.strip(), strict=False)
    except ValueError:
        return None


def network_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of the contract's networks; a missing key is null."""
    return pa.Table.from_pylist(list(rows), schema=NETWORK.arrow)


def of_kind(nets: Iterable[Net], kind: str) -> pa.Table:
    """Ranges of one kind, each once, in order of version, address and length."""
    once = sorted(set(nets), key=lambda one: (one.version, int(one.network_address), one.prefixlen))
    return network_table({"cidr": str(one), "kind": kind} for one in once)
