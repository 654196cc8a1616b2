"""What is publicly known or privately believed of an actor: statements, each with who says so, how well, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

StatementKind = Literal[
    "asn",
    "client_stack",
    "template_sketch",
    "capability_interest",
    "staff_domain",
    "card_bin",
    "payment_fingerprint",
    "product_name",
    "release",
    "working_hours",
]

PARTS: Mapping[StatementKind, tuple[str, ...]] = {
    "asn": ("asn",),
    "client_stack": ("user_agent", "ja4", "header_profile"),
    "template_sketch": ("text",),
    "capability_interest": ("capability",),
    "staff_domain": ("domain",),
    "card_bin": ("bin",),
    "payment_fingerprint": ("fingerprint",),
    "product_name": ("name",),
    "release": ("product", "date"),
    "working_hours": ("start", "end", "utc_offset"),
}
"""What a statement of each kind says, part by part; a client stack needs one part only."""

RELIABILITY: Mapping[str, str] = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
CREDIBILITY: Mapping[str, str] = {
    "1": "confirmed by other sources",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth cannot be judged",
}
"""The Admiralty code: a letter for the source, a figure for what it says."""

NOT_JUDGED = "F6"


@dataclass(frozen=True)
class Statement:
    """One thing said of an actor. `value` has the parts of its kind; days are ISO 8601.

    `code` is the Admiralty code of the source and of what it says. What has no day of expiry counts until it is taken back.
    """

    kind: StatementKind
    value: Mapping[str, str]
    source: str
    code: str
    date: str | None = None
    expires: str | None = None

    def counts_on(self, day: str | None) -> bool:
        """Whether it still counts on that day; without a day to compare with, it does."""
        return self.expires is None or day is None or day[:10] <= self.expires


@dataclass(frozen=True)
class Actor:
    """A possible actor, by the name under which it is known to the operator."""

    name: str
    actor_class: str
    statements: tuple[Statement, ...]
    aliases: tuple[str, ...] = ()
    note: str = ""
