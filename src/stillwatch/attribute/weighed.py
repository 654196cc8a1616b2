"""An actor beside a campaign, family by family: the strongest statement of a family speaks, and none beyond its cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from stillwatch.attribute.compare import Beside, Line, compared, together
from stillwatch.attribute.families import FAMILIES, MOST_NATS, Family, family_of
from stillwatch.attribute.named import OTHERS, named
from stillwatch.model.actor import Actor, Statement
from stillwatch.model.attributed import Compared, FamilyOfActor

RELAY = "relay"
OTHERS_SHARE = 0.2
"""A program or a network that so many others use, for each account of the campaign, is anybody's or a relay's."""


def current(actor: Actor, day: str | None) -> list[Statement]:
    """What counts of an actor on that day."""
    return [s for s in actor.statements if s.counts_on(day)]


class Weighed(NamedTuple):
    """What a family says of an actor, and the comparisons that it rests on."""

    told: FamilyOfActor
    lines: tuple[Line, ...]


def families_of(actor: Actor, beside: Beside, day: str | None) -> tuple[Weighed, ...]:
    """What each family says of an actor; a family of which nothing could be seen says nothing and is left out."""
    found: dict[str, list[Line]] = {}
    for statements in together(current(actor, day)):
        found.setdefault(family_of(statements[0].kind).name, []).append(compared(statements, beside))
    if heard := named(actor, beside.suspect):
        found[OTHERS] = [Line(one, None) for one in heard]
    return tuple(
        Weighed(_family(family, [line.told for line in lines], actor), tuple(lines))
        for family in FAMILIES.values()
        if (lines := found.get(family.name))
    )


def nats_of(lines: Sequence[tuple[bool | None, float]]) -> float:
    """The nats of a family: of what is shown the most, else the least, capped; each line says whether it is shown."""
    shown = [nats for is_shown, nats in lines if is_shown]
    seen = [nats for is_shown, nats in lines if is_shown is not None]
    return _capped(max(shown) if shown else min(seen, default=0.0))


def beside_rivals(families: Sequence[tuple[FamilyOfActor, ...]]) -> list[tuple[FamilyOfActor, ...]]:
    """The same, each compared with the rival whom the family fits best; nobody at all is a rival too, at 0 nats."""
    by_family = {
        name: [next((f.nats for f in mine if f.family == name and f.counts), 0.0) for mine in families]
        for name in FAMILIES
    }
    return [
        tuple(
            replace(f, nats_beside_rival=_capped(f.nats - _best_other(by_family[f.family], at))) for f in mine
        )
        for at, mine in enumerate(families)
    ]


def _best_other(nats: Sequence[float], at: int) -> float:
    return max([0.0, *(n for other, n in enumerate(nats) if other != at)])


def _family(family: Family, lines: list[Compared], actor: Actor) -> FamilyOfActor:
    lines.sort(key=lambda c: (-c.nats, c.kind, c.told))
    seen = [line for line in lines if line.is_shown is not None]
    counts, why = _counts(family, lines, actor)
    return FamilyOfActor(
        family=family.name,
        nats=nats_of([(line.is_shown, line.nats) for line in lines]),
        nats_beside_rival=0.0,
        is_hard_to_fake=family.is_hard_to_fake,
        counts=counts and bool(seen),
        why=why if seen else "nothing of it could be seen in this log",
        compared=tuple(lines),
    )


def _counts(family: Family, lines: Sequence[Compared], actor: Actor) -> tuple[bool, str]:
    """Whether a family may speak of this actor's class, and why not."""
    if family.is_corroboration:
        return False, "it may raise a likelihood by one band, and carries nothing"
    is_relay = actor.actor_class == RELAY
    if family.of_relays and not is_relay:
        return False, "exits are hired: they tell of a relay, never of who uses it"
    if family.name == "client" and not is_relay and any(_is_shared(line) for line in lines if line.is_shown):
        return False, "others use this program too, so it may be a relay's or anybody's"
    return True, ""


def _is_shared(line: Compared) -> bool:
    """Whether accounts outside of the campaign use the program as well, by number: a relay has other customers."""
    return line.elsewhere > max(2.0, OTHERS_SHARE * line.holders)


def _capped(nats: float) -> float:
    return max(-MOST_NATS, min(MOST_NATS, nats))
