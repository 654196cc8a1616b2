"""Campaigns by day: their exchanges, and the sign-ups of their accounts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.fingerprint.codes import plain
from stillwatch.judge.case import Told
from stillwatch.judge.gather import rows_at
from stillwatch.model.tables import ACTIVITY, BIRTH
from stillwatch.weigh.holding import Integers

DAY = 86_400_000_000
ORDER = [("campaign_id", "ascending"), ("day", "ascending"), ("model", "ascending")]


def activity(told: Sequence[Told]) -> pa.Table:
    """Exchanges of each campaign by day and model."""
    return pa.concat_tables([t.activity for t in told]).sort_by(ORDER) if told else ACTIVITY.empty_table()


def by_day_and_model(campaign_id: str, rows: Integers, times: Integers, log: Log) -> pa.Table:
    """The same of one campaign, whose exchanges at `rows` were made at those times."""
    day = pa.array(times // DAY, pa.int32()).cast(pa.date32())
    model = plain(rows_at(log.exchange.select(["model"]), rows)["model"])
    counted = pa.table({"day": day, "model": model}).group_by(["day", "model"]).aggregate([([], "count_all")])
    ids = pa.array([campaign_id] * counted.num_rows, pa.string())
    names = [log.names["model"].get(key, "") for key in counted["model"].to_pylist()]
    columns = (ids, counted["day"], names, counted["count_all"])
    return pa.table(dict(zip(ACTIVITY.names, columns, strict=True)), schema=ACTIVITY)


def births(told: Sequence[Told], log: Log) -> pa.Table:
    """Sign-ups of each campaign's accounts by day."""
    ids: list[str] = []
    days: list[int] = []
    counts: list[int] = []
    created = log.account["created"]
    for t in told:
        times = created.take(pa.array(t.judged.accounts)).drop_null().to_numpy()
        found, accounts = np.unique(times // DAY, return_counts=True)
        ids += [t.campaign.campaign_id] * len(found)
        days += found.tolist()
        counts += accounts.tolist()
    columns = (ids, pa.array(days, pa.int32()).cast(pa.date32()), counts)
    return pa.table(dict(zip(BIRTH.names, columns, strict=True)), schema=BIRTH)
