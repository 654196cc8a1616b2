"""Assays of suspect models, recorded for a campaign by a person: never read by a scan, and no part of any judgement of traffic.

A report is kept as it was recomputed from its transcripts. It counts once somebody else has agreed and nobody disagrees; what counts can be told
as found, and what does not is told as what somebody recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from stillwatch.casebook.assay_tables import ASSAY, ASSAY_REVIEW
from stillwatch.casebook.chain import record
from stillwatch.casebook.labels import same
from stillwatch.casebook.said import known, person, words
from stillwatch.casebook.tables import CAMPAIGN, ENTRY
from stillwatch.errors import UsageError
from stillwatch.model.assay import AssayReport
from stillwatch.model.recorded import RecordedAssay

KEYED = ("T3", "T4")
FOUND = "trained on served text"


def keep(connection: Connection, campaign_id: str, report: AssayReport, *, who: str, reason: str) -> int:
    """Record a report for a campaign; gives its number in the log. Keys that were served to other campaigns only are refused."""
    into = known(connection, campaign_id).merged_into
    if into:
        raise UsageError(f"{campaign_id} has gone on as a part of {into}. Record the assay for {into}.")
    row = {
        "campaign_id": campaign_id,
        "suspect": report.suspect,
        "word": report.word,
        "plan_seal": report.plan_seal,
        "transcripts": report.transcript_digest,
        "account_sets": list(_sets(report, _names(connection, campaign_id), campaign_id)),
        "reason": words(reason, "reason"),
        "told": json.loads(json.dumps(asdict(report), allow_nan=False)),
    }
    _refuse_twice(connection, row)
    return record(connection, ASSAY, who=person(who), row=row)


def review(
    connection: Connection, campaign_id: str, assay: int, *, who: str, agrees: bool, reason: str
) -> int:
    """Record that somebody else agrees, or not, with what an assay is said to show; a later review of theirs replaces it."""
    found = next((a for a in of_campaign(connection, campaign_id) if a.entry == assay), None)
    if found is None:
        raise UsageError(
            f"{campaign_id} has no assay {assay}. `stillwatch case show {campaign_id}` lists them."
        )
    if same(found.who) == same(who):
        raise UsageError(f"{who} recorded assay {assay}. Somebody else has to review it.")
    row = {"assay": assay, "agrees": agrees, "reason": words(reason, "reason")}
    return record(connection, ASSAY_REVIEW, who=person(who), row=row)


def of_campaign(connection: Connection, campaign_id: str) -> tuple[RecordedAssay, ...]:
    """The assays of a campaign and of those that went on as a part of it, in the order in which they were recorded."""
    known(connection, campaign_id)
    query = (
        select(ASSAY, ENTRY.c.who, ENTRY.c.recorded)
        .join(ENTRY, ENTRY.c.entry == ASSAY.c.entry)
        .where(ASSAY.c.campaign_id.in_(_names(connection, campaign_id)))
        .order_by(ASSAY.c.entry)
    )
    return tuple(_recorded(row, _opinions(connection, row.entry)) for row in connection.execute(query))


def told(assays: tuple[RecordedAssay, ...]) -> Iterator[str]:
    """A line for each, as the record of a campaign tells its changes."""
    for assay in assays:
        agreed = f"agreed to by {', '.join(assay.agreed)}" if assay.agreed else "agreed to by nobody yet"
        yield f"Assay {assay.entry}, {assay.recorded[:10]}: {assay.report.word}, recorded by {assay.who}, {agreed}."


def _recorded(row: Any, opinions: Mapping[str, Any]) -> RecordedAssay:
    return RecordedAssay(
        entry=row.entry,
        campaign_id=row.campaign_id,
        who=row.who,
        recorded=row.recorded,
        reason=row.reason,
        account_sets=tuple(row.account_sets),
        report=msgspec.convert(row.told, AssayReport),
        agreed=tuple(o.who for o in opinions.values() if o.agrees),
        disagreed=tuple(o.who for o in opinions.values() if not o.agrees),
        dissent=tuple(
            f"{o.who} disagrees with assay {row.entry}: {o.reason}" for o in opinions.values() if not o.agrees
        ),
    )


def _opinions(connection: Connection, assay: int) -> Mapping[str, Any]:
    """What each person last said of an assay."""
    query = (
        select(ASSAY_REVIEW, ENTRY.c.who)
        .join(ENTRY, ENTRY.c.entry == ASSAY_REVIEW.c.entry)
        .where(ASSAY_REVIEW.c.assay == assay)
        .order_by(ASSAY_REVIEW.c.entry)
    )
    return {same(row.who): row for row in connection.execute(query)}


def _names(connection: Connection, campaign_id: str) -> frozenset[str]:
    """The id of a campaign, and of all that have gone on in it: their account sets are its own."""
    into = {c.campaign_id: c.merged_into for c in connection.execute(select(CAMPAIGN))}
    found, new = {campaign_id}, {campaign_id}
    while new:
        new = {name for name, other in into.items() if other in new} - found
        found |= new
    return frozenset(found)


def _sets(report: AssayReport, names: frozenset[str], campaign_id: str) -> tuple[str, ...]:
    """The account sets of a report that are this campaign's."""
    tested = {r.account_set for r in report.results if r.test in KEYED and r.adjusted_p is not None}
    mine = tested & names
    if tested and not mine:
        raise UsageError(
            f"The keys of this assay were served to {', '.join(sorted(tested))}, not to {campaign_id}. An account set of a policy bears the lasting "
            "id of its campaign: record the assay for that one."
        )
    if report.word == FOUND and not set(report.account_sets) & names:
        raise UsageError(
            f"The keys that were found are those of {', '.join(report.account_sets)}, not of {campaign_id}. Record the assay for that campaign."
        )
    return tuple(sorted(mine))


def _refuse_twice(connection: Connection, row: Mapping[str, Any]) -> None:
    same_report = (
        select(ASSAY.c.entry, ASSAY.c.told)
        .where(ASSAY.c.campaign_id == row["campaign_id"])
        .where(ASSAY.c.plan_seal == row["plan_seal"], ASSAY.c.transcripts == row["transcripts"])
    )
    for held in connection.execute(same_report):
        if held.told == row["told"]:
            raise UsageError(f"This report is recorded already: assay {held.entry} of {row['campaign_id']}.")
