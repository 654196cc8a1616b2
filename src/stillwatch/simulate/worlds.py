"""The door of the room: build a named world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.simulate.accounts import number_accounts
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.assumptions.plans import WORLD_PLANS, WorldPlan
from stillwatch.simulate.assumptions.populations import POPULATIONS
from stillwatch.simulate.catalogue import define_passages
from stillwatch.simulate.planting import plant
from stillwatch.simulate.population import benign_groups
from stillwatch.simulate.prior import write_prior
from stillwatch.simulate.scene import Scene
from stillwatch.simulate.truth import Truth
from stillwatch.simulate.writing import World, write_exchanges, write_small_tables

WORLDS: Mapping[str, str] = {name: plan.description for name, plan in WORLD_PLANS.items()}

MARKER = "SIMULATED"
_NOTE = "Simulated by stillwatch: no row here is real traffic. World {world}, seed {seed}.\n"
_SMALLEST_POPULATION = 30


def default_exchanges(world: str) -> int:
    """The size a world has unless asked otherwise."""
    return _plan(world).exchanges


def build(world: str, *, seed: int, exchanges: int | None = None, out: Path) -> None:
    """Write the world into `out`, its truth into `out.truth` and the prior into `out.prior`.

    About as many exchanges are made as asked for (the world's own size if None).
    """
    plan = _plan(world)
    wanted = plan.exchanges if exchanges is None else exchanges
    if wanted < 1:
        raise UsageError(f"A world needs at least one exchange; {wanted} were asked for. Ask for more.")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"The folder {out} is not empty. Name a new folder, or empty this one.")
    made = populate(plan, seed, wanted)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text(_NOTE.format(world=world, seed=seed), "utf-8")
    write_small_tables(made, out)
    truth = Truth(_beside(out, "truth"), made.groups, made.planted, made.scene.start)
    write_exchanges(made, out, truth)
    truth.close(scenario=world, seed=seed, ids=made.ids, buyer=plan.buyer)
    write_prior(made.scene, made.planted.campaigns, _beside(out, "prior"), buyer=plan.buyer)


def populate(plan: WorldPlan, seed: int, exchanges: int) -> World:
    """Draw all accounts of a world."""
    accounts = max(_SMALLEST_POPULATION, round(exchanges / plan.exchanges_per_account))
    assumed = replace(ASSUMED, kinds=POPULATIONS[plan.population])
    if plan.days != assumed.window.days:
        assumed = replace(assumed, window=assumed.window.lasting(plan.days))
    scene = Scene(plan.drawn_as, seed, exchanges, accounts, assumed)
    passages = max(scene.assumed.people.passages, scene.assumed.people.passages * accounts // 9000)
    define_passages(scene.library, scene.rng("passages"), passages)
    bad = _bad_accounts(plan, accounts)
    volume = plan.bad_volume * exchanges if bad else 0.0
    groups = benign_groups(scene, accounts - bad, exchanges - volume)
    planted = plant(scene, plan, bad, volume)
    groups += planted.groups
    return World(plan, scene, groups, planted, number_accounts(groups, seed))


def _plan(world: str) -> WorldPlan:
    if world not in WORLD_PLANS:
        raise UsageError(f"There is no world named {world!r}. There are: {', '.join(sorted(WORLD_PLANS))}.")
    return WORLD_PLANS[world]


def _beside(out: Path, what: str) -> Path:
    return out.with_name(f"{out.name}.{what}")


def _bad_accounts(plan: WorldPlan, accounts: int) -> int:
    if not plan.plans:
        return 0
    return plan.fixed_bad_accounts or round(plan.bad_accounts * accounts)
