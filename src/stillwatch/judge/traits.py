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
from stillwatch.weigh.holding import Holding
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


def ties(
    campaign_id: str,
    cluster: Cluster,
    holdings: Mapping[str, Holding],
    *,
    accounts: Sequence[tuple[int, str]],
    names: Mapping[str, Mapping[int, str]],
) -> pa.Table:
    """Which member accounts hold which of the campaign's strongest traits; `accounts` are (principal, id)."""
    of_principal: dict[int, list[str]] = {}
    for principal, account_id in accounts:
        of_principal.setdefault(principal, []).append(account_id)
    rows: list[tuple[object, ...]] = []
    for strong in strongest(cluster, holdings):
        holding = holdings[strong.signal]
        text = show(strong.signal, int(holding.keys[strong.trait]), names.get(strong.signal, {}))
        rows += [
            (campaign_id, account_id, holding.family, strong.signal, text, strong.bits)
            for principal in _holders(holding, strong.trait).tolist()
            for account_id in of_principal.get(principal, ())
        ]
    if not rows:
        return TIE.empty_table()
    columns = (list(column) for column in zip(*rows, strict=True))
    return pa.table(dict(zip(TIE.names, columns, strict=True)), schema=TIE)


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
    names = names_by_signal(case.signals, case.log)
    parts = [
        ties(
            t.campaign.campaign_id,
            t.judged.cluster,
            case.holdings,
            accounts=case.parties(t.judged.accounts),
            names=names,
        )
        for t in told
    ]
    return pa.concat_tables(parts) if parts else TIE.empty_table()
