"""Cases for people: what the casebook knows of a campaign, and what they add to it.

Names of people are taken on trust: whoever can write to the casebook can write any name. The log shows what was written when,
and that nobody changed it since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Connection, select

from stillwatch.casebook.assays import of_campaign
from stillwatch.casebook.chain import head, record
from stillwatch.casebook.labels import same, standing
from stillwatch.casebook.rows import attribution_reviews, decisions
from stillwatch.casebook.said import known, person, words
from stillwatch.casebook.tables import APPEARANCE, CAMPAIGN, DECISION, ENTRY, MEMBER, NOTE, REVIEW, SCAN
from stillwatch.errors import UsageError
from stillwatch.model.case import DecisionKind

MOST_DAYS = 366
"""A decision has to be looked at again after a year at the latest."""


@dataclass(frozen=True)
class Line:
    """One campaign in the list."""

    campaign_id: str
    state: str
    verdict: str
    accounts: int
    scans: int
    first_seen: str
    last_seen: str


def lines(connection: Connection, day: str | None = None) -> list[Line]:
    """All campaigns, the newest last, with the state in which decisions put them."""
    held = standing(decisions(connection), day or _today())
    ended = {c.campaign_id: c.merged_into for c in connection.execute(select(CAMPAIGN))}
    by_campaign: dict[str, list[Any]] = {}
    for row in connection.execute(select(APPEARANCE).order_by(APPEARANCE.c.appearance_id)):
        by_campaign.setdefault(row.campaign_id, []).append(row)
    found = []
    for name, seen in sorted(by_campaign.items()):
        decided = held.get((name, None))
        into = ended[name]
        found.append(
            Line(
                campaign_id=name,
                state=f"merged into {into}" if into else decided.kind if decided else "open",
                verdict=seen[-1].verdict,
                accounts=seen[-1].accounts,
                scans=len(seen),
                first_seen=min(s.first_seen for s in seen),
                last_seen=max(s.last_seen for s in seen),
            )
        )
    return found


def case(connection: Connection, campaign_id: str) -> Mapping[str, Any]:
    """All that the casebook holds of one campaign, as plain values."""
    campaign = known(connection, campaign_id)
    scans = {s.scan_id: s for s in connection.execute(select(SCAN))}
    seen = [
        {**row._asdict(), "recorded": scans[row.scan_id].recorded, "log_end": scans[row.scan_id].log_end}
        for row in connection.execute(
            select(APPEARANCE)
            .where(APPEARANCE.c.campaign_id == campaign_id)
            .order_by(APPEARANCE.c.appearance_id)
        )
    ]
    mine = [d for d in decisions(connection) if d.campaign_id == campaign_id]
    held = standing(mine, _today())
    return {
        "campaign_id": campaign_id,
        "merged_into": campaign.merged_into,
        "split_from": campaign.split_from,
        "took_in": list(
            connection.execute(
                select(CAMPAIGN.c.campaign_id).where(CAMPAIGN.c.merged_into == campaign_id)
            ).scalars()
        ),
        "appearances": seen,
        "notes": _entries(connection, NOTE, campaign_id),
        "reviews": _entries(connection, REVIEW, campaign_id),
        "decisions": [
            {
                "decision": d.entry,
                "kind": d.kind,
                "account_id": d.account_id,
                "who": d.who,
                "recorded": d.recorded,
                "reason": d.reason,
                "expires": d.expires,
                "agreed": list(d.agreed),
                "disagreed": list(d.disagreed),
                "counts": held.get((campaign_id, d.account_id)) == d,
            }
            for d in mine
        ],
    }


def everything(connection: Connection, campaign_id: str | None = None) -> Mapping[str, Any]:
    """A case, or all, with members of the last appearance, the whole log and its head: to be kept elsewhere."""
    names = [campaign_id] if campaign_id else [line.campaign_id for line in lines(connection)]
    told = []
    for name in names:
        one = dict(case(connection, name))
        last = one["appearances"][-1]["appearance_id"]
        members = select(MEMBER.c.account_id, MEMBER.c.membership).where(MEMBER.c.appearance_id == last)
        one["members"] = [row._asdict() for row in connection.execute(members.order_by(MEMBER.c.account_id))]
        one["assays"] = [asdict(assay) for assay in of_campaign(connection, name)]
        told.append(one)
    end = head(connection)
    return {
        "cases": told,
        "log": [row._asdict() for row in connection.execute(select(ENTRY).order_by(ENTRY.c.entry))],
        "head": {"entries": end.entries, "hash": end.hash},
    }


def note(connection: Connection, campaign_id: str, text: str, *, who: str) -> int:
    """Add a note; gives its number in the log."""
    known(connection, campaign_id)
    row = {"campaign_id": campaign_id, "text": words(text, "note")}
    return record(connection, NOTE, who=person(who), row=row)


def decide(
    connection: Connection,
    campaign_id: str,
    kind: str,
    *,
    who: str,
    reason: str,
    days: int,
    account_id: str | None = None,
) -> int:
    """Record a decision on a campaign as it was last seen, or on one of its accounts; it counts once somebody agrees."""
    known(connection, campaign_id)
    if kind not in get_args(DecisionKind):
        raise UsageError(f"A decision is {', '.join(get_args(DecisionKind))}, not {kind!r}.")
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"A decision holds for 1 to {MOST_DAYS} days, not {days}.")
    last = connection.execute(
        select(APPEARANCE.c.appearance_id, SCAN.c.log_end)
        .join(SCAN, SCAN.c.scan_id == APPEARANCE.c.scan_id)
        .where(APPEARANCE.c.campaign_id == campaign_id)
        .order_by(APPEARANCE.c.appearance_id.desc())
        .limit(1)
    ).one()
    if account_id is not None:
        _is_member(connection, last.appearance_id, account_id, campaign_id, kind)
    row = {
        "campaign_id": campaign_id,
        "account_id": account_id,
        "kind": kind,
        "appearance_id": last.appearance_id,
        "reason": words(reason, "reason"),
        "expires": _after(last.log_end, days),
    }
    return record(connection, DECISION, who=person(who), row=row)


def review(
    connection: Connection,
    campaign_id: str,
    *,
    who: str,
    agrees: bool,
    reason: str,
    decision: int | None = None,
    actor: str | None = None,
) -> int:
    """Record that somebody agrees, or not, with a decision or with an attribution; a later review of theirs replaces it."""
    known(connection, campaign_id)
    if (decision is None) == (actor is None):
        raise UsageError(
            "A review is of a decision or of an attribution: give one of --decision and --actor."
        )
    if decision is not None:
        _may_review(connection, campaign_id, decision, who)
    elif agrees:
        _is_compared(connection, campaign_id, " ".join((actor or "").split()))
    row = {
        "campaign_id": campaign_id,
        "decision": decision,
        "actor": person(actor) if actor else None,
        "agrees": agrees,
        "reason": words(reason, "reason"),
    }
    return record(connection, REVIEW, who=person(who), row=row)


def signatures(connection: Connection, campaign_id: str) -> Mapping[str, tuple[list[str], list[str]]]:
    """For each actor that was reviewed: who agrees to the attribution, and who does not."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for r in attribution_reviews(connection):
        if r.campaign_id == campaign_id:
            found.setdefault(r.actor, ([], []))[0 if r.agrees else 1].append(r.reviewer)
    return found


def _is_member(
    connection: Connection, appearance_id: int, account_id: str, campaign_id: str, kind: str
) -> None:
    if kind == "confirmed":
        raise UsageError(
            "An account is confirmed with its campaign, never by itself: nobody is confirmed by being named."
        )
    mine = select(MEMBER).where(MEMBER.c.appearance_id == appearance_id, MEMBER.c.account_id == account_id)
    if connection.execute(mine).first() is None:
        raise UsageError(f"{campaign_id} did not hold the account {account_id!r} when it was last seen.")


def _may_review(connection: Connection, campaign_id: str, decision: int, who: str) -> None:
    found = next((d for d in decisions(connection) if d.entry == decision), None)
    if found is None or found.campaign_id != campaign_id:
        raise UsageError(
            f"{campaign_id} has no decision {decision}. `stillwatch case show {campaign_id}` lists them."
        )
    if same(found.who) == same(who):
        raise UsageError(f"{who} made decision {decision}. Somebody else has to review it.")


def _is_compared(connection: Connection, campaign_id: str, actor: str) -> None:
    """Nobody can agree in advance: the last scan has to have named the actor, as a lead at least."""
    last = (
        select(APPEARANCE.c.attribution)
        .where(APPEARANCE.c.campaign_id == campaign_id)
        .order_by(APPEARANCE.c.appearance_id.desc())
        .limit(1)
    )
    named = sorted({told["actor"] for told in connection.execute(last).scalar_one()})
    if actor not in named:
        raise UsageError(
            f"The last scan did not name {actor!r} for {campaign_id}; it named {', '.join(named) or 'nobody'}. "
            "What was not found cannot be agreed to: scan with --actors and this casebook first."
        )


def _entries(connection: Connection, table: Any, campaign_id: str) -> list[dict[str, Any]]:
    query = (
        select(table, ENTRY.c.who, ENTRY.c.recorded)
        .join(ENTRY, ENTRY.c.entry == table.c.entry)
        .where(table.c.campaign_id == campaign_id)
        .order_by(table.c.entry)
    )
    return [row._asdict() for row in connection.execute(query)]


def _after(log_end: str, days: int) -> str:
    """The day until which a decision holds, counted from the end of the log that it rests on, or from today if that is later."""
    start = max(log_end[:10], _today())
    return (date.fromisoformat(start) + timedelta(days=days)).isoformat()


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
