"""The record of a campaign for its dossier: who looked at it, who disagrees, and what became of it from scan to scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from stillwatch.casebook.assays import of_campaign, told
from stillwatch.casebook.cases import case
from stillwatch.casebook.chain import head
from stillwatch.casebook.labels import same
from stillwatch.model.pack import Record


def history(connection: Connection, campaign_id: str) -> Record:
    """Reviewers, dissent and changes as the casebook holds them; a campaign that it does not hold is refused.

    A reviewer is whoever last agreed to a decision that confirms the campaign as a whole, and that no later one takes back; who agreed to
    who is named for it now is told apart. Whoever last disagreed is named with the reason.
    """
    held, assays = case(connection, campaign_id), of_campaign(connection, campaign_id)
    latest = _latest(held["reviews"])
    confirming = _confirming(held["decisions"])
    named = {told["actor"] for told in held["appearances"][-1]["attribution"]}
    end = head(connection)
    return Record(
        reviewers=once(r["who"] for r in latest if r["agrees"] and r["decision"] in confirming),
        namers=once(r["who"] for r in latest if r["agrees"] and r["actor"] in named),
        dissent=(
            *(_dissent(review) for review in latest if not review["agrees"]),
            *(text for assay in assays for text in assay.dissent),
        ),
        changes=(*_seen(held), *_decided(held), *told(assays)),
        log=f"{end.entries:,} {'entry' if end.entries == 1 else 'entries'} in the casebook, the last of them {end.hash}",
        assays=assays,
    )


def once(names: Iterable[str]) -> tuple[str, ...]:
    """Each person once, in the spelling that comes first."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(same(name), name)
    return tuple(first.values())


def _confirming(decisions: Sequence[Mapping[str, Any]]) -> set[int]:
    """Decisions that confirm the campaign as a whole, after the last that says otherwise."""
    whole = sorted((d for d in decisions if d["account_id"] is None), key=lambda d: int(d["decision"]))
    found: set[int] = set()
    for decision in whole:
        found = found | {decision["decision"]} if decision["kind"] == "confirmed" else set()
    return found


def _latest(reviews: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What each person last said of each decision and of each attribution, in the order in which it was recorded."""
    last = {(review["decision"], review["actor"], same(review["who"])): review for review in reviews}
    return sorted(last.values(), key=lambda review: int(review["entry"]))


def _dissent(review: Mapping[str, Any]) -> str:
    of = f"decision {review['decision']}" if review["decision"] else f"the attribution to {review['actor']}"
    return f"{review['who']} disagrees with {of}: {review['reason']}"


def _seen(held: Mapping[str, Any]) -> Iterator[str]:
    """What changed from one scan to the next; scans that say the same are told once."""
    before = None
    for number, seen in enumerate(held["appearances"], 1):
        now = (seen["verdict"], seen["accounts"], seen["exchanges"])
        if now != before:
            yield (
                f"Scan {number}, log to {seen['log_end'][:10]}: {seen['verdict']}, "
                f"{seen['accounts']:,} accounts, {seen['exchanges']:,} exchanges."
            )
        before = now
    if held["split_from"]:
        yield f"Was a part of {held['split_from']}."
    if held["took_in"]:
        yield f"Took in {', '.join(sorted(held['took_in']))}."
    if held["merged_into"]:
        yield f"Went on as a part of {held['merged_into']}."


def _decided(held: Mapping[str, Any]) -> Iterator[str]:
    for decision in held["decisions"]:
        what = "an account" if decision["account_id"] else "the campaign"
        agreed = (
            f"agreed to by {', '.join(decision['agreed'])}"
            if decision["agreed"]
            else "agreed to by nobody yet"
        )
        yield (
            f"Decision {decision['decision']}, {decision['recorded'][:10]}: {what} {decision['kind']} by {decision['who']}, "
            f"{agreed}, until {decision['expires']}."
        )
