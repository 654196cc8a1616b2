"""Client addresses as edge logs write them: with a port, in brackets, or as the list of a forwarding header.

A forwarding header names the client first and then the proxies on the way. The first address is taken. A client can
write what it likes there, so a log whose edge tells the connection's address in a column of its own is the better one.
An address of the inner network (10.0.0.0/8, fc00::/7, loopback and such) is no client's where another one is told.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network

_INNER = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)


def address(value: object) -> str | None:
    """The address in a text, without port and brackets; the first of several. None where there is none."""
    return _address(value) if isinstance(value, str) and len(value) < 1_000 else None


@lru_cache(maxsize=1 << 16)
def _address(text: str) -> str | None:
    first = text.partition(",")[0].strip().strip('"')
    if first.startswith("["):
        first = first[1:].partition("]")[0]
    elif first.count(":") == 1:
        first = first.partition(":")[0]
    try:
        return str(ip_address(first.partition("%")[0]))
    except ValueError:
        return None


@lru_cache(maxsize=1 << 16)
def is_inner(told: str) -> bool:
    """Whether the address is one of an inner network or of the machine itself."""
    found = ip_address(told)
    return any(found in net for net in _INNER if net.version == found.version)
