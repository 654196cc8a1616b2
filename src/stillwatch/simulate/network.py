"""Addresses drawn from real ranges, by kind and country."""

from __future__ import annotations

import csv
import gzip
import io
import ipaddress
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import NETWORK
from stillwatch.simulate.arrays import Ints, Rng
from stillwatch.simulate.text import packaged

_OCTETS = pa.array([str(i) for i in range(256)])


@dataclass(frozen=True)
class Range:
    """One row of the packaged list."""

    cidr: str
    asn: int | None
    as_name: str | None
    country: str | None
    kind: str


class Networks:
    """The address ranges of a world."""

    def __init__(self) -> None:
        text = gzip.decompress(packaged("networks.csv.gz")).decode()
        rows = csv.DictReader(io.StringIO(text))
        self.ranges = [
            Range(
                r["cidr"],
                int(r["asn"]) if r["asn"] else None,
                r["as_name"] or None,
                r["country"] or None,
                r["kind"],
            )
            for r in rows
        ]
        nets = [ipaddress.ip_network(r.cidr) for r in self.ranges]
        self.first = np.array([int(n.network_address) for n in nets], dtype=np.int64)
        self.bits = np.array([32 - n.prefixlen for n in nets], dtype=np.int64)
        self._found: dict[tuple[str, str | None], Ints] = {}

    def of(self, kind: str, country: str | None = None) -> Ints:
        """Ranges of a kind, in the country if there are any."""
        key = (kind, country)
        if key not in self._found:
            hits = [i for i, r in enumerate(self.ranges) if r.kind == kind and country in (None, r.country)]
            self._found[key] = np.array(hits, dtype=np.int64) if hits else self.of(kind)
        return self._found[key]

    def addresses(self, rng: Rng, kind: str, count: int, country: str | None = None) -> Ints:
        """Hosts drawn from the ranges of a kind."""
        ranges = self.of(kind, country)
        chosen = ranges[rng.integers(0, len(ranges), count)]
        return self.first[chosen] + (rng.random(count) * (2 ** self.bits[chosen])).astype(np.int64)

    def addresses_by_country(self, rng: Rng, kind: str, countries: list[str]) -> Ints:
        """One host for each entry, in that country where the list has ranges of it."""
        result = np.zeros(len(countries), dtype=np.int64)
        names = np.array(countries)
        for country in sorted(set(countries)):
            here = names == country
            result[here] = self.addresses(rng, kind, int(here.sum()), country)
        return result

    def table(self) -> pa.Table:
        """The contract's `networks` table."""
        columns = {
            name: [getattr(r, name) for r in self.ranges]
            for name in ("cidr", "asn", "as_name", "country", "kind")
        }
        return pa.table(columns, schema=NETWORK.arrow)


def dotted(addresses: Ints) -> pa.Array:
    """IPv4 text of each address."""
    octets = [_OCTETS.take(pa.array((addresses >> shift) & 255)) for shift in (24, 16, 8, 0)]
    return pc.binary_join_element_wise(*octets, ".")
