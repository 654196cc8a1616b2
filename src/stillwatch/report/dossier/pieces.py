"""Pieces of evidence with a name each, claims that point to them, and what is left of a campaign without a family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.attributed import Attributed
from stillwatch.model.dossier import Claim, Dossier, EvidenceLine, FamilyWeight
from stillwatch.model.finding import WITNESSES
from stillwatch.report.dossier.said import of_actor
from stillwatch.report.evidence import coordination
from stillwatch.report.shown import shown
from stillwatch.report.wording import BITS_PER_LOG10

VOICE_BITS = 3.0
"""From so many bits on a witness speaks for an account, as in linking."""
WITNESSES_NEEDED = 2

ASSUMED = (
    "The log's times, ids and account names are right, and nobody has changed it since.",
    "What the log does not hold looks like what it holds.",
    "One account is one party unless a declared organisation joins it to others.",
    "Real innocents are no more alike than the simulated ones that the weights were set on.",
)
SOURCE: Mapping[str, str] = {"observed": "A1", "inferred": "A2", "reported": "B3", "assumed": "F6"}
"""Admiralty codes: the operator's own log, what is worked out from it, what others told the operator, what nobody told."""
SOURCE_TOLD = (
    "A: the operator's own telemetry; B: records that others gave the operator; C to E: ever less reliable; F: no source, or not judged. "
    "1: confirmed; 2: probably true; 3: possibly true; 4: doubtful; 5: improbable; 6: cannot be judged. "
    "What rests on the file of actors has the code of its statements, the least believed one where it rests on several."
)


@dataclass(frozen=True)
class Piece:
    """One piece of evidence about the group as a whole, with its name in this dossier."""

    name: str
    family: str
    line: EvidenceLine


@dataclass(frozen=True)
class Line:
    """One claim of the ledger with its name, the pieces it rests on, its source's code, and on which side it stands."""

    name: str
    claim: Claim
    kind: str
    pieces: tuple[str, ...]
    source: str
    side: str


@dataclass(frozen=True)
class Without:
    """What is left if one family is not believed: bits and witnesses of the group, and accounts that still have two."""

    family: str
    bits_left: float
    witnesses_left: int
    accounts_left: int
    accounts: int


def pieces(weights: Sequence[FamilyWeight]) -> tuple[Piece, ...]:
    """All pieces, those of most weight first."""
    lines = [(line, weight.family) for weight in weights for line in weight.lines]
    lines.sort(key=lambda pair: (-abs(pair[0].bits), pair[1], pair[0].signal, pair[0].text))
    return tuple(Piece(f"E{i:02d}", family, line) for i, (line, family) in enumerate(lines, start=1))


def ledger(dossier: Dossier, found: Sequence[Piece], who: Attributed | None = None) -> tuple[Line, ...]:
    """The claims of a dossier with their pieces, and after them what is assumed; `who` has the statements on actors."""
    claims = [*dossier.ledger, *(Claim("reported", text, "assumption") for text in ASSUMED)]
    first_assumed = len(dossier.ledger)
    lines = []
    for i, claim in enumerate(claims):
        kind = "assumed" if i >= first_assumed else claim.kind
        about = of_actor(claim, who)
        rests = about.rests_on or _rests_on(claim, found)
        lines.append(Line(f"K{i + 1:02d}", claim, kind, rests, about.source or SOURCE[kind], _side(claim)))
    return tuple(lines)


def _rests_on(claim: Claim, found: Sequence[Piece]) -> tuple[str, ...]:
    if claim.kind == "observed" and claim.bits is not None:
        return tuple(p.name for p in found if p.line.text == claim.text and p.line.bits == claim.bits)[:1]
    if claim.basis == "judgement C1":
        return tuple(p.name for p in found if p.family != "extraction")
    if claim.basis == "judgement C2":
        return tuple(p.name for p in found if p.family == "extraction")
    return ()


def _side(claim: Claim) -> str:
    if claim.bits is None:
        return ""
    return "for" if claim.bits >= 0 else "against"


def without(dossier: Dossier, evidence: pa.Table, members: pa.Table) -> tuple[Without, ...]:
    """Leave one family out at a time."""
    voices = _voices(evidence, members)
    families = [w.family for w in coordination(dossier.weights)]
    left = {x.family: x for x in dossier.left_out}
    return tuple(
        Without(f, left[f].bits_left, left[f].witnesses_left, _held(voices, f), len(voices))
        for f in families
        if f in left
    )


def held_by_two(evidence: pa.Table, members: pa.Table) -> tuple[int, int]:
    """How many members two witnesses speak for, of how many with evidence of their own."""
    voices = _voices(evidence, members)
    return _held(voices, None), len(voices)


def ties_of(evidence: pa.Table, campaign_id: str) -> pa.Table:
    """The families that speak for each account, as `members` reads them."""
    mine = evidence.filter(
        pc.and_(
            pc.not_equal(evidence["subject"], campaign_id), pc.greater(evidence["log10_bayes_factor"], 0.0)
        )
    )
    return pa.table({"account_id": mine["subject"], "family": mine["family"]})


def _voices(evidence: pa.Table, members: pa.Table) -> Mapping[str, Mapping[str, float]]:
    """By member and family, the bits that speak for it."""
    rows = evidence.filter(pc.is_in(evidence["subject"], members["account_id"].combine_chunks()))
    columns = (rows[name].to_pylist() for name in ("subject", "family", "log10_bayes_factor"))
    found: dict[str, dict[str, float]] = {}
    for subject, family, factor in zip(*columns, strict=True):
        held = found.setdefault(subject, {})
        name, bits = shown(family or "unknown", 24), (factor or 0.0) * BITS_PER_LOG10
        held[name] = max(held.get(name, 0.0), bits)
    return found


def _held(voices: Mapping[str, Mapping[str, float]], but: str | None) -> int:
    return sum(_has_two(families, but) for families in voices.values())


def _has_two(families: Mapping[str, float], but: str | None) -> bool:
    speaking = {
        WITNESSES.get(family, "other")
        for family, bits in families.items()
        if family != but and bits >= VOICE_BITS
    }
    return len(speaking) >= WITNESSES_NEEDED
