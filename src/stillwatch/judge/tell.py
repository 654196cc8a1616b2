"""Evidence told: one row and one sentence for each thing that speaks for or against a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import WITNESSES
from stillwatch.model.tables import EVIDENCE
from stillwatch.signals._base import Signal
from stillwatch.weigh.bits import SignalBits

LOG10_2 = float(np.log10(2))
SHOWN_BITS = (-20.0, 8.0)
OUTDONE = " Not counted: a stronger signal of the same witness speaks."

Row = tuple[str, str, str, str, float, float | None, float, str]


def evidence_table(rows: Sequence[Row]) -> pa.Table:
    """Rows as the contract's evidence table."""
    if not rows:
        return EVIDENCE.empty_table()
    columns = (list(column) for column in zip(*rows, strict=True))
    return pa.table(dict(zip(EVIDENCE.names, columns, strict=True)), schema=EVIDENCE)


def strongest(cluster: Cluster) -> dict[str, SignalBits]:
    """The signal that speaks for its witness: the one with the most bits over the members."""
    best: dict[str, SignalBits] = {}
    for signal in cluster.weighed.signals:
        witness = WITNESSES[signal.family]
        if witness not in best or _loudness(signal, cluster) > _loudness(best[witness], cluster):
            best[witness] = signal
    return best


def _loudness(signal: SignalBits, cluster: Cluster) -> float:
    return float(np.clip(signal.bits[cluster.position()], *SHOWN_BITS).sum())


def coordination_rows(campaign_id: str, cluster: Cluster, signals: Mapping[str, Signal]) -> list[Row]:
    """One row for each signal that has a profile: the mean bits of the members it saw."""
    speaking = {s.signal for s in strongest(cluster).values()}
    at = cluster.position()
    rows: list[Row] = []
    for said in cluster.weighed.signals:
        bits = said.bits[at][said.seen[at]]
        if not len(bits):
            continue
        counts = said.signal in speaking
        weight = float(np.clip(bits, *SHOWN_BITS).mean()) * LOG10_2 if counts else 0.0
        text = _shared(said, signals[said.signal]) + ("" if counts else OUTDONE)
        shares = (said.share_inside, said.share_outside)
        rows.append((campaign_id, said.family, said.signal, campaign_id, *shares, weight, text))
    return rows


def _shared(said: SignalBits, signal: Signal) -> str:
    return (
        f"Members {signal.phrase}: {said.share_inside:.0%} of what was seen of them carries "
        f"{_many(len(said.traits))} that set them apart, against {_percent(said.share_outside)} elsewhere."
    )


def _many(traits: int) -> str:
    return "one trait" if traits == 1 else f"{traits} traits"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "under 0.1%"


def account_rows(
    campaign_id: str, cluster: Cluster, signals: Mapping[str, Signal], *, accounts: Sequence[tuple[int, str]]
) -> list[Row]:
    """For each member account one row for each witness: its strongest signal, for or against.

    `accounts` holds the principal and the id of each account.
    """
    who = np.searchsorted(cluster.weighed.rows, [p for p, _ in accounts])
    rows: list[Row] = []
    by_witness: dict[str, list[SignalBits]] = {}
    for said in cluster.weighed.signals:
        by_witness.setdefault(WITNESSES[said.family], []).append(said)
    for witness, mine in by_witness.items():
        stacked = np.stack([np.where(s.seen[who], s.bits[who], -np.inf) for s in mine])
        which, loudest = stacked.argmax(axis=0), cluster.weighed.witnesses[witness][who]
        seen = np.flatnonzero(np.isfinite(stacked[which, np.arange(len(who))]))
        bits = loudest[seen].astype(np.float64)
        phrases = [signals[s.signal].phrase for s in mine]
        told = zip(seen.tolist(), which[seen].tolist(), bits.tolist(), (bits * LOG10_2).tolist(), strict=True)
        for at, strongest_at, value, weight in told:
            said = mine[strongest_at]
            how = "fits" if value >= 0 else "does not fit"
            text = f"The account {how}: members {phrases[strongest_at]} ({value:+.1f} bits)."
            shares = (value, said.share_outside)
            rows.append((campaign_id, said.family, said.signal, accounts[at][1], *shares, weight, text))
    return rows
