"""C2: does the joint traffic build a training set?

Each measurement of a cluster is compared with what clusters of innocent look-alikes show (relays, classes, agencies,
one company's accounts, users of one agent framework), not with everybody. The weights are those of a ridge logistic
regression over simulated clusters; `benchmarks/purpose` fits them again. A measurement that is missing says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stillwatch.weigh.holding import Floats

STEADY_FROM = 40.0


@dataclass(frozen=True)
class Feature:
    """One measurement's part: bits = weight * (x - middle), x the logit or log of the value, at most `most` in size.

    `ordinary` is what look-alike clusters show at the median.
    """

    signal: str
    scale: str
    middle: float
    weight: float
    ordinary: float
    most: float = 6.0

    def position(self, value: Floats) -> Floats:
        """The value on the feature's own scale."""
        if self.scale == "log":
            return np.log(np.maximum(value, 0.05))
        inner = np.clip(value, 0.02, 0.98)
        return np.log(inner / (1 - inner))

    def bits(self, value: Floats) -> Floats:
        """Bits for extraction; 0 where nothing was measured."""
        raw = np.clip(self.weight * (self.position(value) - self.middle), -self.most, self.most)
        return np.where(np.isnan(value), 0.0, raw)


PRIOR_BITS = -1.0
FEATURES: tuple[Feature, ...] = (
    Feature("framed_prompts", "logit", 0.0, 1.0, 0.2),
    Feature("conversations", "logit", -0.3, -1.0, 0.6),
    Feature("no_human_rhythm", "logit", 0.9, 1.0, 0.5),
    Feature("level_load", "logit", 0.6, 1.0, 0.45),
    Feature("fresh_prompts", "logit", -0.5, 0.5, 0.65),
    Feature("extended_thinking", "logit", -0.8, 0.4, 0.25),
    Feature("asks_for_training_value", "logit", -2.5, 0.4, 0.02),
    Feature("release_pivot", "logit", -3.0, 0.3, 0.0),
)


def values(measurement: pa.Table, groups: int) -> Floats:
    """A cluster-level measurement as one value for each of `groups` clusters, NaN where nothing was measured."""
    out = np.full(groups, np.nan)
    out[measurement["cluster"].to_numpy()] = measurement["value"].cast(pa.float64()).to_numpy()
    return out


@dataclass(frozen=True, eq=False)
class Purpose:
    """Bits for extraction of each of n clusters, by signal and in all, with what was measured."""

    measured: Mapping[str, Floats]
    bits: Mapping[str, Floats]
    total: Floats

    def probability(self) -> Floats:
        """Probability that the traffic builds a training set."""
        result: Floats = 1.0 / (1.0 + np.exp2(-np.clip(self.total, -40, 40)))
        return result


def purpose(about: Mapping[str, pa.Table], groups: int) -> Purpose:
    """The purpose of each of `groups` clusters, from the cluster-level measurements by signal."""
    measured = {name: values(table, groups) for name, table in about.items()}
    nothing = np.full(groups, np.nan)
    bits = {f.signal: f.bits(measured.get(f.signal, nothing)) for f in FEATURES}
    return Purpose(measured, bits, PRIOR_BITS + np.sum(list(bits.values()), axis=0))
