"""Which campaigns a world gets, and how big they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stillwatch.simulate import campaigns
from stillwatch.simulate.arrays import Floats
from stillwatch.simulate.assumptions.plans import Plan, WorldPlan
from stillwatch.simulate.campaigns import Campaign, Relay
from stillwatch.simulate.group import Group
from stillwatch.simulate.scene import Scene
from stillwatch.simulate.tenants import spill
from stillwatch.simulate.together import join


@dataclass
class Planted:
    """The campaigns of a world, and the accounts that try to have one of its actors blamed."""

    campaigns: list[Campaign] = field(default_factory=list)
    bystanders: list[Group] = field(default_factory=list)
    framing: Group | None = None
    framed: str | None = None

    @property
    def groups(self) -> list[Group]:
        """All groups that were planted."""
        framing = [self.framing] if self.framing else []
        return [c.group for c in self.campaigns] + self.bystanders + framing


def plant(scene: Scene, plan: WorldPlan, bad: int, volume: float) -> Planted:
    """Campaigns with `bad` accounts and `volume` exchanges in all."""
    every = [(copy, one) for copy in range(plan.copies) for one in plan.plans] if bad else []
    accounts = _shares(scene, "accounts", [one.accounts for _, one in every])
    volumes = _shares(scene, "volumes", [one.volume for _, one in every])
    shared = {copy: campaigns.relay(scene, f"shared-{copy}") for copy in range(plan.copies)}
    planted = Planted()
    for (copy, one), size, share in zip(every, accounts, volumes, strict=True):
        through = shared[copy] if one.on_shared_relay else campaigns.relay(scene, f"{one.archetype}-{copy}")
        count = max(scene.assumed.sizes.smallest_campaign, round(bad * size))
        own = volume * share / (1 + one.bystanders)
        _plant_one(scene, one, planted, through, (_name(scene, one, copy), count, own))
    spill(planted.campaigns)
    join(scene, planted.campaigns)
    if plan.framing:
        _frame(scene, plan, planted)
    return planted


def _plant_one(
    scene: Scene, plan: Plan, planted: Planted, through: Relay, size: tuple[str, int, float]
) -> None:
    """The campaign, and the accounts of its relay that carry customers only."""
    name, count, volume = size
    if plan.extracts:
        made = campaigns.build(scene, plan, name, count=count, volume=volume, through=through)
        planted.campaigns.append(made)
    others = round(count * (plan.bystanders + (not plan.extracts)))
    if others:
        each = volume / count
        planted.bystanders.append(
            campaigns.bystanders(scene, plan, name, count=others, volume=each * others, through=through)
        )


def _shares(scene: Scene, what: str, sizes: list[float]) -> Floats:
    """Shares that sum to 1, a little different from seed to seed."""
    jitter = scene.rng("sizes", what).uniform(*scene.assumed.sizes.campaign_jitter, len(sizes))
    drawn = np.array(sizes) * jitter
    shares: Floats = drawn / max(drawn.sum(), 1e-9)
    return shares


def _name(scene: Scene, plan: Plan, copy: int) -> str:
    tag = int(scene.rng("name", plan.archetype, copy).integers(16**3, 16**4))
    return f"{plan.archetype}-{tag:x}"


def _frame(scene: Scene, plan: WorldPlan, planted: Planted) -> None:
    victims = [c for c in planted.campaigns if c.plan.attributable == "L3b" and c.elicitation.frames]
    if not victims:
        return
    assumed = scene.assumed.campaigns
    share = assumed.framing_accounts if plan.framing_accounts is None else plan.framing_accounts
    count = max(scene.assumed.sizes.smallest_campaign, round(share * scene.accounts))
    planted.framed = victims[0].plan.actor
    planted.framing = campaigns.framing(scene, victims[0], count=count, volume=count * assumed.framing_volume)
