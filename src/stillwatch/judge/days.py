"""Campaigns by day: their exchanges, and the sign-ups of their accounts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.judge.case import Told
from stillwatch.model.tables import ACTIVITY, BIRTH

DAY = 86_400_000_000
ORDER = [("campaign_id", "ascending"), ("day", "ascending"), ("model", "ascending")]


def activity(told: Sequence[Told], log: Log) -> pa.Table:
    """Exchanges of each campaign by day and model."""
    parts = [_by_day_and_model(t, log) for t in told]
    return pa.concat_tables(parts).sort_by(ORDER) if parts else ACTIVITY.empty_table()


def _by_day_and_model(told: Told, log: Log) -> pa.Table:
    rows, names = told.streams.rows, log.names["model"]
    day = pa.array(log.exchange["ts"].to_numpy()[rows] // DAY, pa.int32()).cast(pa.date32())
    model = pa.array(
        [names.get(key, "") for key in log.exchange["model"].to_numpy()[rows].tolist()], pa.string()
    )
    counted = pa.table({"day": day, "model": model}).group_by(["day", "model"]).aggregate([([], "count_all")])
    ids = pa.array([told.campaign.campaign_id] * counted.num_rows, pa.string())
    columns = (ids, counted["day"], counted["model"], counted["count_all"])
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
