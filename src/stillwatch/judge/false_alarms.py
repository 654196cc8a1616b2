"""Every group that could be reported beside innocent clusters of its class: stated evidence that decides no verdict.

What is tested is every cluster that could be distillation, not only what is reported: whoever picks the most
striking of many groups and tests these alone tests too little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillwatch.judge.agreement import Agreements
from stillwatch.judge.budget import JudgeSettings
from stillwatch.judge.evalue import e_bh, e_value, p_value
from stillwatch.judge.purpose import MEASURED_DIGITS, ORDINARY_GROUPS, Purpose, odds
from stillwatch.judge.references import References
from stillwatch.judge.sequence import Past, Seen, follow
from stillwatch.judge.sketch import sketch
from stillwatch.judge.verdict import is_tried, standing
from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import Compared, FalseAlarms, Stability
from stillwatch.weigh.holding import Floats, Integers


@dataclass(frozen=True, eq=False)
class Groups:
    """The clusters of a scan: the account positions of each, what they are for, whether the log shows addresses.

    `account_ids` names all accounts of the log.
    """

    clusters: Sequence[Cluster]
    accounts: Sequence[Integers]
    purpose: Purpose
    reads_addresses: bool
    account_ids: Sequence[str]


@dataclass(frozen=True)
class Reported:
    """The campaign id and the stability of a cluster that is reported."""

    campaign_id: str
    stability: Stability | None


def false_alarms(
    groups: Groups,
    agreed: Agreements,
    reported: Mapping[int, Reported],
    *,
    references: References,
    settings: JudgeSettings,
    past: Past,
) -> FalseAlarms:
    """All clusters that could be campaigns, tested, and all that are `reported`, by their numbers."""
    stands = standing(groups.clusters, groups.accounts, groups.purpose, agreed)
    tried = is_tried(stands, groups.accounts, agreed)
    listed = [at for at in range(len(tried)) if tried[at] or at in reported]
    rows = [_row(at, groups, reported.get(at), could_be_campaign=bool(tried[at])) for at in listed]
    tested = [_tested(row, references) if row.could_be_campaign else row for row in rows]
    could = [at for at, row in enumerate(tested) if row.could_be_campaign]
    kept = e_bh(np.array([tested[at].e_value or 0.0 for at in could]), settings.confirm_level)
    for at in np.array(could, np.int64)[kept].tolist():
        tested[at] = replace(tested[at], is_confirmed=True)
    order = sorted(range(len(tested)), key=lambda at: _rank(tested[at]))
    seen = [_seen(tested[at], listed[at], groups) for at in order if tested[at].could_be_campaign]
    sequence = follow(seen, past, settings.confirm_level)
    return FalseAlarms(settings.confirm_level, tuple(tested[at] for at in order), sequence)


def among(alarms: FalseAlarms) -> tuple[str, ...]:
    """What is said of the scan where more groups might be called than in the logs that probabilities were set on."""
    n = alarms.tried
    said = f"{n} groups might be called distillation in this log: each has {ORDINARY_GROUPS}/{n} of the odds that its evidence gives among {ORDINARY_GROUPS} or fewer"
    return (said,) if n > ORDINARY_GROUPS else ()


def _row(at: int, groups: Groups, reported: Reported | None, *, could_be_campaign: bool) -> Compared:
    framed = groups.purpose.measured.get("framed_prompts")
    return Compared(
        campaign_id=reported.campaign_id if reported else None,
        could_be_campaign=could_be_campaign,
        parties=round(float(np.exp2(groups.purpose.measured["pool_size"][at]))),
        reads_prompts=framed is not None and not np.isnan(framed[at]),
        reads_addresses=groups.reads_addresses,
        bits=round(float(groups.purpose.total[at]), MEASURED_DIGITS),
        references=0,
        p_value=None,
        e_value=None,
        is_confirmed=False,
        stability=reported.stability if reported else None,
    )


def _tested(row: Compared, references: References) -> Compared:
    alike: Floats = references.of_class(
        row.parties, reads_prompts=row.reads_prompts, reads_addresses=row.reads_addresses
    )
    if not len(alike):
        return row
    e = e_value(float(odds(np.array(row.bits))), odds(alike))
    return replace(row, references=len(alike), p_value=p_value(row.bits, alike), e_value=e)


def _seen(tested: Compared, at: int, groups: Groups) -> Seen:
    members = [groups.account_ids[account] for account in groups.accounts[at].tolist()]
    return Seen(tested.campaign_id, tested.e_value, sketch(members))


def _rank(tested: Compared) -> tuple[bool, str, float, int]:
    return (tested.campaign_id is None, tested.campaign_id or "", -tested.bits, -tested.parties)
