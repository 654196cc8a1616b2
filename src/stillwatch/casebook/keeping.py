"""The door for a scan: findings go in under the scan's own names, and come out under lasting ids, weighed by what people decided.

Everything is one transaction that ends when the results are written: a scan that fails leaves no trace in the casebook.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, select

from stillwatch.casebook.chain import append, now, scan_digest
from stillwatch.casebook.labels import let_out, novelties, standing
from stillwatch.casebook.recall import recall
from stillwatch.casebook.renamed import F, released, renamed, without
from stillwatch.casebook.rows import attribution_reviews, confirmed_accounts, decisions, remembered
from stillwatch.casebook.sightings import remember
from stillwatch.casebook.store import Casebook
from stillwatch.casebook.tables import APPEARANCE, CAMPAIGN, MARK, MEMBER, SCAN
from stillwatch.model.attributed import ACTORS, Review
from stillwatch.model.case import Cleared, Found, Recalled
from stillwatch.model.finding import Campaign, Findings

SCANNER = "stillwatch scan"
MOST_TOLD = 20
ROWS_AT_ONCE = 10_000

Sign = Callable[[F, Sequence[Review]], F]


def confirmed(place: str | Path) -> Mapping[str, str]:
    """Accounts of confirmed campaigns, and until when that counts."""
    book = Casebook(place, is_new_allowed=True)
    try:
        with book.reading() as connection:
            return confirmed_accounts(connection)
    finally:
        book.close()


@contextmanager
def kept(findings: F, place: str | Path, sign: Sign[F]) -> Iterator[F]:
    """The findings under lasting ids, reviewed and labelled; kept in the casebook if the block ends well.

    `sign` opens the last gate of attribution for what people reviewed.
    """
    book = Casebook(place, is_new_allowed=True)
    try:
        with book.writing() as connection:
            yield _kept(connection, findings, sign)
    finally:
        book.close()


def _kept(connection: Connection, findings: F, sign: Sign[F]) -> F:
    members, witnesses = _members(findings), _witnesses(findings)
    recalled = _recalled(connection, findings, members, witnesses)
    told = renamed(findings, recalled.of)
    members = {recalled.of[name]: accounts for name, accounts in members.items()}
    witnesses = {recalled.of[name]: families for name, families in witnesses.items()}
    told = sign(told, attribution_reviews(connection, (told.run.window_end or "")[:10]))
    is_new = _record(connection, told, recalled, witnesses)
    told, labelled = _labelled(connection, told, members, witnesses)
    notes = (*(_told(recalled) if is_new else ()), *labelled)
    return replace(told, run=replace(told.run, notes=(*told.run.notes, *notes)))


def _members(findings: Findings) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {c.campaign_id: set() for c in findings.campaigns}
    table = findings.accounts.filter(pc.is_valid(findings.accounts["campaign_id"]))
    for name, account in zip(table["campaign_id"].to_pylist(), table["account_id"].to_pylist(), strict=True):
        found[name].add(account)
    return {name: frozenset(accounts) for name, accounts in found.items()}


def _witnesses(findings: Findings) -> dict[str, frozenset[str]]:
    """Families whose evidence on the campaign as a whole speaks for one party."""
    table = findings.evidence
    whole = table.filter(
        pc.and_(
            pc.equal(table["subject"], table["campaign_id"]), pc.greater(table["log10_bayes_factor"], 0.0)
        )
    )
    found: dict[str, set[str]] = defaultdict(set)
    for name, family in zip(whole["campaign_id"].to_pylist(), whole["family"].to_pylist(), strict=True):
        found[name].add(family)
    return {c.campaign_id: frozenset(found[c.campaign_id] - {"extraction"}) for c in findings.campaigns}


def _marks(findings: Findings) -> dict[str, frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    columns = (findings.ties[name].to_pylist() for name in ("campaign_id", "family", "signal", "trait"))
    for name, family, signal, trait in zip(*columns, strict=True):
        found[name].add((family, f"{signal}: {trait}"))
    return {name: frozenset(marks) for name, marks in found.items()}


def _recalled(
    connection: Connection,
    findings: Findings,
    members: Mapping[str, frozenset[str]],
    witnesses: Mapping[str, frozenset[str]],
) -> Recalled:
    marks = _marks(findings)
    found = [
        Found(
            c.campaign_id,
            members[c.campaign_id],
            marks.get(c.campaign_id, frozenset()),
            witnesses[c.campaign_id],
        )
        for c in findings.campaigns
    ]
    taken = frozenset(connection.execute(select(CAMPAIGN.c.campaign_id)).scalars())
    year = (findings.run.window_end or "0000")[:4]
    return recall(found, remembered(connection), year=year, taken=taken)


def _record(
    connection: Connection, told: Findings, recalled: Recalled, witnesses: Mapping[str, frozenset[str]]
) -> bool:
    """Keep a scan with its campaigns; nothing, and False, if the very same findings are kept already."""
    digest = _digest(told)
    if connection.execute(select(SCAN.c.scan_id).where(SCAN.c.digest == digest)).first():
        return False
    scan_id = (max(connection.execute(select(SCAN.c.scan_id)).scalars(), default=0)) + 1
    connection.execute(SCAN.insert().values(**_scan_row(told, scan_id, digest)))
    for campaign_id in recalled.begun:
        row = {
            "campaign_id": campaign_id,
            "first_scan": scan_id,
            "split_from": recalled.split.get(campaign_id),
        }
        connection.execute(CAMPAIGN.insert().values(**row))
    for ended, into in recalled.merged.items():
        connection.execute(
            CAMPAIGN.update()
            .where(CAMPAIGN.c.campaign_id == ended)
            .values(merged_into=into, merged_in_scan=scan_id)
        )
    marks = _marks(told)
    for campaign in told.campaigns:
        _appear(connection, told, campaign, scan_id, (witnesses[campaign.campaign_id], marks))
    body = {
        "scan": {"scan_id": scan_id, "log_end": told.run.window_end or ""},
        "digest": scan_digest(connection, scan_id),
        "begun": list(recalled.begun),
        "merged": dict(recalled.merged),
        "split": dict(recalled.split),
    }
    append(connection, who=SCANNER, what="scan", body=body)
    return True


def _scan_row(told: Findings, scan_id: int, digest: str) -> dict[str, object]:
    return {
        "scan_id": scan_id,
        "recorded": now(),
        "log_end": told.run.window_end or "",
        "digest": digest,
        "exchanges": told.run.rows_scanned,
        "version": told.run.version,
        "is_simulated": told.run.simulated,
    }


def _appear(
    connection: Connection,
    told: Findings,
    campaign: Campaign,
    scan_id: int,
    about: tuple[frozenset[str], Mapping[str, frozenset[tuple[str, str]]]],
) -> None:
    witnesses, marks = about
    last = max(connection.execute(select(APPEARANCE.c.appearance_id)).scalars(), default=0)
    row = {
        "appearance_id": last + 1,
        "campaign_id": campaign.campaign_id,
        "scan_id": scan_id,
        "verdict": campaign.verdict,
        "accounts": campaign.accounts.best,
        "exchanges": campaign.exchanges.best,
        "one_party": campaign.coordination.probability,
        "training_set": campaign.distillation.probability,
        "training_set_log10": campaign.distillation.log10_bayes_factor,
        "first_seen": campaign.first_seen,
        "last_seen": campaign.last_seen,
        "witnesses": sorted(witnesses),
        "attribution": [asdict(a) for a in campaign.attribution],
    }
    connection.execute(APPEARANCE.insert().values(**row))
    mine = told.accounts.filter(pc.equal(told.accounts["campaign_id"], campaign.campaign_id))
    rows: list[dict[str, object]] = [
        {"appearance_id": last + 1, "account_id": account, "membership": membership}
        for account, membership in zip(
            mine["account_id"].to_pylist(), mine["membership"].to_pylist(), strict=True
        )
    ]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(MEMBER.insert(), rows[at : at + ROWS_AT_ONCE])
    held = [
        {"appearance_id": last + 1, "family": family, "trait": trait}
        for family, trait in sorted(marks.get(campaign.campaign_id, ()))
    ]
    if held:
        connection.execute(MARK.insert(), held)
    remember(connection, told, campaign.campaign_id, last + 1)


def _labelled(
    connection: Connection,
    told: F,
    members: Mapping[str, frozenset[str]],
    witnesses: Mapping[str, frozenset[str]],
) -> tuple[F, list[str]]:
    """The findings without what was cleared and shows nothing new, and a note on each decision that had to do with them."""
    held = standing(decisions(connection), (told.run.window_end or "")[:10])
    cleared: list[Cleared] = []
    notes: list[str] = []
    for campaign in told.campaigns:
        name = campaign.campaign_id
        decision = held.get((name, None))
        if decision is None:
            continue
        if decision.kind == "confirmed":
            notes.append(f"{name} was confirmed by {decision.who} on {decision.recorded[:10]}.")
            continue
        new = list(novelties(campaign, members[name], witnesses[name], decision))
        if new:
            notes.append(f"{name} was cleared by {decision.who}, and is called again: {'; '.join(new)}.")
        else:
            agreed = ", ".join(decision.agreed)
            notes.append(
                f"{name} ({campaign.verdict}, {campaign.accounts.best:,} accounts) was cleared by {decision.who} and {agreed}, "
                f"and shows nothing new: it is not called until {decision.expires}."
            )
            cleared.append(
                Cleared(
                    campaign_id=name,
                    verdict=campaign.verdict,
                    accounts=campaign.accounts.best,
                    exchanges=campaign.exchanges.best,
                    decided_by=decision.who,
                    agreed_by=decision.agreed,
                    reason=decision.reason,
                    expires=decision.expires,
                )
            )
    told = replace(without(told, {c.campaign_id for c in cleared}), cleared=tuple(cleared))
    single = [d for (_, account), d in held.items() if account]
    for campaign in told.campaigns:
        out = let_out(members[campaign.campaign_id], single, campaign.campaign_id)
        if out:
            chosen = pc.is_in(told.accounts["account_id"], pa.array(sorted(out), pa.string()))
            run = replace(told.run, accounts_let_out=told.run.accounts_let_out + len(out))
            told = replace(told, run=run, accounts=released(told.accounts, chosen))
            notes.append(
                f"{len(out)} of the accounts of {campaign.campaign_id} were cleared and are not listed."
            )
    return told, notes


def _told(recalled: Recalled) -> Iterator[str]:
    """Merges and splits, as the report tells them."""
    for ended, into in list(recalled.merged.items())[:MOST_TOLD]:
        yield f"{ended} has merged into {into}: most of its accounts are there, tied by more than a shared relay."
    for new, old in list(recalled.split.items())[:MOST_TOLD]:
        yield f"{new} has split from {old}: most of its accounts were there."
    for into, other in recalled.near[:MOST_TOLD]:
        yield f"{into} holds most accounts of {other}, but a shared relay could explain that; both ids are kept."


def _digest(told: Findings) -> str:
    """A digest of what a scan found and whom it named, and of which log."""
    inputs = sorted((name, value) for name, value in told.run.inputs.items() if name != ACTORS)
    digest = hashlib.sha256(repr((inputs, told.run.window_end, told.run.version)).encode())
    for campaign in told.campaigns:
        digest.update(
            repr(
                (
                    campaign.campaign_id,
                    campaign.verdict,
                    campaign.accounts,
                    campaign.exchanges,
                    campaign.attribution,
                )
            ).encode()
        )
    return digest.hexdigest()
