"""How much an operator of a campaign takes care not to be found, beyond what its archetype does anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stillwatch.simulate.assumptions.plans import Plan
from stillwatch.simulate.single import archetypes


@dataclass(frozen=True)
class Stealth:
    """A level of care: whether accounts also carry innocent traffic, and whether each has its own exit and card."""

    description: str
    is_camouflaged: bool = False
    is_unique: bool = False

    def applied(self, plan: Plan, camouflage: float) -> Plan:
        """The plan at this level; `camouflage` (0..1) is the share of each account's traffic that is innocent."""
        if self.is_camouflaged and plan.cover >= 0:
            plan = replace(plan, cover=max(plan.cover, camouflage))
        return replace(plan, exits="unique", cards="unique") if self.is_unique else plan


def planned(archetype: str, stealth: str, camouflage: float) -> Plan:
    """How campaigns of an archetype work at a level of stealth."""
    return STEALTH[stealth].applied(archetypes()[archetype], camouflage)


STEALTH: Mapping[str, Stealth] = {
    "plain": Stealth("as the archetype is"),
    "camouflage": Stealth(
        "a share of each account's traffic is copied from the log's own", is_camouflaged=True
    ),
    "unique": Stealth("an exit address and a card of its own for every account", is_unique=True),
    "careful": Stealth("both", is_camouflaged=True, is_unique=True),
}
"""Levels by name, from the least careful on."""
