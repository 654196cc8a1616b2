"""MaxMind-style databases (`.mmdb`) of networks: ASN, ISP, Country, City, Enterprise, Anonymous IP, and free ones alike.

A database holds millions of networks, so only those are taken that cover addresses of the log. What is known of a
network is read from the keys that its record has, whatever the database is called:
- number and name: `autonomous_system_number` and `_organization` (MaxMind, DB-IP), `asn` and `as_name` (IPinfo);
- country: of the network's place, else of its registration;
- kind: `is_tor_exit_node`, then `is_anonymous_vpn` and `is_public_proxy`, then `is_hosting_provider`, then
  `is_residential_proxy`, which is a household's address and told as residential; then the user type or connection type.

A database says on which day it was built. Reading needs the package `maxminddb` (`pip install stillwatch[networks]`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.errors import UsageError
from stillwatch.sources.nested.values import at, first, text, whole
from stillwatch.sources.networks.dated import Dated
from stillwatch.sources.networks.ranges import network_table

_SIGNS = (
    ("is_tor_exit_node", "tor"),
    ("is_anonymous_vpn", "vpn"),
    ("is_public_proxy", "vpn"),
    ("is_hosting_provider", "hosting"),
    ("is_residential_proxy", "residential"),
)
_TYPES = {
    "hosting": "hosting",
    "content_delivery_network": "hosting",
    "corporate": "business",
    "business": "business",
    "government": "business",
    "military": "business",
    "residential": "residential",
    "cable/dsl": "residential",
    "cellular": "mobile",
    "college": "education",
    "school": "education",
    "library": "education",
    "education": "education",
    "isp": "residential",
}


class Reader(Protocol):
    """What looks addresses up: a `maxminddb.Reader`."""

    def get_with_prefix_len(self, ip_address: Any, /) -> tuple[Any, int]:
        """The record that covers an address, and the length of its prefix."""


def read_mmdb(path: Path, addresses: pa.Array) -> Dated:
    """The networks of a database that cover these addresses, of the day on which it was built."""
    try:
        import maxminddb  # noqa: PLC0415 - an extra that few installations need
    except ImportError as error:
        raise UsageError(
            f"Reading {path} needs the package maxminddb. Install it with `pip install stillwatch[networks]`."
        ) from error
    try:
        with closing(maxminddb.open_database(path)) as reader:
            built = datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date()
            return Dated(networks_for(addresses, reader), built, path.name)
    except OSError as error:
        raise UsageError(f"The database {path} cannot be read: {error.strerror}.") from error
    except (maxminddb.InvalidDatabaseError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no database of networks that can be read: {error}.") from error


def networks_for(addresses: pa.Array, reader: Reader) -> pa.Table:
    """The networks that cover the addresses, each once, in order; a text that is no address is left out."""
    found: dict[tuple[int, int, int], dict[str, Any]] = {}
    for told in pc.unique(addresses).to_pylist():
        try:
            address = ip_address(told)
            record, length = reader.get_with_prefix_len(address)
        except ValueError:
            continue
        if isinstance(record, dict):
            net = ip_network((address, min(length, address.max_prefixlen)), strict=False)
            row = {"cidr": str(net), **facts(record)}
            found.setdefault((net.version, int(net.network_address), net.prefixlen), row)
    return network_table(row for _, row in sorted(found.items(), key=lambda one: one[0]))


def facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of its network, as the contract's columns."""
    traits = record.get("traits") if isinstance(record.get("traits"), dict) else record
    country = first(record, "country", "country_code", "registered_country")
    code = text(at(country, "iso_code")) if isinstance(country, dict) else text(country)
    return {
        "asn": _number(first(traits, "autonomous_system_number", "asn")),
        "as_name": text(
            first(traits, "autonomous_system_organization", "as_name", "organization", "isp", "name")
        ),
        "country": code.upper() if code is not None and len(code) == 2 else None,
        "kind": _kind(traits),
    }


def _number(told: object) -> int | None:
    found = whole(told.upper().removeprefix("AS") if isinstance(told, str) else told)
    return found if found is not None and 0 <= found < 2**32 else None


def _kind(traits: object) -> str | None:
    for sign, kind in _SIGNS:
        if at(traits, sign) is True:
            return kind
    told = text(first(traits, "user_type", "connection_type", "type"))
    return None if told is None else _TYPES.get(told.lower())
