"""Whether what a dossier says of actors follows from its own tables, and whether another scan says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from stillwatch.attribute.attribute import attributions
from stillwatch.attribute.hypotheses import inconsistencies
from stillwatch.attribute.ladder import level, review_gate
from stillwatch.model.attributed import Attributed
from stillwatch.model.pack import Pack

PARTS = ("unknown", "candidates", "gates", "matrix", "ranked", "missing", "calendar")
"""What another scan has to say again; reviews are people's, and with them the last gate and the level."""
ROUNDING = 1e-3


def told_of(pack: Pack) -> Attributed | None:
    """The tables as values; none where no actor was compared."""
    return None if pack.attributed is None else msgspec.convert(pack.attributed, Attributed)


def faults(pack: Pack, told: Attributed) -> tuple[str, ...]:
    """What in the tables does not fit together, or not the statement that the findings make of them."""
    try:
        return tuple(_faults(pack, told))
    except LookupError:
        return ("the tables are not whole",)


def _faults(pack: Pack, told: Attributed) -> Iterator[str]:
    if told.campaign_id != pack.campaign.campaign_id:
        yield f"the tables are of {told.campaign_id}"
    if told.level != level(told.gates):
        yield f"level {told.level} does not follow from the gates"
    best = told.candidates[0].actor if told.candidates else ""
    if told.reviews and told.gates[-1:] != (review_gate(best, told.reviews),):
        yield "the last gate does not follow from the reviews"
    if told.gates and told.gates[-1].is_met and not told.reviews:
        yield "the last gate is open, and nobody is recorded as having reviewed it"
    likely = [c.probability for c in told.candidates]
    if likely != sorted(likely, reverse=True) or abs(max(0.0, 1 - sum(likely)) - told.unknown) > ROUNDING:
        yield "the probabilities are not in order, or do not add up"
    if {r.code: r.inconsistencies for r in told.ranked} != inconsistencies(told.matrix):
        yield "the order of hypotheses does not follow from the matrix"
    if attributions(told) != pack.campaign.attribution:
        yield "the statement on who is behind it does not follow from the tables"


def differing(mine: Attributed, theirs: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Parts of which another scan says something else, or all of them if it says nothing."""
    if theirs is None:
        return PARTS
    one, other = _bare(mine), _bare(msgspec.convert(theirs, Attributed))
    return tuple(name for name in PARTS if getattr(one, name) != getattr(other, name))


def _bare(told: Attributed) -> Attributed:
    """Without what people recorded since, or recorded elsewhere."""
    return replace(told, gates=told.gates[:-1], reviews=(), level="L0", campaign_id="")
