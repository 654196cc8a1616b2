"""What a trait key stood for, as little as proves the point, and which members hold which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.judge.case import Case, Told
from stillwatch.link.cluster import Cluster
from stillwatch.model.tables import TIE
from stillwatch.signals._base import Signal
from stillwatch.weigh.holding import Holding, Integers
from stillwatch.weigh.incidence import Int32s, chosen

MOST_TRAITS = 24
PER_SIGNAL = 5
V4_MARK = 1 << 62
SHOWN_DIGITS = 8


class Strong(NamedTuple):
    """A trait of a cluster: how far it sets members apart, where it stands, and how many parties inside and outside hold it."""

    bits: float
    signal: str
    trait: int
    held: int
    outside: int


def show(signal: str, key: int, names: Mapping[int, str]) -> str:
    """A trait for people: its name if it has a public one, its range, or a short pseudonym."""
    if key in names:
        return names[key]
    if signal in ("shared_prefix", "signup_range"):
        return _range(key)
    return f"{signal.replace('_', ' ')} {key % 16**SHOWN_DIGITS:0{SHOWN_DIGITS}x}"


def names_by_signal(signals: Mapping[str, Signal], log: Log) -> Mapping[str, Mapping[int, str]]:
    """What keys stand for, for signals whose column holds public names."""
    return {s.name: log.names[s.column] for s in signals.values() if s.column in log.names}


def _range(key: int) -> str:
    if key & V4_MARK:
        return f"{IPv4Address(key & 0xFFFFFF00)}/24"
    return f"{IPv6Address((key & ((1 << 48) - 1)) << 80)}/48"


def ties(told: Told, case: Case, names: Mapping[str, Mapping[int, str]], ids: pa.Array) -> pa.Table:
    """Which member accounts hold which of the campaign's strongest traits; `ids` are those of all accounts of the log."""
    accounts, cluster = told.judged.accounts, told.judged.cluster
    mine = accounts[np.argsort(case.principal[accounts], kind="stable")]
    of_party = case.principal[mine]
    strong = strongest(cluster, case.holdings)
    held = [_of_parties(_holders(case.holdings[s.signal], s.trait), of_party) for s in strong]
    if not any(map(len, held)):
        return TIE.empty_table()
    of_strong = pa.array(np.repeat(np.arange(len(held)), [len(places) for places in held]))
    said = [case.holdings[s.signal] for s in strong]
    texts = [
        show(s.signal, int(h.keys[s.trait]), names.get(s.signal, {}))
        for s, h in zip(strong, said, strict=True)
    ]
    columns = (
        pa.repeat(told.campaign.campaign_id, len(of_strong)),
        ids.take(pa.array(mine[np.concatenate(held)])),
        pa.array([h.family for h in said]).take(of_strong),
        pa.array([s.signal for s in strong]).take(of_strong),
        pa.array(texts, pa.string()).take(of_strong),
        pa.array([s.bits for s in strong]).take(of_strong),
    )
    return pa.table(dict(zip(TIE.names, columns, strict=True)), schema=TIE)


def _of_parties(parties: Int32s, of_party: Integers) -> Integers:
    """Places of those parties in an ordered list of parties, where each may stand any number of times."""
    first, last = (np.searchsorted(of_party, parties, side) for side in ("left", "right"))
    many = last - first
    before = np.cumsum(many) - many
    places: Integers = np.arange(int(many.sum())) + np.repeat(first - before, many)
    return places


def strongest(cluster: Cluster, holdings: Mapping[str, Holding]) -> list[Strong]:
    """The traits that set the members apart most, a few of each signal, the most telling first."""
    if not holdings:
        return []
    ranked: list[Strong] = []
    is_member = np.zeros(len(next(iter(holdings.values())).support), np.bool_)
    is_member[cluster.members] = True
    for said in cluster.weighed.signals:
        holding = holdings[said.signal]
        mine = chosen(holding.by_trait, said.traits)
        held = np.add.reduceat(is_member[mine.others], mine.starts[:-1], dtype=np.int64)
        outside = holding.holders[said.traits] - held + 1.0
        lift = np.log2(np.maximum(1.0, held / len(cluster.members) * len(holding.support) / outside))
        weight = held / len(cluster.members) * lift
        best = np.lexsort((holding.keys[said.traits], -weight))[:PER_SIGNAL]
        ranked += [
            Strong(
                round(float(lift[b]), 3),
                said.signal,
                int(said.traits[b]),
                int(held[b]),
                round(outside[b] - 1),
            )
            for b in best
        ]
    return sorted(ranked, key=lambda r: (-r.bits, r.signal, r.trait))[:MOST_TRAITS]


def _holders(holding: Holding, trait: int) -> Int32s:
    """Principals that hold a trait."""
    return chosen(holding.by_trait, np.array([trait])).others


def tie_table(told: Sequence[Told], case: Case) -> pa.Table:
    """The ties of all campaigns of a scan."""
    names, ids = names_by_signal(case.signals, case.log), pa.array(case.log.account_ids, pa.string())
    parts = [ties(t, case, names, ids) for t in told]
    return pa.concat_tables(parts) if parts else TIE.empty_table()
