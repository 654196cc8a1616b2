"""Evidence rows as weights in bits, family by family: what a waterfall shows, on paper or in a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.dossier import EvidenceLine, FamilyWeight, LeftOut
from stillwatch.model.finding import FAMILIES, WITNESSES, Verdict
from stillwatch.report.shown import shown
from stillwatch.report.wording import BITS_PER_LOG10, calibrated

WITNESS_BITS = 1.0
"""A witness that adds less than this is not counted as one."""

MOST_LINES = 200


def family_weights(evidence: pa.Table, subject: str) -> tuple[FamilyWeight, ...]:
    """The evidence about one subject (a campaign or an account), strongest family first."""
    rows = evidence.filter(pc.equal(evidence["subject"], pa.scalar(subject, pa.string()))).to_pylist()
    families: dict[str, list[EvidenceLine]] = {}
    for row in rows:
        line = _line(row)
        if line is not None:
            families.setdefault(row["family"] or "unknown", []).append(line)
    weights = [_weight(family, lines) for family, lines in families.items()]
    return tuple(sorted(weights, key=lambda w: (-w.bits, w.family)))


def coordination(weights: Iterable[FamilyWeight]) -> tuple[FamilyWeight, ...]:
    """The families that speak to whether the accounts act for one party."""
    return tuple(w for w in weights if w.family != "extraction")


def extraction(weights: Iterable[FamilyWeight]) -> tuple[FamilyWeight, ...]:
    """The families that speak to what the joint traffic is for."""
    return tuple(w for w in weights if w.family == "extraction")


def purpose_told(
    weights: Sequence[FamilyWeight], verdict: Verdict, bits: float | None, probability: float | None
) -> str | None:
    """From the evidence on the purpose to its likelihood, in a sentence; of what is no distillation the likelihood is bounded."""
    if verdict != "distillation" or bits is None or probability is None:
        return None
    return calibrated(bits, probability, math.fsum(w.bits for w in extraction(weights)))


def witnesses_for(weights: Iterable[FamilyWeight]) -> tuple[str, ...]:
    """The independent witnesses that speak for a finding, strongest first."""
    totals: dict[str, float] = {}
    for weight in weights:
        totals[weight.witness] = totals.get(weight.witness, 0.0) + weight.bits
    strong = [(-bits, witness) for witness, bits in totals.items() if bits >= WITNESS_BITS]
    return tuple(witness for _, witness in sorted(strong))


def left_out(weights: Sequence[FamilyWeight]) -> tuple[LeftOut, ...]:
    """What would remain of the coordination evidence without each family in turn."""
    return tuple(_without(weight, weights) for weight in weights if weight.bits_for or weight.bits_against)


def _without(weight: FamilyWeight, weights: Sequence[FamilyWeight]) -> LeftOut:
    others = [w for w in weights if w is not weight]
    return LeftOut(weight.family, math.fsum(w.bits for w in others), len(witnesses_for(others)))


def _line(row: Mapping[str, Any]) -> EvidenceLine | None:
    factor = row["log10_bayes_factor"]
    if factor is None or not math.isfinite(factor):
        return None
    return EvidenceLine(
        signal=shown(row["signal"] or "unknown", 60),
        bits=factor * BITS_PER_LOG10,
        value=row["value"],
        base_rate=row["base_rate"],
        text=shown(row["text"] or "", 320),
    )


def _weight(family: str, lines: list[EvidenceLine]) -> FamilyWeight:
    ordered = sorted(
        lines, key=lambda n: (-abs(n.bits), n.signal, n.text, n.bits, str(n.value), str(n.base_rate))
    )
    return FamilyWeight(
        family=shown(family, 24),
        meaning=FAMILIES.get(family, "evidence of an installed extension"),
        witness=WITNESSES.get(family, "purpose" if family == "extraction" else "other"),
        bits_for=math.fsum(n.bits for n in ordered if n.bits > 0),
        bits_against=math.fsum(n.bits for n in ordered if n.bits < 0),
        lines=tuple(ordered[:MOST_LINES]),
    )
