"""Client addresses as programs write them: alone, with a port, or as the list of a forwarding header.

A list is written by proxies, each adding at the right end the address that it saw; what stands further left, anyone may
have invented. Without a list of the proxies to trust, the right-most public address is the one that counts: at worst it is
the outermost proxy's. What cannot be read ends the search, for what stands left of it is worth less. A list of one element
counts as it is, public or not. Addresses of which a part is masked are none.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_INSIDE = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::/127",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Networks whose addresses say nothing outside of somebody's own house."""

_LONGEST = 64
_HOPS = 64


def address(value: object) -> str | None:
    """The client's whole address as it was written, without its port; None where there is none or it is masked."""
    if not isinstance(value, str) or not value:
        return None
    if "," not in value:
        return _hop(value)[0]
    for hop in reversed(value.rsplit(",", _HOPS)):
        told, is_public = _hop(hop)
        if is_public or (told is None and not hop.isspace()):
            return told
    return None


def is_public(told: str) -> bool:
    """Whether an address that was read is known outside of somebody's own house."""
    return _hop(told)[1]


@lru_cache(maxsize=65_536)
def _hop(value: str) -> tuple[str | None, bool]:
    """One address, and whether it is known outside; most of a log's addresses come many times."""
    told = _without_port(value.strip().strip('"')) if len(value) <= _LONGEST else ""
    try:
        found = ip_address(told)
    except ValueError:
        return None, False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
        told = str(found)
    return told.partition("%")[0], _is_public(found)


def _without_port(value: str) -> str:
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0] if value.count(":") == 1 else value


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    return not any(found.version == block.version and found in block for block in _INSIDE)
