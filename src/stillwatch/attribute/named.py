"""Whom other providers name behind a campaign, as evidence of the weight of who says so: it corroborates, and carries nothing.

A name is a conclusion and not what was observed. It may rest on the same copied marks, a bundle is not signed, and a name that
we told may come back. So it can raise what one's own evidence makes likely, by one band at most, and opens no gate. Makers do
not add up, since nobody knows who told whom.
"""

from __future__ import annotations

import math

from stillwatch.attribute.families import STILL_SHOWS, truth
from stillwatch.attribute.suspect import Suspect
from stillwatch.model.actor import Actor
from stillwatch.model.attributed import Compared

OTHERS = "others"
"""The family."""
BY_MISTAKE = 0.2
"""How often somebody else's campaign is laid at an actor's door, by a mistake or by framing."""


def named(actor: Actor, suspect: Suspect) -> list[Compared]:
    """What each other provider says that names this actor, by its name or an alias."""
    names = {name.casefold() for name in (actor.name, *actor.aliases)}
    return [
        Compared(
            kind="named_by_another_provider",
            told=f"{said.maker} names {said.organisation}",
            source=said.maker,
            code=said.code,
            holders=0,
            elsewhere=0,
            inside=0.0,
            outside=0.0,
            is_shown=True,
            nats=_nats(said.code),
        )
        for said in suspect.named
        if said.organisation.casefold() in names
    ]


def _nats(code: str) -> float:
    believed = truth(code)
    return math.log((believed * STILL_SHOWS + (1 - believed) * BY_MISTAKE) / BY_MISTAKE)
