"""The door of the room for a scan: what it told goes in, and comes out with who could be behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import pyarrow as pa

from stillwatch.attribute.attribute import attribute, attributions, reviewed
from stillwatch.attribute.marks import Marks
from stillwatch.attribute.mentions import Mentions
from stillwatch.attribute.suspect import Named, Suspect
from stillwatch.attribute.traffic import Traffic
from stillwatch.judge.agreement import Agreements
from stillwatch.judge.case import Case, Told
from stillwatch.model.actor import Actor
from stillwatch.model.attributed import ACTORS, Attributed, Review
from stillwatch.model.finding import Campaign, Findings
from stillwatch.model.sighting import Sighting, Spoken

F = TypeVar("F", bound=Findings)
BLIND = "Names of products that the actors' file tells were not looked for in what an earlier scan kept: it holds no text."
SURELY = 0.5
"""From this probability on an account or an exchange is taken as the campaign's own."""


@dataclass(eq=False)
class Attributor:
    """Actors to look for in one scan, and notes on the file they come from.

    `mentions` counts while the log is read; `networks` is the log's table of ranges; `digest` is of the file.
    """

    actors: Sequence[Actor] = ()
    notes: tuple[str, ...] = ()
    digest: str = ""
    mentions: Mentions = field(init=False)
    networks: pa.Table | None = None

    def __post_init__(self) -> None:
        """Begin to count."""
        self.mentions = Mentions(self.actors)

    @property
    def said(self) -> tuple[str, ...]:
        """The notes, and what could not be looked for."""
        return (*self.notes, BLIND) if self.mentions.is_blind else self.notes

    @property
    def inputs(self) -> Mapping[str, str]:
        """The digest of the file, as a scan names what it was made of."""
        return {ACTORS: self.digest} if self.digest else {}

    def of(
        self, told: Sequence[Told], case: Case, accounts: pa.Table, agreed: Agreements, *, day: str | None
    ) -> tuple[tuple[Campaign, ...], tuple[Attributed, ...]]:
        """The campaigns with their attribution, and all that was compared for it; nothing where no actor is given."""
        campaigns = tuple(t.campaign for t in told)
        if not self.actors or self.networks is None:
            return campaigns, ()
        traffic = Traffic(case.log, accounts, self.networks, self.mentions)
        found = attribute([suspect(t, case, agreed) for t in told], Marks(traffic), self.actors, day)
        return with_attribution(campaigns, found), found


def with_attribution(campaigns: Sequence[Campaign], found: Sequence[Attributed]) -> tuple[Campaign, ...]:
    """The campaigns, each with the list that the contract has for it."""
    return tuple(replace(c, attribution=attributions(a)) for c, a in zip(campaigns, found, strict=True))


def signed(findings: F, reviews: Sequence[Review]) -> F:
    """The findings with what people recorded on attributions: the last gate opens for two who agree, and for nothing else."""
    if not findings.attributed or not reviews:
        return findings
    told = tuple(reviewed(a, reviews) for a in findings.attributed)
    return replace(findings, attributed=told, campaigns=with_attribution(findings.campaigns, told))


def suspect(told: Told, case: Case, agreed: Agreements) -> Suspect:
    """What attribution looks at of one campaign: who surely belongs to it, and what surely is its own."""
    judged, streams = told.judged, told.streams
    accounts = judged.accounts[judged.membership >= SURELY * np.max(judged.membership, initial=0.0)]
    own = streams.rows[streams.extraction >= SURELY] if judged.verdict == "distillation" else streams.rows
    speaking = {row[1] for row in told.evidence if row[3] == told.campaign.campaign_id and row[6] > 0}
    harvest = _harvest(case.spoken.get(judged.number))
    return Suspect(
        campaign=told.campaign,
        accounts=accounts,
        rows=own[np.isin(np.asarray(case.log.exchange["account"].to_numpy())[own], accounts)],
        witnesses=frozenset(speaking - {"extraction"}),
        sighted=frozenset(s.admiralty for s in harvest),
        named=tuple(
            sorted({Named(s.names, s.maker_name or s.maker, s.admiralty) for s in harvest if s.names})
        ),
        has_agreement=bool((agreed.may_distil | agreed.explained)[judged.accounts].any()),
    )


def _harvest(spoken: Spoken | None) -> tuple[Sighting, ...]:
    """What others saw as a harvest; who merely saw accounts act together says nothing of a purpose, and names nobody."""
    told = spoken.sightings if spoken is not None else ()
    return tuple(s for s in told if s.sighted_as == "distillation")
