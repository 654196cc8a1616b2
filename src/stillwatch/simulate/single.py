"""One campaign without a world around it, on a scene that somebody else's log has set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stillwatch.simulate.accounts import accounts_table
from stillwatch.simulate.arrays import Bools, Ints
from stillwatch.simulate.assumptions.plans import WORLD_PLANS, Plan
from stillwatch.simulate.campaigns import Campaign, build, relay
from stillwatch.simulate.catalogue import define_passages
from stillwatch.simulate.group import Group
from stillwatch.simulate.render import render
from stillwatch.simulate.rhythm import overlap
from stillwatch.simulate.scene import Scene
from stillwatch.simulate.writing import small_tables

_PASSAGES = 200
_CHUNK = 100_000


@dataclass(frozen=True)
class Drawn:
    """Some exchanges of the campaign: the rows, the position of each row's account, whether it is extraction."""

    rows: pa.Table
    account: Ints
    is_extraction: Bools


def archetypes() -> dict[str, Plan]:
    """Every way of running a campaign that a world has, by name, in the order of the worlds."""
    return {plan.archetype: plan for world in WORLD_PLANS.values() for plan in world.plans}


def draw(scene: Scene, plan: Plan, *, accounts: int, rate: float) -> Campaign:
    """A campaign of so many accounts; each makes `rate` exchanges on a day on which it is active, on average."""
    define_passages(scene.library, scene.rng("passages"), _PASSAGES)
    made = build(scene, plan, plan.archetype, count=accounts, volume=1.0, through=relay(scene, "own"))
    _set_rate(made.group, rate, scene.days)
    return made


def exchanges(
    scene: Scene, campaign: Campaign, ids: pa.Array, null_rates: dict[str, float]
) -> Iterator[Drawn]:
    """The campaign's exchanges, day after day, with all columns of the contract."""
    tables, first = small_tables(scene, ids, null_rates), 0
    for day in _active(campaign.group, scene.days):
        rows = campaign.group.draw_day(scene.rng("day", day), day)
        if rows is None:
            continue
        rows["group"] = np.zeros(len(rows["ts"]), dtype=np.int64)
        rng = scene.rng("render", day)
        for begin in range(0, len(rows["ts"]), _CHUNK):
            part = {name: values[begin : begin + _CHUNK] for name, values in rows.items()}
            yield Drawn(render(part, tables, first, rng), part["account"], part["extraction"].astype(bool))
            first += len(part["ts"])


def accounts(scene: Scene, campaign: Campaign, ids: pa.Array, null_rates: dict[str, float]) -> pa.Table:
    """The campaign's rows of the accounts table."""
    return accounts_table([campaign.group], ids, null_rates, scene.seed)


def _active(group: Group, days: int) -> range:
    return range(max(0, int(group.start.min())), min(days, int(np.ceil(group.end.max()))))


def _set_rate(group: Group, rate: float, days: int) -> None:
    """Scale the accounts' own rates so that all exchanges over all active days come to `rate`."""
    active, expected = 0.0, 0.0
    for day in _active(group, days):
        share = overlap(group.start, group.end, day)
        weekday = group.rhythm.weekend if day % 7 in (5, 6) else 1.0
        active += float(share.sum())
        expected += float((share * group.rate).sum()) * weekday
    group.rate = group.rate * (rate * active / max(expected, 1e-12))
