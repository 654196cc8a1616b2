"""What may leave the house, as code: tiers, how far each may go, what may be plain, and how long it is good for.

Tier 0 is technique and statistics, for anybody; 1 adds texts and programs as tokens, 2 networks, 3 accounts, cards and
sign-ups, as tokens that nobody else can compare. Prompts, answers, and anything about a named customer are in no tier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network
from typing import get_args

from stillwatch.errors import UsageError
from stillwatch.judge.traits import V4_MARK
from stillwatch.model.shared import Kind, Tlp

TLPS: Sequence[Tlp] = get_args(Tlp)
KIND_OF_FAMILY: Mapping[str, Kind] = {
    "template": "template",
    "tool": "template",
    "client": "client",
    "token": "token",
    "net": "network",
    "pay": "payment",
    "registration": "registration",
}
TIER: Mapping[Kind, int] = {
    "template": 1, "client": 1, "token": 1, "network": 2, "payment": 3, "registration": 3, "account": 3,
}  # fmt: skip
HIGHEST_TIER = 3
LEAST_TLP: Mapping[int, Tlp] = {0: "clear", 1: "green", 2: "amber", 3: "amber+strict"}
"""The most open marking that each tier may have."""

LIFETIME_DAYS: Mapping[Kind, int] = {
    "template": 90, "client": 60, "token": 30, "network": 14, "payment": 30, "registration": 30, "account": 30,
}  # fmt: skip
"""How long after it was last seen an indicator is good for: an address soon belongs to somebody else."""

LEAST_PRECISION = 0.55
"""Of those who carry an indicator, at least this share belongs to the finding: likely, by ICD 203."""

PERMITTED = "Lead only: verify on your own evidence before acting. Sharing it is no agreement on what to do; each reader decides alone."

_JA4 = re.compile(r"[tqd]\d{2}[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z-]{0,31}/(?:[A-Za-z]{1,16} )?\d{1,4}(?:\.\d{1,4}){0,3}")


@dataclass(frozen=True)
class Policy:
    """How one export goes out."""

    tier: int = 1
    tlp: Tlp = "amber+strict"
    permitted: str = PERMITTED

    def __post_init__(self) -> None:
        """Refuse a tier that does not exist, and a marking that lets it go too far."""
        if not 0 <= self.tier <= HIGHEST_TIER:
            raise UsageError(f"There is no tier {self.tier}. Tiers are 0 to {HIGHEST_TIER}.")
        if self.tlp not in TLPS:
            raise UsageError(f"There is no marking {self.tlp!r}. TLP 2.0 has {', '.join(TLPS)}.")
        if not self.permitted.strip():
            raise UsageError(
                "--permitted is empty, so nobody would know what may be done with it. Say it, or leave --permitted out."
            )
        least = LEAST_TLP[self.tier]
        if TLPS.index(self.tlp) < TLPS.index(least):
            raise UsageError(
                f"What tier {self.tier} holds may go out as TLP:{least.upper()} at most, and TLP:{self.tlp.upper()} was "
                f"asked for. Give a stricter --tlp, or a lower --tier."
            )

    def allows(self, kind: Kind) -> bool:
        """Whether this tier holds indicators of that kind."""
        return TIER[kind] <= self.tier


STEPS = len(TLPS) * (HIGHEST_TIER + 1)


def step(tlp: Tlp, tier: int) -> int:
    """A place for each marking and tier, 0 to `STEPS` - 1: the stricter and the higher, the later is a version of the same findings."""
    return TLPS.index(tlp) * (HIGHEST_TIER + 1) + tier


def kind_of(family: str) -> Kind:
    """What a trait of that family recognises; one that is not known counts as the most delicate."""
    return KIND_OF_FAMILY.get(family, "registration")


def plain_value(kind: Kind, signal: str, text: str) -> str | None:
    """The value itself, if it is one that can be plain: a public property of a program, or a range of addresses.

    It is told by its shape, not by its column alone: whatever stands in a log, what does not look like a fingerprint, a
    program's name and version, or a range goes out as a token only.
    """
    if kind == "network":
        return text if signal == "shared_prefix" and _is_range(text) else None
    if kind != "client":
        return None
    shapes = {
        "tls_client": _JA4,
        "header_profile": _DIGEST,
        "client_version": _PROGRAM,
        "client_library": _PROGRAM,
    }
    shape = shapes.get(signal)
    return text if shape is not None and shape.fullmatch(text) else None


def own_value(signal: str, key: str) -> str | None:
    """A single IPv4 address, from its key: for one's own gateways alone, as long as its indicator is good."""
    number = int(key, 16)
    if signal == "shared_address" and number & V4_MARK:
        return str(IPv4Address(number & 0xFFFFFFFF))
    return None


def _is_range(text: str) -> bool:
    try:
        return ip_network(text).prefixlen in (24, 48)
    except ValueError:
        return False
