"""A judged cluster as a campaign: members, exchanges, volumes, capabilities, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import numpy.typing as npt

from stillwatch.engine.batches import in_order
from stillwatch.fingerprint.assemble import Log
from stillwatch.fingerprint.memory import give_back
from stillwatch.judge.brought import Brought, brought
from stillwatch.judge.case import Case, Told
from stillwatch.judge.days import by_day_and_model
from stillwatch.judge.gather import at_rows
from stillwatch.judge.lookalike import lookalikes
from stillwatch.judge.measured import sentence
from stillwatch.judge.purpose import FEATURES
from stillwatch.judge.recognised import recognised_by
from stillwatch.judge.sighted import sighted_rows
from stillwatch.judge.streams import TELLING, Carried, Streams, split
from stillwatch.judge.task import tasks
from stillwatch.judge.techniques import pointers, techniques
from stillwatch.judge.tell import LOG10_2, Row, account_rows, coordination_rows
from stillwatch.judge.verdict import SUREST, Judged
from stillwatch.judge.volume import volume
from stillwatch.link.candidate import ENDS_ALIKE
from stillwatch.model.finding import Campaign, CapabilityShare, Coordination, Distillation, Interval, Verdict
from stillwatch.model.tables import CAPABILITIES
from stillwatch.weigh.holding import Floats, Integers

WHOLE = "system_prompt"
UNSURE = 0.5
"""What is not called distillation is not likely."""
LEAST_CARRIED = 0.1
"""A profile that the members' requests carry less often than this does not tell their exchanges apart."""
SMALLEST_SHARE = 0.005
MISNAMED_SHARE = 0.05
"""What fewer of a harvest's requests are named is mostly named wrongly: a harvest draws on few capabilities (ADR 0022)."""


def streams_of(judged: Judged, case: Case) -> Streams:
    """The members' exchanges, split into extraction and other traffic; only distillation has any of the first."""
    rows = case.rows_of(judged.accounts)
    if judged.verdict != "distillation":
        return Streams(rows, np.zeros(len(rows)), 0.0)
    if judged.number in case.tenants:
        return split(case.log.exchange, rows, case.outside_rows, case.tenants[judged.number].frames)
    carried = {
        said.signal: Carried(said.signal, column, case.holdings[said.signal].keys[said.traits])
        for said in judged.cluster.weighed.signals
        if said.family in TELLING
        and (column := case.signals[said.signal].column) is not None
        and said.share_inside >= LEAST_CARRIED
    }
    if WHOLE in carried:  # what is alike ends alike, and would be counted twice
        carried.pop(ENDS_ALIKE, None)
    return split(case.log.exchange, rows, case.outside_rows, list(carried.values()))


def tell_all(judged: Sequence[Judged], case: Case, *, threads: int, in_files: bool = False) -> list[Told]:
    """All campaigns in the order of the report, a few told at once; where columns lie `in_files`, of what was brought for many together."""
    numbered, told = number(judged, case.log), list[Told]()
    everything = Brought(case.log.exchange, case.rows_of)
    accounts = [one.accounts for _, one in numbered]
    for some, here in brought(everything, accounts, in_files=in_files, beside=case.outside_rows):
        told += in_order(
            numbered[some],
            partial(_tell, case=_of(here, case), here=here),
            threads=threads,
            ahead=len(numbered),
        )
        del here
    return told


def _of(here: Brought, case: Case) -> Case:
    """The same case of the exchanges that are here."""
    log, outside = replace(case.log, exchange=here.exchange), here.here(case.outside_rows)
    return replace(case, log=log, rows_of=here.rows_of, outside_rows=outside)


def _tell(one: tuple[str, Judged], case: Case, here: Brought) -> Told:
    told = tell(*one, case)
    return replace(told, streams=replace(told.streams, rows=here.there(told.streams.rows)))


def tell(campaign_id: str, judged: Judged, case: Case) -> Told:
    """One campaign with its evidence."""
    streams = streams_of(judged, case)
    shared = coordination_rows(campaign_id, judged.cluster, case.signals)
    members = case.parties(judged.accounts)
    evidence = [
        *shared,
        *_purpose_rows(campaign_id, judged, case),
        *sighted_rows(campaign_id, case.spoken.get(judged.number)),
        *account_rows(campaign_id, judged.cluster, case.signals, accounts=members),
    ]
    pointed = pointers(judged, case.purpose, case.signals)
    named = tasks(case.log.exchange, streams)
    streams = replace(streams, conversation=None)
    times = at_rows(case.log.exchange["ts"], streams.rows)
    campaign = Campaign(
        campaign_id=campaign_id,
        verdict=judged.verdict,
        coordination=_coordination(judged, sum(row[6] for row in shared)),
        distillation=_distillation(judged),
        attribution=(),
        accounts=_accounts(judged),
        exchanges=_exchanges(judged, streams, case),
        first_seen=_time(times.min()) if len(times) else "",
        last_seen=_time(times.max()) if len(times) else "",
        capabilities=_capabilities(named, streams, case.log, judged.verdict),
        techniques=techniques(judged, pointed),
        models=_names("model", streams.rows, case.log),
        channels=_names("channel", streams.rows, case.log),
        lookalikes=lookalikes(case.purpose.measured, judged.number),
        traits=recognised_by(judged, case, streams.rows, times),
        pointers=pointed,
    )
    give_back()
    return Told(
        campaign,
        judged,
        streams,
        named,
        evidence,
        by_day_and_model(campaign_id, streams.rows, times, case.log),
    )


def _coordination(judged: Judged, log10_bayes_factor: float) -> Coordination:
    probability = (1 - judged.q_value) * np.mean(judged.cluster.membership())
    return Coordination(min(SUREST, float(probability)), judged.q_value, log10_bayes_factor)


def _distillation(judged: Judged) -> Distillation:
    most = SUREST if judged.verdict == "distillation" else UNSURE
    return Distillation(min(most, judged.probability), judged.bits * LOG10_2)


def _purpose_rows(campaign_id: str, judged: Judged, case: Case) -> list[Row]:
    rows: list[Row] = []
    for feature in FEATURES:
        measured = case.purpose.measured.get(feature.signal)
        if measured is None or np.isnan(measured[judged.number]):
            continue
        value = float(measured[judged.number])
        bits = float(case.purpose.bits[feature.signal][judged.number])
        weight, text = bits * LOG10_2, sentence(feature, value, case.signals, bits=bits)
        rows.append(
            (campaign_id, "extraction", feature.signal, campaign_id, value, feature.ordinary, weight, text)
        )
    return rows


def _accounts(judged: Judged) -> Interval:
    certain = judged.cluster.membership()
    best = len(judged.accounts)
    below = np.abs(judged.cluster.margin[judged.cluster.margin < 0]).clip(max=50)
    missed = float(np.sum(1.0 / (1.0 + np.exp2(below))))
    spread = float(np.sqrt(np.sum(certain * (1 - certain)))) + 0.03 * best
    return Interval(max(0, int(best - 2 * spread)), best, int(np.ceil(best + 2 * spread + missed)))


def _exchanges(judged: Judged, streams: Streams, case: Case) -> Interval:
    if judged.verdict != "distillation":
        return Interval(len(streams.rows), len(streams.rows), len(streams.rows))
    return volume(streams, is_tenant=judged.number in case.tenants)


def _capabilities(
    named: npt.NDArray[np.int8], streams: Streams, log: Log, verdict: Verdict
) -> tuple[CapabilityShare, ...]:
    weight: Floats = streams.extraction if verdict == "distillation" else np.ones(len(streams.rows))
    volume = float(weight.sum())
    asked = at_rows(log.exchange["words"], streams.rows) > 0
    weight = weight * asked if asked.any() else weight
    counts: Floats = np.bincount(named, weight, minlength=len(CAPABILITIES)).astype(np.float64)
    if verdict == "distillation":
        counts = without_misnamed(counts)
    total = counts.sum()
    if total <= 0:
        return ()
    counts = counts * volume / total
    total = counts.sum()
    order = np.lexsort((np.arange(len(counts)), -np.round(counts)))
    return tuple(
        CapabilityShare(CAPABILITIES[c], round(float(counts[c] / total), 6), round(float(counts[c])))
        for c in order
        if counts[c] >= SMALLEST_SHARE * total
    )


def without_misnamed(counts: Floats) -> Floats:
    """Requests of each capability, with none where they are below `MISNAMED_SHARE` of all; the largest is never below."""
    return np.where(counts < MISNAMED_SHARE * counts.sum(), 0.0, counts)


def _names(column: str, rows: Integers, log: Log) -> tuple[str, ...]:
    keys, counts = np.unique(at_rows(log.exchange[column], rows), return_counts=True)
    known = log.names[column]
    ranked = sorted((-c, known[k]) for k, c in zip(keys.tolist(), counts.tolist(), strict=True) if k in known)
    return tuple(name for _, name in ranked)


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(int(microseconds) // 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def number(judged: Sequence[Judged], log: Log) -> list[tuple[str, Judged]]:
    """Ids in the order of the report: distillation, relay, coordinated; larger first; the ids decide ties."""
    rank = {"distillation": 0, "relay": 1, "coordinated": 2}
    order = sorted(
        judged, key=lambda j: (rank[j.verdict], -len(j.accounts), log.account_ids[int(j.accounts.min())])
    )
    year = datetime.fromtimestamp((log.extent.last or 0) // 1_000_000, UTC).year
    return [(f"UDC-{year}-{at:03d}", j) for at, j in enumerate(order, 1)]
