"""Clusters, measurements and agreements made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stillwatch.judge.agreement import Agreements
from stillwatch.judge.purpose import FEATURES, Purpose
from stillwatch.link.cluster import Cluster
from stillwatch.weigh.bits import SignalBits, Weighed

FAMILY_OF = {
    "network": "net",
    "product": "client",
    "identity": "pay",
    "content": "template",
    "token": "token",
    "behaviour": "time",
}
ALL = dict.fromkeys(("network", "product", "identity", "content"), 8.0)


def said(family: str, log10_chance: float, size: int = 1, name: str = "") -> SignalBits:
    """What a signal said with that chance of an accident."""
    return SignalBits(
        signal=name or f"{family}_signal",
        family=family,
        bits=np.full(size, 5.0),
        seen=np.ones(size, np.bool_),
        traits=np.zeros(1, np.int64),
        share_inside=0.8,
        share_outside=0.001,
        log10_chance=log10_chance,
    )


def cluster(members: Sequence[int], voices: Mapping[str, float], *, log10_chance: float = -30.0) -> Cluster:
    """Members for whom each witness says so many bits, all equally unlikely to be an accident."""
    rows = np.array(members, np.int64)
    spoken = tuple(said(FAMILY_OF[name], log10_chance, len(rows)) for name in voices)
    bits = {name: np.full(len(rows), value) for name, value in voices.items()}
    return Cluster(rows, np.full(len(rows), 10.0), Weighed(rows, bits, spoken))


def everything(_cluster: Cluster, _witness: str) -> float:
    """All members have all in common."""
    return 1.0


def purposes(*bits: float, behaviour: float = 0.0, **measured: Sequence[float]) -> Purpose:
    """A purpose of so many bits for each cluster, with what was measured; `behaviour` is what each rhythm says."""
    values = {name: np.array(value) for name, value in measured.items()}
    by_signal = {f.signal: np.full(len(bits), behaviour) for f in FEATURES}
    return Purpose(values, by_signal, np.array(bits))


def agreed(accounts: int, *, may: Sequence[int] = (), explained: Sequence[int] = ()) -> Agreements:
    """Agreements on file of those accounts."""
    held = [np.zeros(accounts, np.bool_), np.zeros(accounts, np.bool_)]
    held[0][list(may)] = True
    held[1][list(explained)] = True
    return Agreements(*held)
