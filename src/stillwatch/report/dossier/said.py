"""What a claim on an actor rests on: the families that speak for it, and the codes of the statements that they compared."""

from __future__ import annotations

from typing import NamedTuple

from stillwatch.attribute.families import truth
from stillwatch.attribute.ladder import speaking
from stillwatch.model.actor import CREDIBILITY, RELIABILITY
from stillwatch.model.attributed import Attributed, Candidate
from stillwatch.model.dossier import Claim
from stillwatch.report.shown import shown
from stillwatch.report.wording import listed


class Said(NamedTuple):
    """Families with what they say, and an Admiralty code; both empty where the claim is on no actor."""

    rests_on: tuple[str, ...] = ()
    source: str = ""


def of_actor(claim: Claim, who: Attributed | None) -> Said:
    """What the third judgement, or a sentence on what the actors' file says, rests on."""
    best = who.candidates[0] if who is not None and who.candidates else None
    if best is None or claim.basis not in ("judgement C3", "actors file"):
        return Said()
    return _judged(best) if claim.basis == "judgement C3" else _reported(best)


def _judged(best: Candidate) -> Said:
    names = speaking(best)
    families = [f for f in best.families if f.family in names]
    codes = {c.code for f in families for c in f.compared if c.is_shown}
    return Said(tuple(f"{shown(f.family, 24)} {f.nats:+.1f} nats" for f in families), _worst(codes))


def _reported(best: Candidate) -> Said:
    told = [c for f in best.families for c in f.compared if f.family != "others"]
    sources = sorted({c.source for c in told})
    return Said(
        (f"actors file: {shown(listed(sources), 200)}",) if sources else (), _worst({c.code for c in told})
    )


def _worst(codes: set[str]) -> str:
    """The code that is believed least; nothing where none is of the Admiralty's shape."""
    known = [code for code in codes if code[:1] in RELIABILITY and code[1:] in CREDIBILITY]
    return max(known, key=lambda code: (-truth(code), code), default="")
