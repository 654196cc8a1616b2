"""Ids and addresses as hashes of a key: who and where cannot be read, and what belongs together still does.

Hashed are accounts, API keys, end users, sessions, addresses, and of the account table payment fingerprints, devices and
domains of e-mail. One value has one hash in all tables and columns of its kind, so joins and counts stay as they were.
Other columns are left alone: user agents, TLS fingerprints, models and times are what detection reads, and the id of an
exchange is how the operator finds it again.

Addresses become addresses of fd00::/8, which nobody owns: the /24 of an IPv4 address and the /48 of an IPv6 address each
become one /48, the rest is hashed within it. Two addresses share a prefix after it if and only if they did before. A
space as small as 10.0.0.0/8 would not do: it has 65,536 prefixes, and strangers would soon share one; here a million
prefixes meet by chance in fewer than one pair. What follows from it:
- Nothing is known of such an address: no network, country or kind. Join these facts before, if they are wanted.
- Prefixes of other lengths, and ranges that lie side by side, are lost.
- Lists of suspects (domains of staff, fingerprints of cards) match no longer, unless they were hashed with the same key.
- A text that is no address is hashed to one too, each to a prefix of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

import pyarrow as pa

from stillwatch.sources.privacy.key import Key

PURPOSES: Mapping[str, str] = {
    "account_id": "account",
    "api_key_id": "api key",
    "session_id": "session",
    "end_user_id": "end user",
    "client_ip": "address",
    "signup_ip": "address",
    "payment_fingerprint": "payment",
    "device_id": "device",
    "email_domain": "domain",
    "org_domain": "domain",
}
"""The columns that are hashed, and what for: columns of one purpose can be joined."""

_ADDRESS = "address"
_SPACE = 0xFD
_HOST_BITS = 80


class Redactor:
    """Hashes the columns of batches; remembers the hashes of the values that come again."""

    def __init__(self, key: Key, *, keep: frozenset[str] = frozenset(), remembered: int = 1 << 18) -> None:
        """Leave the columns in `keep` as they are; remember so many hashes of each purpose."""
        self._purposes = {name: purpose for name, purpose in PURPOSES.items() if name not in keep}
        self._known = {
            purpose: _Known(_pseudonym(key, purpose), remembered)
            for purpose in sorted(set(self._purposes.values()))
        }

    def redacted(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with its ids and addresses hashed, its columns in their types and order."""
        for place, name in enumerate(batch.schema.names):
            if name in self._purposes:
                known = self._known[self._purposes[name]]
                batch = batch.set_column(place, name, _changed(batch.column(place), known))
        return batch

    def table(self, table: pa.Table) -> pa.Table:
        """The same of a table."""
        parts = [self.redacted(batch) for batch in table.to_batches()]
        return pa.Table.from_batches(parts, parts[0].schema if parts else table.schema)


class _Known(dict[str, str]):
    """Hashes by value, up to a number of them; when there are too many it starts anew."""

    def __init__(self, make: Callable[[str], str], most: int) -> None:
        self._make, self._most = make, most

    def __missing__(self, told: str) -> str:
        if len(self) >= self._most:
            self.clear()
        self[told] = made = self._make(told)
        return made


def _changed(column: pa.Array, known: _Known) -> pa.Array:
    """Each distinct value once; the column keeps its encoding."""
    was_encoded = pa.types.is_dictionary(column.type)
    once = column if was_encoded else column.dictionary_encode()
    values = pa.array(
        [None if told is None else known[told] for told in once.dictionary.to_pylist()],
        once.dictionary.type,
    )
    if was_encoded:
        return pa.DictionaryArray.from_arrays(once.indices, values)
    return values.take(once.indices)


def _pseudonym(key: Key, purpose: str) -> Callable[[str], str]:
    if purpose == _ADDRESS:
        return lambda told: pseudonym(key, told)
    return lambda told: key.hashed(purpose, told) or ""


def pseudonym(key: Key, told: str) -> str:
    """An address of fd00::/8 for an address: one /48 for a /24 or /48, and a place in it for the rest."""
    try:
        address = ip_address(told.partition("%")[0])
    except ValueError:
        return _placed(key, b"no address\0" + told.encode("utf-8", "replace"), b"")
    if isinstance(address, IPv6Address) and (within := address.ipv4_mapped) is not None:
        address = within
    packed = address.packed
    return _placed(key, packed[:3] if isinstance(address, IPv4Address) else packed[:6], packed)


def _placed(key: Key, prefix: bytes, whole: bytes) -> str:
    net = key.digest("prefix", prefix)[:5]
    host = key.digest("host", whole)[: _HOST_BITS // 8]
    return str(IPv6Address(bytes([_SPACE]) + net + host))
