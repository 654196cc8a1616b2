"""What a casebook holds, read as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from stillwatch.casebook.labels import SURE_MEMBER, Decision, same, standing
from stillwatch.casebook.tables import APPEARANCE, CAMPAIGN, DECISION, ENTRY, MARK, MEMBER, REVIEW, SCAN
from stillwatch.model.attributed import Review
from stillwatch.model.case import Remembered

ALWAYS = ""
"""A day before all days: with it nothing has expired."""
REVIEW_DAYS = 90


def remembered(connection: Connection) -> list[Remembered]:
    """All campaigns that have not ended in another: by their last appearance, with the accounts of all appearances."""
    last = (
        select(func.max(APPEARANCE.c.appearance_id))
        .join(CAMPAIGN, CAMPAIGN.c.campaign_id == APPEARANCE.c.campaign_id)
        .where(CAMPAIGN.c.merged_into.is_(None))
        .group_by(APPEARANCE.c.campaign_id)
    )
    names = {
        row.appearance_id: row.campaign_id
        for row in connection.execute(
            select(APPEARANCE.c.appearance_id, APPEARANCE.c.campaign_id).where(
                APPEARANCE.c.appearance_id.in_(last)
            )
        )
    }
    members, marks = defaultdict(set), defaultdict(set)
    for member in connection.execute(select(MEMBER).where(MEMBER.c.appearance_id.in_(last))):
        members[member.appearance_id].add(member.account_id)
    for mark in connection.execute(select(MARK).where(MARK.c.appearance_id.in_(last))):
        marks[mark.appearance_id].add((mark.family, mark.trait))
    ever = _ever(connection)
    return [
        Remembered(name, frozenset(members[at]), frozenset(marks[at]), frozenset(ever[name]))
        for at, name in sorted(names.items(), key=str)
    ]


def _ever(connection: Connection) -> Mapping[str, set[str]]:
    """All accounts that each campaign was ever seen with."""
    query = (
        select(APPEARANCE.c.campaign_id, MEMBER.c.account_id)
        .join(APPEARANCE, APPEARANCE.c.appearance_id == MEMBER.c.appearance_id)
        .distinct()
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(query):
        found[row.campaign_id].add(row.account_id)
    return found


def decisions(connection: Connection) -> list[Decision]:
    """All decisions with their reviews, in the order in which they were recorded."""
    opinions: dict[int, dict[bool, list[str]]] = defaultdict(lambda: {True: [], False: []})
    reviewed = select(REVIEW.c.decision, REVIEW.c.agrees, ENTRY.c.who).join(
        ENTRY, ENTRY.c.entry == REVIEW.c.entry
    )
    for row in connection.execute(reviewed.where(REVIEW.c.decision.is_not(None)).order_by(REVIEW.c.entry)):
        for opinion in opinions[row.decision].values():
            opinion[:] = [who for who in opinion if same(who) != same(row.who)]
        opinions[row.decision][row.agrees].append(row.who)
    query = (
        select(DECISION, ENTRY.c.who, ENTRY.c.recorded)
        .join(ENTRY, ENTRY.c.entry == DECISION.c.entry)
        .order_by(DECISION.c.entry)
    )
    return [
        Decision(
            entry=row.entry,
            campaign_id=row.campaign_id,
            account_id=row.account_id,
            kind=row.kind,
            who=row.who,
            recorded=row.recorded,
            reason=row.reason,
            expires=row.expires,
            agreed=tuple(opinions[row.entry][True]),
            disagreed=tuple(opinions[row.entry][False]),
            appearance=appearance(connection, row.appearance_id),
        )
        for row in connection.execute(query)
    ]


def appearance(connection: Connection, appearance_id: int) -> Mapping[str, Any]:
    """One appearance of a campaign, with its members."""
    row = connection.execute(select(APPEARANCE).where(APPEARANCE.c.appearance_id == appearance_id)).one()
    mine = select(MEMBER.c.account_id).where(MEMBER.c.appearance_id == appearance_id)
    return {**row._asdict(), "members": frozenset(connection.execute(mine).scalars())}


def attribution_reviews(connection: Connection, day: str = ALWAYS) -> tuple[Review, ...]:
    """What each person last said of each attribution, and what of it still holds on that day.

    A review holds for `REVIEW_DAYS` from the end of the log that it rests on, or from its own day if that is later.
    """
    query = (
        select(REVIEW, ENTRY.c.who, ENTRY.c.recorded)
        .join(ENTRY, ENTRY.c.entry == REVIEW.c.entry)
        .where(REVIEW.c.actor.is_not(None))
        .order_by(REVIEW.c.entry)
    )
    latest = {(row.campaign_id, row.actor, same(row.who)): row for row in connection.execute(query)}
    return tuple(
        Review(campaign_id, actor, who, row.agrees)
        for (campaign_id, actor, who), row in latest.items()
        if day <= _until(connection, campaign_id, row.recorded)
    )


def _until(connection: Connection, campaign_id: str, recorded: str) -> str:
    """The last day on which a review of then counts."""
    seen = (
        select(func.max(SCAN.c.log_end))
        .join(APPEARANCE, APPEARANCE.c.scan_id == SCAN.c.scan_id)
        .where(APPEARANCE.c.campaign_id == campaign_id, SCAN.c.recorded <= recorded)
    )
    start = max((connection.execute(seen).scalar() or "")[:10], recorded[:10])
    return (date.fromisoformat(start) + timedelta(days=REVIEW_DAYS)).isoformat()


def confirmed_accounts(connection: Connection) -> Mapping[str, str]:
    """Sure members of all confirmed campaigns, each with the day until which that counts; without those who were cleared."""
    held = standing(decisions(connection), ALWAYS)
    cleared = {account for (_, account), d in held.items() if d.kind == "cleared" and account}
    found: dict[str, str] = {}
    for (_, account), decision in sorted(held.items(), key=lambda pair: pair[1].expires):
        if decision.kind == "confirmed" and account is None:
            at = decision.appearance["appearance_id"]
            mine = select(MEMBER.c.account_id).where(
                MEMBER.c.appearance_id == at, MEMBER.c.membership >= SURE_MEMBER
            )
            found |= dict.fromkeys(connection.execute(mine).scalars(), decision.expires)
    return {name: expires for name, expires in found.items() if name not in cleared}
