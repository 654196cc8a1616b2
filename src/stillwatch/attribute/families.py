"""Families of what is known of actors: what depends on one cause is one family, and what can be copied names nobody.

How far a family goes was set by hand, not fitted: what a rival can plant with one purchase or one paste says little of who
is behind it, however exactly it fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stillwatch.model.actor import StatementKind

MOST_NATS = 3.0
"""No family says more, for or against."""


@dataclass(frozen=True)
class Family:
    """Kinds of statement that one cause brings together.

    `is_hard_to_fake`: it binds the campaign to an organisation's own staff or money. `is_corroboration`: it raises by one band
    at most and carries nothing. `of_relays`: it tells a relay and never, alone or with others, whoever uses the relay.
    """

    name: str
    kinds: tuple[StatementKind, ...]
    meaning: str
    is_hard_to_fake: bool = False
    is_corroboration: bool = False
    of_relays: bool = False


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family("network", ("asn",), "networks that requests come from", of_relays=True),
        Family("client", ("client_stack",), "the program that makes the requests"),
        Family(
            "content",
            ("template_sketch", "product_name", "capability_interest"),
            "texts, names and tasks: one paste brings them all",
        ),
        Family("issuer", ("card_bin",), "who issued the cards"),
        Family(
            "payment",
            ("payment_fingerprint",),
            "payment instruments of the organisation",
            is_hard_to_fake=True,
        ),
        Family("staff", ("staff_domain",), "confirmed addresses of its staff", is_hard_to_fake=True),
        Family("timing", ("working_hours", "release"), "hours of work and releases", is_corroboration=True),
        Family("others", (), "whom another provider names", is_corroboration=True),
    )
}


@dataclass(frozen=True)
class Expected:
    """What is expected of a kind of statement.

    `shows`: how often a campaign of the actor shows it while it is true. `by_others`: how often one of somebody else's does at
    least, by chance, by copying or by mistake. `least`: the share of accounts from which it counts as shown, and
    `times` as often as among all others; `fewest` accounts.
    """

    shows: float
    by_others: float
    least: float
    times: float
    fewest: int


EXPECTED: Mapping[StatementKind, Expected] = {
    "asn": Expected(0.4, 0.10, 0.20, 4, 2),
    "client_stack": Expected(0.5, 0.05, 0.20, 4, 2),
    "template_sketch": Expected(0.4, 0.05, 0.15, 4, 2),
    "product_name": Expected(0.2, 0.10, 0.05, 8, 2),
    "capability_interest": Expected(0.6, 0.30, 0.70, 1, 1),
    "card_bin": Expected(0.3, 0.15, 0.15, 4, 2),
    "payment_fingerprint": Expected(0.4, 0.05, 0.0, 8, 1),
    "staff_domain": Expected(0.3, 0.05, 0.0, 8, 1),
    "working_hours": Expected(0.6, 0.25, 0.75, 1, 1),
    "release": Expected(0.5, 0.35, 1.0, 1, 1),
}

ALONE_BY_OTHERS = 0.2
"""One account alone may be a customer's, a mistake or a stolen one."""
MOST_OF_IT = 0.5
"""What fits so large a share of the accounts fits the campaign, and not only somebody whose requests run through it."""
STILL_SHOWS = 0.9
"""What was seen to fit fits a true statement with this probability, the rest being chance."""

_SOURCE = {"A": 0.95, "B": 0.85, "C": 0.65, "D": 0.45, "E": 0.2, "F": 0.5}
_CREDIBILITY = {"1": 0.95, "2": 0.85, "3": 0.7, "4": 0.45, "5": 0.15, "6": 0.5}


def truth(code: str) -> float:
    """How far a statement is believed, by the Admiralty code: the source's letter times the figure of what it says."""
    return _SOURCE[code[0]] * _CREDIBILITY[code[1]]


def is_sound(code: str) -> bool:
    """Whether a statement may help to name an organisation: fairly reliable and possibly true, or better."""
    return code[0] in "ABC" and code[1] in "123"


def family_of(kind: StatementKind) -> Family:
    """The family of a kind of statement."""
    return next(f for f in FAMILIES.values() if kind in f.kinds)
