"""What people say, checked before it is recorded: of a campaign that is known, under a name, within bounds."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, select

from stillwatch.casebook.tables import CAMPAIGN
from stillwatch.errors import UsageError

LONGEST_TEXT, LONGEST_NAME = 20_000, 200


def known(connection: Connection, campaign_id: str) -> Any:
    """The row of a campaign; one that the casebook does not hold is refused."""
    row = connection.execute(select(CAMPAIGN).where(CAMPAIGN.c.campaign_id == campaign_id)).first()
    if row is None:
        names = list(connection.execute(select(CAMPAIGN.c.campaign_id)).scalars())
        near = get_close_matches(campaign_id, names, n=3, cutoff=0.6)
        advice = f"Did you mean {' or '.join(near)}?" if near else "`stillwatch case list` lists them."
        raise UsageError(f"The casebook holds no campaign {campaign_id!r}. {advice}")
    return row


def person(name: str) -> str:
    """A person's name on one line."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME:
        raise UsageError(f"A name has 1 to {LONGEST_NAME} characters.")
    return plain


def words(text: str, what: str) -> str:
    """A text that says something, and no more than can be read."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise UsageError(f"A {what} has 1 to {LONGEST_TEXT:,} characters; this one has {len(text):,}.")
    return text
