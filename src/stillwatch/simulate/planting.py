"""Which campaigns a world gets, and how big they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stillwatch.simulate import campaigns
from stillwatch.simulate.arrays import Floats
from stillwatch.simulate.assumptions.plans import Plan, WorldPlan
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.group import Group
from stillwatch.simulate.scene import Scene


@dataclass
class Planted:
    """The campaigns of a world, and the accounts that try to have one of its actors blamed."""

    campaigns: list[Campaign] = field(default_factory=list)
    framing: Group | None = None
    framed: str | None = None

    @property
    def groups(self) -> list[Group]:
        """All groups that were planted."""
        return [c.group for c in self.campaigns] + ([self.framing] if self.framing else [])


def plant(scene: Scene, plan: WorldPlan, bad: int, volume: float) -> Planted:
    """Campaigns with `bad` accounts and `volume` exchanges in all."""
    every = [(copy, one) for copy in range(plan.copies) for one in plan.plans] if bad else []
    accounts = _shares(scene, "accounts", [one.accounts for _, one in every])
    volumes = _shares(scene, "volumes", [one.volume for _, one in every])
    shared = {copy: campaigns.relay(scene, f"shared-{copy}") for copy in range(plan.copies)}
    planted = Planted()
    for (copy, one), size, share in zip(every, accounts, volumes, strict=True):
        shares_relay = one.archetype.startswith("shared-relay")
        through = shared[copy] if shares_relay else campaigns.relay(scene, f"{one.archetype}-{copy}")
        count = max(scene.assumed.sizes.smallest_campaign, round(bad * size))
        name = _name(scene, one, copy)
        made = campaigns.build(scene, one, name, count=count, volume=volume * share, through=through)
        planted.campaigns.append(made)
    if plan.framing:
        _frame(scene, planted)
    return planted


def _shares(scene: Scene, what: str, sizes: list[float]) -> Floats:
    """Shares that sum to 1, a little different from seed to seed."""
    jitter = scene.rng("sizes", what).uniform(*scene.assumed.sizes.campaign_jitter, len(sizes))
    drawn = np.array(sizes) * jitter
    shares: Floats = drawn / max(drawn.sum(), 1e-9)
    return shares


def _name(scene: Scene, plan: Plan, copy: int) -> str:
    tag = int(scene.rng("name", plan.archetype, copy).integers(16**3, 16**4))
    return f"{plan.archetype}-{tag:x}"


def _frame(scene: Scene, planted: Planted) -> None:
    victims = [c for c in planted.campaigns if c.plan.attributable == "L3b" and c.elicitation.frames]
    if not victims:
        return
    assumed = scene.assumed.campaigns
    count = max(scene.assumed.sizes.smallest_campaign, round(assumed.framing_accounts * scene.accounts))
    planted.framed = victims[0].plan.actor
    planted.framing = campaigns.framing(scene, victims[0], count=count, volume=count * assumed.framing_volume)
