"""Blinded values: tokens and identifiers that stand for a value without giving it away.

Everything is an HMAC-SHA256 under a key, told apart by purpose. The **house key** never leaves the house: it makes
identifiers, and tokens of accounts, cards, sign-ups and addresses, so that nobody else can try values out. A **circle key**, if there
is one, is shared within a circle of providers and makes the tokens of templates, clients and reasoning blocks:
who holds it can see whether its own log has the same. It protects against outsiders only, since a member can try out what
has few values: of these kinds that is a setting or a program's name, which says nothing of a person.

An identifier made of the raw value by a public rule, as STIX proposes for observables, gives the value away to whoever
guesses it. Ours are the first 128 bits of a digest with the marks of a random UUID (version 4).
"""

from __future__ import annotations

from uuid import UUID

from stillwatch.model.shared import Kind
from stillwatch.sources.privacy.key import Key

COMPARABLE: frozenset[Kind] = frozenset({"template", "client", "token"})
"""Kinds whose tokens others may compare with theirs; the others are for private set intersection alone.

Not networks: there are so few addresses that every member of a circle could try them all, and a range that is told plainly beside leaves 256. A
range is compared as it is, a single address by `stillwatch psi --kind address`.
"""

TOKEN_DIGITS = 32
KEYS = "stillwatch-1"
"""The version of the rules that make a key of a value; tokens of other rules cannot be compared."""


class Blind:
    """Makes tokens and identifiers."""

    __slots__ = ("_circle", "_house")

    def __init__(self, house: Key, circle: Key | None = None) -> None:
        """Take the key of the house and, if there is one, that of a circle."""
        self._house = house
        self._circle = circle

    @classmethod
    def of_circle(cls, circle: Key) -> Blind:
        """One that recognises tokens of the circle, and makes nothing to be shared: it has no key of a house."""
        return cls(circle, circle)

    def __repr__(self) -> str:
        """Nothing of the keys."""
        return "Blind(...)"

    @property
    def circle(self) -> str:
        """What tells circles apart, and no circle: no guide to the key."""
        return "" if self._circle is None else self._digest(self._circle, "share/circle", "").hex()

    def account(self, account_id: str) -> str:
        """The token of an account: under the house key, whatever else there is."""
        return self._digest(self._house, "share/account", account_id).hex()[:TOKEN_DIGITS]

    def trait(self, kind: Kind, signal: str, key: str) -> str:
        """The token of a trait's key."""
        secret = self._circle if self._circle is not None and kind in COMPARABLE else self._house
        return self._digest(secret, f"share/{KEYS}/{signal}", key).hex()[:TOKEN_DIGITS]

    def uuid(self, *told: str) -> str:
        """A UUID for what is told; the same for the same, and no guide to it."""
        digest = self._digest(self._house, "share/uuid", "\0".join(told))
        return str(UUID(bytes=digest[:16], version=4))

    def identifier(self, stix_type: str, *told: str) -> str:
        """A STIX identifier of that type."""
        return f"{stix_type}--{self.uuid(stix_type, *told)}"

    @staticmethod
    def _digest(key: Key, purpose: str, told: str) -> bytes:
        return key.digest(purpose, told.encode("utf-8", "surrogatepass"))
