"""What a decision does in the next scan, and what it can never do.

A decision counts once a second person has agreed to it and nobody disagreed, until its day of expiry or a later decision.

- *cleared*, a campaign: it is not called again while nothing about it is new. New is any of `novelties`. It is told all the same,
  by its id, size and who cleared it: nothing is hidden.
- *cleared*, an account: its own listing is taken out of a campaign that it was cleared in. The campaign stays as it is; and of
  a campaign of which more than a tenth of the accounts are cleared so, none is taken out.
- *confirmed*, a campaign: a group most of which are its members starts with a few bits for a training set (`judge.lean`). It
  has to earn its verdict all the same, and nobody who is linked to members is called for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.model.finding import Campaign

MOST_STRANGERS = 0.25
MORE_LOG10 = 1.0
MORE_EXCHANGES = 2.0
MOST_ACCOUNTS_CLEARED = 0.1
SURE_MEMBER = 0.5
RANK: Mapping[str, int] = {"coordinated": 0, "relay": 1, "distillation": 2}


@dataclass(frozen=True)
class Decision:
    """A decision with what was seen when it was made, and who reviewed it; `entry` is its number in the log."""

    entry: int
    campaign_id: str
    account_id: str | None
    kind: str
    who: str
    recorded: str
    reason: str
    expires: str
    agreed: tuple[str, ...]
    disagreed: tuple[str, ...]
    appearance: Mapping[str, Any]

    @property
    def is_agreed(self) -> bool:
        """Whether somebody else put a name to it and nobody's stands against it."""
        others = {same(who) for who in self.agreed} - {same(self.who)}
        return bool(others) and not self.disagreed


def same(who: str) -> str:
    """A person's name as it is compared: two spellings of one name are one person."""
    return " ".join(who.casefold().split())


def standing(decisions: Sequence[Decision], day: str) -> Mapping[tuple[str, str | None], Decision]:
    """The decision that counts for each campaign and account on that day: of those agreed to, the latest, if it holds."""
    latest: dict[tuple[str, str | None], Decision] = {}
    for decision in sorted(decisions, key=lambda d: d.entry):
        if decision.is_agreed or decision.kind == "reopened":
            latest[decision.campaign_id, decision.account_id] = decision
    return {at: d for at, d in latest.items() if d.kind != "reopened" and day <= d.expires}


def novelties(
    now: Campaign, members: frozenset[str], witnesses: frozenset[str], then: Decision
) -> Iterator[str]:
    """What is new about a cleared campaign since it was cleared; anything is enough to call it again."""
    seen = then.appearance
    strangers = len(members - seen["members"]) / max(1, len(members))
    if strangers > MOST_STRANGERS:
        yield f"{strangers:.0%} of its accounts are new"
    if RANK[now.verdict] > RANK[seen["verdict"]]:
        yield f"it is called {now.verdict} and not {seen['verdict']}"
    if now.distillation.log10_bayes_factor > seen["training_set_log10"] + MORE_LOG10:
        yield "its traffic speaks more than ten times as much for a training set"
    if further := sorted(witnesses - frozenset(seen["witnesses"])):
        yield f"further evidence links it: {', '.join(further)}"
    if now.exchanges.best > MORE_EXCHANGES * seen["exchanges"]:
        yield "it makes more than twice as many exchanges"


def let_out(members: frozenset[str], decisions: Sequence[Decision], campaign_id: str) -> frozenset[str]:
    """Accounts of a campaign that are cleared by themselves; none if they are too many to be single mistakes."""
    cleared = {
        d.account_id
        for d in decisions
        if d.kind == "cleared" and d.campaign_id == campaign_id and d.account_id in members
    }
    return (
        frozenset(a for a in cleared if a)
        if len(cleared) <= MOST_ACCOUNTS_CLEARED * len(members)
        else frozenset()
    )
