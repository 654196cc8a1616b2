"""What `findings.json` tells of each campaign beside the contract's tables: enough to draw its dossier without the log."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.dossier import Explanation, Told
from stillwatch.model.finding import Campaign, Findings
from stillwatch.report.days import timeline
from stillwatch.report.grouping import link_graph
from stillwatch.report.shown import shown


def told(campaign: Campaign, findings: Findings) -> Told:
    """The timeline, the link graph and the innocent explanations of one campaign."""
    name = campaign.campaign_id
    return Told(
        timeline=timeline(of_campaign(name, findings.activity), of_campaign(name, findings.births)),
        graph=link_graph(of_campaign(name, findings.ties)),
        lookalikes=tuple(
            Explanation(shown(x.name, 80), x.consistent, shown(x.reason, 300)) for x in campaign.lookalikes
        ),
        pointers=campaign.pointers,
    )


def all_told(findings: Findings) -> Mapping[str, Told]:
    """The same of all campaigns, by id."""
    return {campaign.campaign_id: told(campaign, findings) for campaign in findings.campaigns}


def of_campaign(campaign_id: str, table: pa.Table) -> pa.Table:
    """The rows of a table that name the campaign."""
    return table.filter(pc.equal(table["campaign_id"], pa.scalar(campaign_id, pa.string())))
