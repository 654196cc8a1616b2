"""Which requests and which accounts of a log show what is said of an actor, and where that could have been seen at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, ip_network

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.attribute.suspect import Integers, Mask, Suspect
from stillwatch.attribute.traffic import Traffic
from stillwatch.fingerprint.codes import plain
from stillwatch.fingerprint.text import Keys, string_keys, text_keys
from stillwatch.model.actor import Statement, StatementKind

SHARE_OF_REQUESTS = 0.1
"""An account shows what a tenth of its requests show."""
V4 = np.uint64(1 << 62)
CONFIRMED = ("email", "phone", "card", "identity", "business")
"""Verifications under which the contact address was answered from; without one anybody may have typed it in."""


@dataclass(frozen=True, eq=False)
class Mark:
    """Where a statement shows: accounts, and positions of requests, if requests show it; `seen` is where it could be told."""

    holds: Mask
    seen: Mask
    rows: Integers | None = None
    seen_rows: Mask | None = None

    def inside(self, suspect: Suspect, account: Integers) -> tuple[Mask, Mask]:
        """Which accounts of a campaign show it, and where it could be seen; by the campaign's own requests."""
        if self.rows is None or self.seen_rows is None or not len(suspect.rows):
            return self.holds[suspect.accounts], self.seen[suspect.accounts]
        own = suspect.rows[self.seen_rows[suspect.rows]]
        shown = np.intersect1d(own, self.rows, assume_unique=True)
        holds, seen = _by_account(account[shown], account[own], len(self.holds))
        return holds[suspect.accounts], seen[suspect.accounts]


class Marks:
    """The marks of one log, each looked for once."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._known: dict[tuple[str, ...], Mark] = {}
        self._seen: dict[tuple[str, ...], Mask] = {}

    def of(self, statement: Statement) -> Mark | None:
        """Where the statement shows; None for kinds that are told of a campaign as a whole."""
        look = self._ways.get(statement.kind)
        if look is None:
            return None
        name = (statement.kind, *(f"{k}={v}" for k, v in sorted(statement.value.items())))
        if name not in self._known:
            self._known[name] = look(statement.value)
        return self._known[name]

    @property
    def _ways(self) -> Mapping[StatementKind, Callable[[Mapping[str, str]], Mark]]:
        return {
            "asn": self._network,
            "client_stack": self._stack,
            "template_sketch": self._text,
            "product_name": self._product,
            "staff_domain": self._staff,
            "card_bin": lambda value: self._held("bin", value["bin"]),
            "payment_fingerprint": lambda value: self._held("payment", value["fingerprint"]),
        }

    @cached_property
    def account(self) -> Integers:
        """The account of each request."""
        return self._column("account")

    @property
    def everyone(self) -> int:
        """Number of accounts."""
        return len(self.traffic.log.account_ids)

    def _column(self, name: str) -> np.ndarray:
        return np.asarray(plain(self.traffic.log.exchange[name]).to_numpy())

    def _seen_in(self, *columns: str) -> Mask:
        """Requests of which all of these columns are known; kept once, since many statements ask for the same."""
        if columns not in self._seen:
            self._seen[columns] = np.logical_and.reduce([self._column(name) != 0 for name in columns])
        return self._seen[columns]

    def _requests(self, rows: Mask, seen: Mask) -> Mark:
        at = np.flatnonzero(rows & seen)
        holds, told = _by_account(self.account[at], self.account[seen], self.everyone)
        return Mark(holds, told, at, seen)

    def _stack(self, value: Mapping[str, str]) -> Mark:
        columns = {"user_agent": "user_agent", "ja4": "tls", "header_profile": "headers"}
        rows = np.ones(self.traffic.log.exchange.num_rows, np.bool_)
        for part, text in value.items():
            rows &= self._column(columns[part]) == string_keys(pa.array([text]))[0]
        return self._requests(rows, self._seen_in(*(columns[part] for part in sorted(value))))

    def _text(self, value: Mapping[str, str]) -> Mark:
        """Requests around a text, by any run of eight words; of a shorter one, those that begin with it."""
        known, text = text_keys(pa.array([value["text"]])), value["text"]
        rows = (self._column("system") == known.whole[0]) & (known.whole[0] != 0)
        rows[self.traffic.mentions.rows(text)] = True
        if not known.anchors.any():
            rows |= (self._column("opening") == known.head[0]) & (known.head[0] != 0)
        return self._requests(rows, self._seen_in("prompt"))

    def _network(self, value: Mapping[str, str]) -> Mark:
        networks = self.traffic.networks
        mine = networks.filter(pc.equal(networks["asn"], int(value["asn"])))["cidr"].to_pylist()
        address, prefix = self._column("address"), self._column("prefix")
        rows = np.zeros(len(prefix), np.bool_)
        for cidr in mine:
            rows |= _within(cidr, address, prefix)
        return self._requests(rows, self._seen_in("prefix") & (len(mine) > 0))

    def _product(self, value: Mapping[str, str]) -> Mark:
        position = {name: at for at, name in enumerate(self.traffic.log.account_ids)}
        holds = np.zeros(self.everyone, np.bool_)
        counts: Mapping[str, int] = self.traffic.mentions.counts.get(value["name"], {})
        holds[[position[name] for name in counts if name in position]] = True
        told = self.account[self._seen_in("prompt")]
        _, seen = _by_account(told, told, self.everyone)
        return Mark(holds, seen & (value["name"] in self.traffic.mentions.counts))

    def _held(self, name: str, text: str) -> Mark:
        keys = np.asarray(self.traffic.log.account[name].to_numpy())
        return Mark(keys == string_keys(pa.array([text]))[0], keys != 0)

    def _staff(self, value: Mapping[str, str]) -> Mark:
        mail, verified = self._held("email", value["domain"]), self._held("organisation", value["domain"])
        confirmed = np.zeros(self.everyone, np.bool_)
        table = self.traffic.accounts
        answered = pc.is_in(table["verification"], value_set=pa.array(CONFIRMED))
        at = pc.index_in(
            table["account_id"].filter(answered),
            value_set=pa.array(self.traffic.log.account_ids, pa.string()),
        )
        confirmed[at.drop_null().to_numpy()] = True
        return Mark((mail.holds & confirmed) | verified.holds, mail.seen | verified.seen)


def any_of(marks: Sequence[Mark]) -> Mark:
    """Where any of several marks of accounts shows."""
    return Mark(
        np.logical_or.reduce([mark.holds for mark in marks]),
        np.logical_or.reduce([mark.seen for mark in marks]),
    )


def _by_account(shown: Integers, seen: Integers, everyone: int) -> tuple[Mask, Mask]:
    """From the accounts of requests that show it, and of those that could: accounts of which enough do, and those where any could."""
    told, held = np.bincount(seen, minlength=everyone), np.bincount(shown, minlength=everyone)
    return (held > 0) & (held >= SHARE_OF_REQUESTS * told), told > 0


def _within(cidr: str, address: Keys, prefix: Keys) -> Mask:
    """Requests from a range, by the keys of their addresses; of IPv6 the first 48 bits are known."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return np.zeros(len(address), np.bool_)
    low, high = int(network.network_address), int(network.broadcast_address)
    if isinstance(network, IPv4Network):
        found: Mask = (address >= (V4 | np.uint64(low))) & (address <= (V4 | np.uint64(high)))
        return found
    head = prefix & np.uint64((1 << 48) - 1)
    is_v6 = (prefix >> np.uint64(61)) == 1
    within: Mask = is_v6 & (head >= np.uint64(low >> 80)) & (head <= np.uint64(high >> 80))
    return within
