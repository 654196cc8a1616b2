"""What a campaign does beside asking: phases, a spare path, other people's keys, other people's programmes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Floats, Ints
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.assumptions.plan import Plan
from stillwatch.simulate.content import Content
from stillwatch.simulate.failover import Failover
from stillwatch.simulate.group import Group, ModelUse, Phase, Thief
from stillwatch.simulate.identity import country_numbers
from stillwatch.simulate.population import exits_of
from stillwatch.simulate.scene import Scene

_A = ASSUMED.campaigns


@dataclass
class Mix:
    """Extraction and other customers' traffic on the accounts of a campaign.

    `others` is the share of each account's exchanges that is not extraction, `cover` and `usual` the weights
    within the two kinds.
    """

    harvest: list[Content]
    customers: list[Content]
    others: Floats
    cover: Floats
    usual: Floats

    @property
    def contents(self) -> list[Content]:
        """All contents, extraction first."""
        return [*self.harvest, *self.customers]

    @property
    def tastes(self) -> Ints:
        """The contents of each account: all."""
        return np.tile(np.arange(len(self.contents)), (len(self.others), 1))

    def ladders(self, harvest: Floats) -> Floats:
        """Cumulative weights of conversations, so that exchanges have the shares that are meant."""
        parts = [np.outer(1 - self.others, harvest), np.outer(self.others, self.cover)]
        shares = np.concatenate(parts, axis=1) / np.array([c.talk.turns for c in self.contents])
        result: Floats = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
        return result


def disguise(scene: Scene, plan: Plan, group: Group, mix: Mix) -> None:
    """Give the group what its plan asks for beyond the ordinary; most plans ask for nothing."""
    if plan.phases:
        _set_phases(plan, group, mix)
    if plan.wording == "arbitrage":
        _leave_for_weaker(group)
    if plan.life == "owned":
        _steal(scene, group)
    if plan.fails_over:
        group.failover = Failover(_A.blocked_share)
    if plan.programmes:
        _apply(scene, plan, group)
    if plan.subscription:
        group.columns["plan"] = [plan.subscription] * len(group)


def _set_phases(plan: Plan, group: Group, mix: Mix) -> None:
    """Phases begin at their share of the campaign; the pace is such that the volume stays as planned."""
    first, last = float(group.start.min()), float(group.end.max())
    begins = np.array([phase.begins for phase in plan.phases])
    pace = np.array([phase.pace for phase in plan.phases])
    mean = float(np.average(pace, weights=np.diff([*begins, 1.0])))
    group.rate = group.rate / mean
    group.phases = tuple(
        Phase(first + (last - first) * phase.begins, mix.ladders(_weights(phase.weights, mix)), phase.pace)
        for phase in plan.phases
    )


def _weights(wanted: tuple[float, ...], mix: Mix) -> Floats:
    if not wanted:
        return mix.usual
    return np.array([*wanted, *[0.0] * (len(mix.harvest) - len(wanted))])


def _leave_for_weaker(group: Group) -> None:
    """From the middle of the campaign on, the model whose safeguards look weaker."""
    first, last = float(group.start.min()), float(group.end.max())
    day = first + (last - first) * _A.moves_at
    use = group.models
    group.models = ModelUse(
        use.main, use.main, _A.weaker_model, np.full(len(group), day), use.main_share, use.main_share
    )


def _steal(scene: Scene, group: Group) -> None:
    """The owners go on from their own offices with their own programs; the thief's traffic keeps the group's."""
    rng = scene.rng("owners", group.campaign)
    group.thief = Thief(group.exits, group.clients)
    alone = np.arange(len(group))
    group.exits = exits_of(scene, rng, "office", alone, country_numbers(group.columns["country"]))
    group.clients = scene.clients.draw(rng, "sdk", len(group))[:, None].repeat(3, axis=1)
    group.columns["signup_ip"] = [int(address) for address in group.exits.own[:, 0]]


def _apply(scene: Scene, plan: Plan, group: Group) -> None:
    """Some accounts came in through a concession: education, research, start-up credit."""
    took = scene.rng("concession", group.campaign).random(len(group)) < plan.programme_share
    group.columns["programmes"] = [list(plan.programmes) if one else [] for one in took]
