"""Findings → dossiers: what a scan found, told for people, as values that any page can draw."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from stillwatch.model.dossier import Dossier, Membership, Share, Told
from stillwatch.model.finding import Campaign, Findings, Manifest
from stillwatch.report.claims import ledger, not_claimed, scope
from stillwatch.report.evidence import coordination, family_weights, left_out
from stillwatch.report.false_alarms import beside_innocents
from stillwatch.report.judgements import hypotheses, judgements
from stillwatch.report.members import membership
from stillwatch.report.shown import shown
from stillwatch.report.techniques import technique
from stillwatch.report.told import of_campaign, told
from stillwatch.report.wording import VERDICT_ORDER, VERDICT_TITLE, listed, of, to_bits

MOST_DOSSIERS = 25
MOST_EXAMPLES = 12
MOST_NAMES = 24


def ordered(campaigns: Sequence[Campaign]) -> tuple[Campaign, ...]:
    """Campaigns as the report lists them: by verdict, and within one as the scan ranked them."""
    return tuple(sorted(campaigns, key=lambda c: VERDICT_ORDER.index(c.verdict)))


def dossiers(findings: Findings, most: int = MOST_DOSSIERS) -> tuple[Dossier, ...]:
    """The dossiers of the first `most` campaigns, in the report's order."""
    return tuple(dossier(campaign, findings) for campaign in ordered(findings.campaigns)[:most])


def dossier(campaign: Campaign, findings: Findings) -> Dossier:
    """One campaign, told so that a stranger can check it."""
    name = campaign.campaign_id
    return composed(
        campaign,
        findings.run,
        told(campaign, findings),
        evidence=of_campaign(name, findings.evidence),
        members=membership(
            of_campaign(name, findings.accounts), of_campaign(name, findings.ties), findings.run.confirmed
        ),
        beside=beside_innocents(findings.false_alarms, name),
    )


def composed(
    campaign: Campaign,
    run: Manifest,
    drawn: Told,
    *,
    evidence: pa.Table,
    members: Membership,
    beside: tuple[str, ...],
) -> Dossier:
    """The same from what was gathered of a campaign, in a scan or long after it."""
    name = campaign.campaign_id
    weights = family_weights(evidence, name)
    answers = judgements(campaign, weights, run, members)
    return Dossier(
        campaign_id=shown(name, 60),
        verdict=campaign.verdict,
        title=VERDICT_TITLE[campaign.verdict],
        summary=_summary(campaign),
        accounts=campaign.accounts,
        exchanges=campaign.exchanges,
        first_seen=campaign.first_seen,
        last_seen=campaign.last_seen,
        coordination_bits=to_bits(campaign.coordination.log10_bayes_factor),
        extraction_bits=to_bits(campaign.distillation.log10_bayes_factor),
        q_value=campaign.coordination.q_value,
        judgements=answers,
        scope=scope(campaign, run),
        ledger=ledger(campaign, weights, answers, members),
        timeline=drawn.timeline,
        graph=drawn.graph,
        membership=members,
        capabilities=_capabilities(campaign),
        weights=weights,
        left_out=left_out(coordination(weights)),
        lookalikes=drawn.lookalikes,
        hypotheses=hypotheses(campaign),
        not_claimed=not_claimed(campaign, members),
        techniques=tuple(technique(t, drawn.pointers) for t in campaign.techniques[:MOST_NAMES]),
        models=tuple(shown(m, 60) for m in campaign.models[:MOST_NAMES]),
        channels=tuple(shown(c, 60) for c in campaign.channels[:MOST_NAMES]),
        examples=tuple(shown(example, 600) for example in campaign.examples[:MOST_EXAMPLES]),
        beside_innocents=beside,
    )


def _capabilities(campaign: Campaign) -> tuple[Share, ...]:
    ranked = sorted(campaign.capabilities, key=lambda c: (-c.share, c.capability))
    return tuple(Share(shown(c.capability, 40).replace("_", " "), c.share, c.exchanges) for c in ranked)


def _summary(campaign: Campaign) -> str:
    models = [shown(m, 40) for m in campaign.models]
    names = listed(
        models[:3] + ([of(len(models) - 3, "more model")] if len(models) > 3 else []),
        nothing="no named model",
    )
    return (
        f"{of(campaign.accounts.best, 'account')} made {of(campaign.exchanges.best, 'exchange')} that belong to it, "
        f"with {names}, between {campaign.first_seen[:10]} and {campaign.last_seen[:10]}."
    )
