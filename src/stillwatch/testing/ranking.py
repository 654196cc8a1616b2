"""How strongly a signal speaks for each account of a group.

A trait alone ranks nobody: what counts is what the scan makes of it. So a group is taken for a community, and
the strength of a member is the bits that the weighing gives it (leave-community-out, accounts of one
organisation as one principal). The strength of a measured account is its value; that of a cluster, its value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.link.cluster import LinkSettings
from stillwatch.link.principal import principals
from stillwatch.signals._base import Signal
from stillwatch.testing.case import Case, Group
from stillwatch.testing.check import demand
from stillwatch.testing.measuring import World, world_of
from stillwatch.testing.written import model_for
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, holding

Strengths = npt.NDArray[np.float64]


def strengths(signal: Signal, case: Case) -> dict[str, Strengths]:
    """For each group of a case, how strongly the signal speaks for its accounts; 0 where it is silent."""
    clusters = [group.account_ids for group in case.groups]
    exchanges = case.exchanges()
    with model_for(signal, exchanges, case.synonyms) as model:
        world = world_of(exchanges, case.accounts(), case.releases(), clusters=clusters, meaning_model=model)
    measurement = world.measure(signal)
    if signal.level == "trait":
        return {group.name: _bits(signal, world, measurement, group) for group in case.groups}
    if signal.level == "account":
        value = _by_position(measurement, "account", len(world.log.account_ids))
        return {group.name: value[world.positions(group.account_ids)] for group in case.groups}
    value = _by_position(measurement, "cluster", len(clusters))
    return {group.name: value[[number]] for number, group in enumerate(case.groups)}


def check_case(signal: Signal, case: Case) -> None:
    """Refuse a signal that does not do what the case expects of it."""
    turn = -1 if case.planted_has == "less" else 1
    strength = {name: turn * values for name, values in strengths(signal, case).items()}
    bar = _bar(signal, strength, case)
    lookalike = max(float(strength[group.name].max()) for group in case.of_role("lookalike"))
    if case.expect == "not found":
        demand(
            lookalike <= bar,
            f"the strongest look-alike has {turn * lookalike:.3g}, allowed is {turn * bar:.3g}",
        )
        return
    planted = min(float(strength[group.name].min()) for group in case.of_role("planted"))
    demand(
        planted > lookalike and planted > bar,
        f"the weakest planted account has {turn * planted:.3g}, "
        f"the strongest look-alike {turn * lookalike:.3g}, and what must be exceeded is {turn * bar:.3g}",
    )


def _bar(signal: Signal, strength: dict[str, Strengths], case: Case) -> float:
    """What an account must exceed to be heard: the bits that make a voice, or what the crowd shows."""
    if signal.level == "trait":
        return LinkSettings().voice_bits
    return max((float(strength[group.name].max()) for group in case.of_role("crowd")), default=-np.inf)


def _bits(signal: Signal, world: World, measurement: pa.Table, group: Group) -> Strengths:
    principal = principals(world.log.account)
    held = holding(measurement, principal, signal=signal.name, family=signal.family)
    own = np.unique(principal[world.positions(group.account_ids)])
    weighed = weigh(Holdings([held]), own, WeighSettings())
    return weighed.total()[np.isin(weighed.rows, own)]


def _by_position(measurement: pa.Table, key: str, size: int) -> Strengths:
    value = np.zeros(size)
    value[measurement[key].to_numpy()] = measurement["value"].to_numpy()
    return value
