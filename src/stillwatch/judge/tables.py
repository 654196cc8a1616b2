"""The contract's account and exchange tables of a scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.fingerprint.memory import give_back
from stillwatch.judge.agreement import Agreements
from stillwatch.judge.case import Told
from stillwatch.judge.order import in_order, of_rows, put
from stillwatch.model.tables import ACCOUNT_FINDING, CAPABILITIES, EXCHANGE_FINDING
from stillwatch.weigh.holding import Floats, Integers

OUTRANKED = 0.5
VERDICTS = {"distillation": "campaign", "relay": "relay", "coordinated": "clear"}
RISK = {"distillation": (0.6, 0.4), "relay": (0.3, 0.15), "coordinated": (0.2, 0.1)}


def account_table(told: Sequence[Told], log: Log, *, agreed: Agreements, principal: Integers) -> pa.Table:
    """One row for each account of the input."""
    n = len(log.account_ids)
    campaign = np.full(n, None, object)
    verdict = np.full(n, "clear", object)
    membership, risk = np.zeros(n), near_misses(told, principal)
    for t in told:
        mine, base = t.judged.accounts, RISK[t.judged.verdict]
        campaign[mine] = t.campaign.campaign_id
        membership[mine] = t.judged.membership
        verdict[mine] = VERDICTS[t.judged.verdict]
        risk[mine] = base[0] + base[1] * t.judged.membership
    verdict[agreed.may_distil] = "authorised"
    risk[agreed.may_distil] = 0.0
    columns = (log.account_ids, campaign.tolist(), membership.round(6), risk.round(6), verdict.tolist())
    return pa.table(dict(zip(ACCOUNT_FINDING.names, columns, strict=True)), schema=ACCOUNT_FINDING)


def near_misses(told: Sequence[Told], principal: Integers) -> Floats:
    """Risk of accounts outside all findings, for ranking: how near they came to a distillation campaign."""
    near = np.zeros(int(principal.max()) + 1 if len(principal) else 0)
    for t in told:
        if t.judged.verdict == "distillation":
            cluster = t.judged.cluster
            chance = OUTRANKED / (1.0 + np.exp2(-np.clip(cluster.margin / 4.0, -20, 20)))
            near[cluster.weighed.rows] = np.maximum(near[cluster.weighed.rows], chance)
    return near[principal] if len(principal) else np.zeros(0)


def exchange_table(told: Sequence[Told], log: Log) -> pa.Table:
    """One row for each exchange of a finding's accounts, in the order of ids; extraction is 0 in findings that are not distillation.

    What has few values is put in that order as numbers, and becomes text then.
    """
    if not told:
        return EXCHANGE_FINDING.empty_table()
    ids = of_rows(log.exchange_ids, [t.streams.rows for t in told])
    give_back()
    order = in_order(ids)
    places = order.to_numpy()
    campaigns = pa.array([t.campaign.campaign_id for t in told], pa.string())
    of = np.repeat(np.arange(len(told), dtype=np.int32), [len(t.streams.rows) for t in told])
    columns = (
        put(ids, order),
        campaigns.take(pa.array(of[places])),
        pa.array(CAPABILITIES).take(pa.array(np.concatenate([t.named for t in told])[places])),
        pa.array(np.concatenate([t.streams.extraction for t in told]).round(4)[places]),
    )
    found = pa.table(dict(zip(EXCHANGE_FINDING.names, columns, strict=True)), schema=EXCHANGE_FINDING)
    give_back()
    return found
