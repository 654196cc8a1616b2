"""A judged cluster as a campaign: members, exchanges, volumes, capabilities, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.judge.lookalike import lookalikes
from stillwatch.judge.purpose import FEATURES, Feature, Purpose
from stillwatch.judge.streams import TELLING, Carried, Streams, split
from stillwatch.judge.tell import LOG10_2, Row, account_rows, coordination_rows
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Campaign, CapabilityShare, Coordination, Distillation, Interval
from stillwatch.model.tables import CAPABILITIES
from stillwatch.signals._base import Signal
from stillwatch.weigh.holding import Floats, Holding, Integers

UNCERTAIN_VOLUME = 0.1
SUREST, UNSURE = 0.99, 0.5
"""No probability above 0.99 is stated: the scale was set on simulated traffic. What is not called distillation is not likely."""
SMALLEST_SHARE = 0.005


@dataclass(frozen=True, eq=False)
class Told:
    """A campaign with the rows that belong to it in the scan's tables."""

    campaign: Campaign
    judged: Judged
    streams: Streams
    evidence: list[Row]


@dataclass(frozen=True, eq=False)
class Case:
    """What every campaign of one scan is told from."""

    log: Log
    holdings: Mapping[str, Holding]
    signals: Mapping[str, Signal]
    purpose: Purpose
    principal: Integers
    outside_rows: Integers
    rows_of: RowsOf


@dataclass(frozen=True, eq=False)
class RowsOf:
    """Rows of the exchange table by account."""

    order: Integers
    starts: Integers

    def __call__(self, accounts: Integers) -> Integers:
        """Positions of all exchanges of those accounts."""
        parts = [self.order[self.starts[a] : self.starts[a + 1]] for a in accounts.tolist()]
        return np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def rows_of(account: Integers, accounts: int) -> RowsOf:
    """Index of exchange rows by account."""
    order = np.argsort(account, kind="stable")
    return RowsOf(order, np.searchsorted(account[order], np.arange(accounts + 1)))


def streams_of(judged: Judged, case: Case) -> Streams:
    """Split the members' exchanges into extraction and other traffic; a relay or coordinated group has none of the first."""
    rows = case.rows_of(judged.accounts)
    if judged.verdict != "distillation":
        return Streams(rows, np.zeros(len(rows)), 0.0)
    carried = [
        Carried(said.signal, column, case.holdings[said.signal].keys[said.traits])
        for said in judged.cluster.weighed.signals
        if said.family in TELLING and (column := case.signals[said.signal].column) is not None and said.share_inside >= 0.1
    ]
    return split(case.log.exchange, rows, case.outside_rows, carried)


def tell(campaign_id: str, judged: Judged, case: Case) -> Told:
    """One campaign with its evidence."""
    streams = streams_of(judged, case)
    members = [(int(case.principal[a]), case.log.account_ids[a]) for a in judged.accounts.tolist()]
    evidence = coordination_rows(campaign_id, judged.cluster, case.signals)
    total = sum(row[6] for row in evidence)
    evidence += _purpose_rows(campaign_id, judged, case)
    evidence += account_rows(campaign_id, judged.cluster, case.signals, accounts=members)
    times = case.log.exchange["ts"].to_numpy()[streams.rows]
    campaign = Campaign(
        campaign_id=campaign_id,
        verdict=judged.verdict,
        coordination=Coordination(
            min(SUREST, float((1 - judged.q_value) * np.mean(judged.cluster.membership()))), judged.q_value, total
        ),
        distillation=Distillation(
            min(SUREST if judged.verdict == "distillation" else UNSURE, judged.probability), judged.bits * LOG10_2
        ),
        attribution=(),
        accounts=_accounts(judged),
        exchanges=_exchanges(streams, judged.verdict == "distillation"),
        first_seen=_time(times.min()) if len(times) else "",
        last_seen=_time(times.max()) if len(times) else "",
        capabilities=_capabilities(streams, case.log, judged.verdict == "distillation"),
        techniques=_techniques(judged, case),
        models=_names("model", streams.rows, case.log),
        channels=_names("channel", streams.rows, case.log),
        lookalikes=lookalikes(case.purpose.measured, judged.number),
    )
    return Told(campaign, judged, streams, evidence)


def _purpose_rows(campaign_id: str, judged: Judged, case: Case) -> list[Row]:
    rows: list[Row] = []
    for feature in FEATURES:
        value = case.purpose.measured.get(feature.signal)
        if value is None or np.isnan(value[judged.number]):
            continue
        bits, shown = float(case.purpose.bits[feature.signal][judged.number]), float(value[judged.number])
        text = _sentence(feature, shown, case.signals)
        rows.append((campaign_id, "extraction", feature.signal, campaign_id, shown, feature.ordinary, bits * LOG10_2, text))
    return rows


def _sentence(feature: Feature, value: float, signals: Mapping[str, Signal]) -> str:
    if feature.signal == "pool_size":
        return f"The cluster has {2**value:.0f} independent parties; look-alike groups have about {2**feature.ordinary:.0f}."
    if feature.signal == "common_control":
        return f"Addresses, identities and tokens link each member by {value:.1f} bits, look-alike groups by about {feature.ordinary:.0f}."
    if feature.signal == "thinking_pool":
        return f"A pool that serves many people asks for extended thinking and moved to a new model at once ({value:.2f} of 1)."
    return f"{value:.0%} {signals[feature.signal].phrase}; look-alike groups show about {feature.ordinary:.0%}."


def _accounts(judged: Judged) -> Interval:
    certain = judged.cluster.membership()
    best = len(judged.accounts)
    missed = float(np.sum(1.0 / (1.0 + np.exp2(np.abs(judged.cluster.margin[judged.cluster.margin < 0]).clip(max=50)))))
    spread = float(np.sqrt(np.sum(certain * (1 - certain)))) + 0.03 * best
    return Interval(max(0, int(best - 2 * spread)), best, int(np.ceil(best + 2 * spread + missed)))


def _exchanges(streams: Streams, is_extraction: bool) -> Interval:
    if not is_extraction:
        return Interval(len(streams.rows), len(streams.rows), len(streams.rows))
    best = float(streams.extraction.sum())
    doubt = float(np.sum(streams.extraction * (1 - streams.extraction)))
    spread = UNCERTAIN_VOLUME * best + doubt
    return Interval(max(0, int(best - spread)), round(best), int(np.ceil(best + spread)))


def _capabilities(streams: Streams, log: Log, is_extraction: bool) -> tuple[CapabilityShare, ...]:
    weight: Floats = streams.extraction if is_extraction else np.ones(len(streams.rows))
    asked = log.exchange["words"].take(pa.array(streams.rows)).fill_null(0).to_numpy() > 0
    weight = weight * asked if asked.any() else weight
    counts = np.bincount(log.exchange["capability"].to_numpy()[streams.rows], weight, minlength=len(CAPABILITIES))
    total = counts.sum()
    if total <= 0:
        return ()
    counts = counts * (float(streams.extraction.sum()) if is_extraction else len(streams.rows)) / total
    total = counts.sum()
    order = np.lexsort((np.arange(len(counts)), -np.round(counts)))
    return tuple(
        CapabilityShare(CAPABILITIES[c], round(float(counts[c] / total), 6), round(float(counts[c])))
        for c in order
        if counts[c] >= SMALLEST_SHARE * total
    )


def _techniques(judged: Judged, case: Case) -> tuple[str, ...]:
    found: set[str] = {"AML.T0040"}
    for said in judged.cluster.weighed.signals:
        if float(said.bits[judged.cluster.position()].mean()) >= 2.0:
            found.update(case.signals[said.signal].techniques)
    if judged.verdict == "distillation":
        found.add("AML.T0024.002")
        for feature in FEATURES:
            if case.purpose.bits[feature.signal][judged.number] >= 1.0:
                found.update(case.signals[feature.signal].techniques if feature.signal in case.signals else ())
    return tuple(sorted(found))


def _names(column: str, rows: Integers, log: Log) -> tuple[str, ...]:
    keys, counts = np.unique(log.exchange[column].to_numpy()[rows], return_counts=True)
    known = log.names[column]
    ranked = sorted((-c, known[k]) for k, c in zip(keys.tolist(), counts.tolist(), strict=True) if k in known)
    return tuple(name for _, name in ranked)


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(int(microseconds) // 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def number(judged: Sequence[Judged], log: Log) -> list[tuple[str, Judged]]:
    """Ids in the order of the report: distillation, relay, coordinated; larger first; the ids decide ties."""
    rank = {"distillation": 0, "relay": 1, "coordinated": 2}
    order = sorted(judged, key=lambda j: (rank[j.verdict], -len(j.accounts), log.account_ids[int(j.accounts.min())]))
    last = int(log.exchange["ts"].to_numpy().max()) if log.exchange.num_rows else 0
    year = datetime.fromtimestamp(last // 1_000_000, UTC).year
    return [(f"UDC-{year}-{at:03d}", j) for at, j in enumerate(order, 1)]


def activity(told: Sequence[Told], log: Log) -> pa.Table:
    """Exchanges of each campaign by day and model."""
    parts = []
    for t in told:
        rows = t.streams.rows
        day = pa.array(log.exchange["ts"].to_numpy()[rows] // 86_400_000_000, pa.int32()).cast(pa.date32())
        models = log.names["model"]
        model = pa.array([models.get(k, "") for k in log.exchange["model"].to_numpy()[rows].tolist()], pa.string())
        grouped = pa.table({"day": day, "model": model}).group_by(["day", "model"]).aggregate([([], "count_all")])
        ids = pa.array([t.campaign.campaign_id] * grouped.num_rows, pa.string())
        parts.append(
            pa.table({"campaign_id": ids, "day": grouped["day"], "model": grouped["model"], "exchanges": grouped["count_all"]})
        )
    return pa.concat_tables(parts).sort_by([("campaign_id", "ascending"), ("day", "ascending"), ("model", "ascending")]) if parts else pa.table({"campaign_id": pa.array([], pa.string()), "day": pa.array([], pa.date32()), "model": pa.array([], pa.string()), "exchanges": pa.array([], pa.int64())})


def births(told: Sequence[Told], log: Log) -> pa.Table:
    """Sign-ups of each campaign's accounts by day."""
    ids: list[str] = []
    days: list[int] = []
    counts: list[int] = []
    created = log.account["created"]
    for t in told:
        times = created.take(pa.array(t.judged.accounts)).drop_null().to_numpy()
        found, number_of = np.unique(times // 86_400_000_000, return_counts=True)
        ids += [t.campaign.campaign_id] * len(found)
        days += found.tolist()
        counts += number_of.tolist()
    return pa.table(
        {
            "campaign_id": pa.array(ids, pa.string()),
            "day": pa.array(days, pa.int32()).cast(pa.date32()),
            "accounts": pa.array(counts, pa.int64()),
        }
    )
