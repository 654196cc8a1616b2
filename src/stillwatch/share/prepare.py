"""Findings → what leaves the house: chosen, reduced to their tier, blinded. After this no raw value is left to leak."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from stillwatch.errors import UsageError
from stillwatch.model.finding import Campaign, Trait, Verdict
from stillwatch.model.likelihood import stix_confidence
from stillwatch.model.shared import Handling, Indicator, Kind, Producer, Shared, SharedFinding, View
from stillwatch.share.blind import Blind
from stillwatch.share.names import plain_model, plain_path
from stillwatch.share.policy import (
    LEAST_PRECISION,
    LIFETIME_DAYS,
    Policy,
    kind_of,
    own_value,
    plain_value,
)

USUAL: frozenset[Verdict] = frozenset({"distillation", "relay"})
"""Verdicts that go out unasked: to act in concert is nothing that others need to hear of."""

LEAST_MEMBERSHIP = 0.5
MOST_NAMES = 12
LONG_ID = 6
_PARTS = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Found:
    """Findings as they lie in the house, with traits and account ids.

    `members` are (account id, membership) and `views` other views, by campaign; `accounts` all accounts of the log: none of them may show by
    another way.
    """

    made: str
    version: str
    simulated: bool
    campaigns: tuple[Campaign, ...]
    members: Mapping[str, Sequence[tuple[str, float]]]
    accounts: frozenset[str]
    views: Mapping[str, tuple[View, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """What is asked for: which findings (none named: the usual verdicts), for whom, as whom, or why they are withdrawn.

    `families` are words of public model families beside those that are known.
    """

    policy: Policy
    producer: Producer
    only: tuple[str, ...] = ()
    is_own: bool = False
    retraction: str | None = None
    families: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a name and a reason without words: nobody could ask, object, or know why."""
        if not self.producer.name.strip():
            raise UsageError(
                "--producer is empty, and a finding is shared by somebody. Give the name of your house."
            )
        if self.retraction is not None and not self.retraction.strip():
            raise UsageError("--retract is empty: say why the findings are withdrawn.")


def prepare(found: Found, wish: Wish, blind: Blind) -> Shared:
    """What may be told of the findings at this tier."""
    reducer = _Reducer(wish, blind, found.accounts)
    return Shared(
        producer=wish.producer,
        handling=Handling(wish.policy.tlp, wish.policy.tier, wish.policy.permitted),
        made=found.made,
        version=found.version,
        simulated=found.simulated,
        findings=tuple(
            replace(
                reducer.finding(c, found.members.get(c.campaign_id, ())),
                views=_views(found.views.get(c.campaign_id, ()), wish.policy.tier),
            )
            for c in _chosen(found, wish.only)
        ),
        retraction=wish.retraction,
    )


def _views(views: Sequence[View], tier: int) -> tuple[View, ...]:
    """Other views; of who is behind it only where that itself is told."""
    return tuple(sorted((v for v in views if tier or v.on == "finding"), key=lambda v: (v.on, v.text)))


def references(found: Found, blind: Blind) -> dict[str, str]:
    """What stands for each finding in identifiers, by its number: the same in every export of this house."""
    return {
        c.campaign_id: _reference(c.campaign_id, found.members.get(c.campaign_id, ()), blind)
        for c in found.campaigns
    }


def _reference(name: str, members: Sequence[tuple[str, float]], blind: Blind) -> str:
    """The least token of its accounts: a campaign that grows or is numbered anew mostly keeps it."""
    return min(
        (blind.uuid("finding", account) for account, _ in members),
        default=blind.uuid("finding without accounts", name),
    )


def _chosen(found: Found, only: Sequence[str]) -> list[Campaign]:
    known = {campaign.campaign_id: campaign for campaign in found.campaigns}
    if unknown := sorted(set(only) - set(known)):
        raise UsageError(
            f"The findings hold no {' and no '.join(unknown)}. They hold {', '.join(known) or 'nothing'}."
        )
    chosen = [known[name] for name in only] if only else [c for c in found.campaigns if c.verdict in USUAL]
    return sorted(dict.fromkeys(chosen), key=lambda campaign: campaign.campaign_id)


@dataclass(frozen=True)
class _Reducer:
    wish: Wish
    blind: Blind
    account_ids: frozenset[str]

    def finding(self, campaign: Campaign, members: Sequence[tuple[str, float]]) -> SharedFinding:
        return SharedFinding(
            reference=_reference(campaign.campaign_id, members, self.blind),
            name=campaign.campaign_id,
            verdict=campaign.verdict,
            one_party=campaign.coordination.probability,
            training_set=campaign.distillation.probability,
            accounts=campaign.accounts,
            exchanges=campaign.exchanges,
            first_seen=campaign.first_seen,
            last_seen=campaign.last_seen,
            capabilities=campaign.capabilities,
            techniques=campaign.techniques,
            models=self._models(campaign.models),
            channels=self._paths(campaign.channels),
            attribution=campaign.attribution if self.wish.policy.tier else (),
            indicators=(*self._traits(campaign), *self._accounts(campaign, members)),
        )

    def _models(self, names: Sequence[str]) -> tuple[str, ...]:
        """Names of public models; any other is counted by a token, since it may be a customer's or a person's."""
        return tuple(
            self._name("model", name, plain_model(name, self.wish.families)) for name in names[:MOST_NAMES]
        )

    def _paths(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._name("channel", name, plain_path(name)) for name in names[:MOST_NAMES])

    def _name(self, what: str, name: str, plain: str | None) -> str:
        is_plain = plain is not None and not self._tells_an_account(name)
        return name if is_plain else f"{what}-{self.blind.uuid(what, name)[:8]}"

    def _tells_an_account(self, text: str) -> bool:
        """Whether an account's id is a part of it; a short id would be in everything, and counts as a whole part only."""
        parts = {text, *_PARTS.split(text)}
        return not self.account_ids.isdisjoint(parts) or any(
            account in text for account in self.account_ids if len(account) >= LONG_ID
        )

    def _traits(self, campaign: Campaign) -> list[Indicator]:
        found = []
        for trait in campaign.traits:
            kind = kind_of(trait.family)
            precision = trait.parties / max(1, trait.parties + trait.others)
            if self.wish.policy.allows(kind) and precision >= LEAST_PRECISION:
                found.append(self._trait(campaign, trait, kind, precision))
        return sorted(found, key=lambda i: (i.signal, i.reference))

    def _trait(self, campaign: Campaign, trait: Trait, kind: Kind, precision: float) -> Indicator:
        first, last = trait.first_seen or campaign.first_seen, trait.last_seen or campaign.last_seen
        value = plain_value(kind, trait.signal, trait.text)
        indicator = Indicator(
            kind=kind,
            signal=trait.signal,
            reference=self.blind.uuid("trait", trait.signal, trait.key),
            token=self.blind.trait(kind, trait.signal, trait.key),
            value=None if value is None or self._tells_an_account(value) else value,
            parties=trait.parties,
            others=trait.others,
            confidence=stix_confidence(precision),
            first_seen=first,
            last_seen=last,
            valid_from=first,
            valid_until=_later(last, LIFETIME_DAYS[kind]),
        )
        if not self.wish.is_own:
            return indicator
        own = indicator.value or own_value(trait.signal, trait.key)
        return replace(indicator, column=trait.column, key=trait.key, value=own)

    def _accounts(self, campaign: Campaign, members: Sequence[tuple[str, float]]) -> list[Indicator]:
        if not self.wish.policy.allows("account"):
            return []
        made = [
            Indicator(
                kind="account",
                signal="member",
                reference=self.blind.uuid("account", account),
                token=self.blind.account(account),
                value=None,
                parties=1,
                others=0,
                confidence=stix_confidence(membership),
                first_seen=campaign.first_seen,
                last_seen=campaign.last_seen,
                valid_from=campaign.first_seen,
                valid_until=_later(campaign.last_seen, LIFETIME_DAYS["account"]),
                account_id=account if self.wish.is_own else None,
            )
            for account, membership in members
            if membership >= LEAST_MEMBERSHIP
        ]
        return sorted(made, key=lambda i: i.token)


def _later(time: str, days: int) -> str:
    moment = datetime.fromisoformat(time) + timedelta(days=days)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
