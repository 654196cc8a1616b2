"""Which techniques a finding shows: each by a measurement of its own, beside what other clusters of the log show.

A trait that members carry far more than others do names its signal's techniques. A measurement of the cluster names
them if it counts for extraction with a bit or more, or if it reaches the line that `LINES` draws for it and is far above
the clusters that build no training set. Naming a technique moves no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from stillwatch.judge.purpose import FEATURES, Purpose
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Pointer
from stillwatch.signals._base import Signal
from stillwatch.weigh.holding import Floats

ALWAYS, EXTRACTION = "AML.T0040", "AML.T0024.002"
TRAIT_BITS, FEATURE_BITS = 2.0, 1.0
INNOCENT, LEAST_OTHERS, LIFT = 0.5, 3, 1.5
"""What clusters show that hardly build a training set is taken as ordinary, if there are some, and must be outdone."""

LINES: Mapping[str, float] = {
    "access_paths": 0.35, "alignment_harvest": 0.05, "block_failover": 0.2, "capability_sweep": 0.8, "cleanup_loop": 0.05,
    "client_normalising": 0.95, "countermeasure_test": 0.65, "fixed_injection": 0.4,
    "grades_answers": 0.05, "harness_targeting": 0.6, "hot_spare_pool": 0.5, "inline_reasoning": 0.05,
    "language_coercion": 0.03, "many_clients": 1.6, "many_exits": 3.0, "many_personas": 3.5, "media_sweep": 0.05,
    "mixed_traffic": 0.5, "narrow_capability": 0.8, "pipeline_help": 0.02, "plan_mismatch": 1.1,
    "pretexts": 0.05, "reasoning_after_the_fact": 0.05, "release_pivot": 0.25, "reworded": 25.0,
    "safeguard_arbitrage": 0.15, "serve_and_harvest": 0.33, "split_keys": 0.05, "store_and_replay": 0.2, "synchrony": 2.0,
    "task_laundering": 0.05, "task_making": 0.05, "technique_search": 0.3, "training_pipeline": 0.06, "zero_ramp": 0.5,
}  # fmt: skip
"""The least value that names a signal's techniques: above what nearly all groups of innocents show in simulated worlds
(`benchmarks/techniques.py`, seeds 301 and 302). A signal without a line, `low_and_slow`, is everybody's."""


class Speaking(NamedTuple):
    """What a measurement that speaks came to, the line that it reached if there is one, and what is ordinary."""

    value: float
    line: float | None
    ordinary: float | None


def techniques(judged: Judged, pointed: Sequence[Pointer]) -> tuple[str, ...]:
    """Ids of the techniques that the finding shows, in order."""
    harvest = {EXTRACTION} if judged.verdict == "distillation" else set()
    return tuple(sorted({ALWAYS, *(p.technique for p in pointed), *harvest}))


def pointers(judged: Judged, purpose: Purpose, signals: Mapping[str, Signal]) -> tuple[Pointer, ...]:
    """The measurements that point to techniques, by technique and signal."""
    features = _features(judged, purpose) if judged.verdict == "distillation" else {}
    speaking = {**features, **_traits(judged), **_lines(judged, purpose)}
    found = [
        Pointer(technique, name, *told)
        for name, told in speaking.items()
        if name in signals
        for technique in signals[name].techniques
    ]
    return tuple(sorted(found, key=lambda p: (p.technique, p.signal)))


def _traits(judged: Judged) -> dict[str, Speaking]:
    at = judged.cluster.position()
    return {
        s.signal: Speaking(s.share_inside, None, s.share_outside)
        for s in judged.cluster.weighed.signals
        if float(s.bits[at].mean()) >= TRAIT_BITS
    }


def _features(judged: Judged, purpose: Purpose) -> dict[str, Speaking]:
    return {
        f.signal: Speaking(purpose.value(f.signal, judged.number), None, f.ordinary)
        for f in FEATURES
        if purpose.bits[f.signal][judged.number] >= FEATURE_BITS
    }


def _lines(judged: Judged, purpose: Purpose) -> dict[str, Speaking]:
    others = purpose.probability() < INNOCENT
    others[judged.number] = False
    found = {}
    for name, least in LINES.items():
        if name in purpose.measured:
            ordinary = _ordinary(purpose.measured[name][others])
            line, value = max(least, LIFT * (ordinary or 0.0)), purpose.value(name, judged.number)
            if value >= line:
                found[name] = Speaking(value, line, ordinary)
    return found


def _ordinary(values: Floats) -> float | None:
    """The median of what was measured; None where too few say anything."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) >= LEAST_OTHERS else None
