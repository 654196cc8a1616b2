"""Addresses for planted campaigns, in the neighbourhood of the log's own."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from stillwatch.simulate.arrays import Ints, Rng
from stillwatch.simulate.network import Networks

NEAR_BITS = 12
"""A planted address lies within a /20 of one of the log's own, so that its range is about as common as theirs."""
MOST_DRAWS = 4
"""How often an address that an innocent account uses is drawn anew: ranges are shared, single hosts are not."""
FEWEST_ADDRESSES = 50
"""With fewer IPv4 addresses than this in the log, addresses come from the packaged ranges instead."""


class LogNetworks(Networks):
    """The log's addresses, by kind as far as its table of networks tells kinds.

    Where it tells none, a residential proxy may be drawn beside a company's server, and the two may be tied by it.
    """

    def __init__(self, own: Ints, networks: pa.Table) -> None:
        """Take the log's IPv4 addresses as numbers, and its table of networks, which may be empty."""
        super().__init__()
        self._own = own
        self._by_kind = _by_kind(own, networks)

    @property
    def homes(self) -> Ints:
        """Addresses at which people live, as far as the log tells; residential proxies are partly these."""
        known = [self._by_kind[kind] for kind in ("residential", "mobile") if kind in self._by_kind]
        return np.concatenate(known) if known else self._own[:0]

    def addresses(self, rng: Rng, kind: str, count: int, country: str | None = None) -> Ints:
        """Hosts near addresses of that kind, or of any if there are too few; packaged ranges if there are none."""
        near = self._by_kind.get(kind, self._own[:0])
        if len(near) < FEWEST_ADDRESSES:
            near = self._own
        if len(near) < FEWEST_ADDRESSES:
            return super().addresses(rng, kind, count, country)
        chosen = _near(rng, near, count)
        for _ in range(MOST_DRAWS):
            taken = np.isin(chosen, self._own)
            chosen[taken] = _near(rng, near, int(taken.sum()))
        return chosen


def _near(rng: Rng, addresses: Ints, count: int) -> Ints:
    near: Ints = addresses[rng.integers(0, len(addresses), count)] ^ rng.integers(0, 1 << NEAR_BITS, count)
    return near


def _by_kind(own: Ints, networks: pa.Table) -> Mapping[str, Ints]:
    """The addresses that lie in a range of a kind; in nested ranges the one that begins last decides."""
    known = networks.filter(networks["kind"].is_valid())
    nets = [ipaddress.ip_network(text, strict=False) for text in known["cidr"].to_pylist()]
    ranges = sorted(
        (int(net.network_address), int(net.broadcast_address), kind)
        for net, kind in zip(nets, known["kind"].to_pylist(), strict=True)
        if net.version == 4
    )
    if not ranges:
        return {}
    first, last = (np.array([each[end] for each in ranges], dtype=np.int64) for end in (0, 1))
    place = np.searchsorted(first, own, side="right") - 1
    kinds = np.array([kind for *_, kind in ranges])[place.clip(0)]
    kinds[(place < 0) | (own > last[place.clip(0)])] = ""
    return {kind: own[kinds == kind] for kind in sorted({kind for *_, kind in ranges})}
