"""Normal forms of values that two houses compare: without one, equal values written differently never meet.

The rules have a version that goes with every exchange; two versions do not compare. A value is prefixed by version and kind,
so that an account of one name and a card of the same never meet either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

NORMALISER = "stillwatch-normal-1"
MOST_SIGNS = 320


@dataclass(frozen=True)
class Normal:
    """Values in normal form, each once and in order, and how many lines held none."""

    values: tuple[str, ...]
    refused: int


def normal(lines: Iterable[str], kind: str) -> Normal:
    """The values of these lines."""
    rule = KINDS[kind]
    kept: set[str] = set()
    refused = 0
    for line in lines:
        text = unicodedata.normalize("NFKC", line.strip())
        value = rule(text) if 0 < len(text) <= MOST_SIGNS else None
        if value is not None:
            kept.add(f"{NORMALISER}|{kind}|{value}")
        elif line.strip():
            refused += 1
    return Normal(tuple(sorted(kept)), refused)


def shown(value: str) -> str:
    """A value in normal form, without what was put before it."""
    return value.split("|", 2)[2]


def _mail(text: str) -> str | None:
    """Lower case, without a plus-tag; dots stay, since most houses tell them apart."""
    name, at, domain = text.casefold().rpartition("@")
    name = name.partition("+")[0]
    return f"{name}@{domain}" if at and name and "." in domain and " " not in text else None


def _phone(text: str) -> str | None:
    """Digits with their country."""
    digits = re.sub(r"[\s()./-]", "", text)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    return digits if re.fullmatch(r"\+[1-9]\d{6,14}", digits) else None


def _address(text: str) -> str | None:
    """An IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


def _domain(text: str) -> str | None:
    """Lower case, in the letters that name servers know."""
    try:
        name = text.rstrip(".").casefold().encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return name if "." in name else None


def _token(text: str) -> str | None:
    """An opaque id: as it is, since case tells ids apart."""
    return None if any(c.isspace() for c in text) else text


KINDS: Mapping[str, Callable[[str], str | None]] = {
    "account": _token,
    "address": _address,
    "domain": _domain,
    "email": _mail,
    "payment": _token,
    "phone": _phone,
}
"""Kinds of values, and the rule for each."""
