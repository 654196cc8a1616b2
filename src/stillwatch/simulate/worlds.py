"""Build a named world: traffic day by day, so that memory does not grow with the number of exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import UsageError
from stillwatch.model.tables import ACCOUNT, EXCHANGE, NETWORK
from stillwatch.simulate import campaigns as planting
from stillwatch.simulate.accounts import accounts_table, number_accounts
from stillwatch.simulate.arrays import Rows, generator
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.group import Group
from stillwatch.simulate.plans import WORLD_PLANS, WorldPlan
from stillwatch.simulate.population import benign_groups
from stillwatch.simulate.prior import write_prior
from stillwatch.simulate.render import Tables, exchange_ids, render
from stillwatch.simulate.scene import MODELS, Scene
from stillwatch.simulate.text import grammar
from stillwatch.simulate.truth import Truth

WORLDS: Mapping[str, str] = {name: plan.description for name, plan in WORLD_PLANS.items()}

MARKER = "SIMULATED"
_NOTE = "Simulated by stillwatch: no row here is real traffic. World {world}, seed {seed}.\n"


@dataclass
class World:
    """Everything of a world but its traffic."""

    plan: WorldPlan
    scene: Scene
    groups: list[Group]
    campaigns: list[Campaign]
    framed: str | None
    ids: pa.Array


def default_exchanges(world: str) -> int:
    """The size a world has unless asked otherwise."""
    return _plan(world).exchanges


def build(world: str, *, seed: int, exchanges: int | None = None, out: Path) -> None:
    """Write the world into `out`, its truth into `out.truth` and the prior into `out.prior`."""
    plan = _plan(world)
    wanted = plan.exchanges if exchanges is None else exchanges
    if wanted < 1:
        raise UsageError(f"a world needs at least one exchange; {wanted} were asked for")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty; name a new folder, or remove this one")
    made = populate(plan, seed, wanted)
    out.mkdir(parents=True, exist_ok=True)
    _write_tables(made, out)
    truth = Truth(_beside(out, "truth"), made.groups, made.scene.start)
    _write_exchanges(made, out, truth)
    truth.close(scenario=world, seed=seed, ids=made.ids, campaigns=made.campaigns, framed=made.framed)
    write_prior(made.scene, made.campaigns, _beside(out, "prior"))
    (out / MARKER).write_text(_NOTE.format(world=world, seed=seed), "utf-8")


def populate(plan: WorldPlan, seed: int, exchanges: int) -> World:
    """Draw all accounts of a world."""
    accounts = max(30, round(exchanges / plan.exchanges_per_account))
    scene = Scene(plan.name, seed, exchanges, accounts)
    bad = _bad_accounts(plan, accounts)
    bad_volume = plan.bad_volume * exchanges if bad else 0.0
    groups = benign_groups(scene, accounts - bad, exchanges - bad_volume)
    planted = _plant(scene, plan, bad, bad_volume)
    groups += [c.group for c in planted]
    return World(plan, scene, groups, planted, None, number_accounts(groups, seed))


def _plan(world: str) -> WorldPlan:
    if world not in WORLD_PLANS:
        raise UsageError(f"there is no world named {world!r}; there are {', '.join(sorted(WORLD_PLANS))}")
    return WORLD_PLANS[world]


def _beside(out: Path, what: str) -> Path:
    return out.with_name(f"{out.name}.{what}")


def _bad_accounts(plan: WorldPlan, accounts: int) -> int:
    if not plan.plans:
        return 0
    return plan.fixed_bad_accounts or round(plan.bad_accounts * accounts)


def _plant(scene: Scene, plan: WorldPlan, bad: int, volume: float) -> list[Campaign]:
    if not bad:
        return []
    total = plan.copies * sum(p.accounts for p in plan.plans)
    busy = plan.copies * sum(p.volume for p in plan.plans)
    planted = []
    for copy in range(plan.copies):
        shared = planting.relay(scene, f"shared-{copy}")
        for one in plan.plans:
            tag = int(scene.rng("name", one.archetype, copy).integers(16**3, 16**4))
            count = max(scene.assumed.sizes.smallest_campaign, round(bad * one.accounts / total))
            through = shared if one.archetype.startswith("shared-relay") else planting.relay(scene, f"{one.archetype}-{copy}")
            name = f"{one.archetype}-{tag:x}"
            planted.append(planting.build(scene, one, name, count=count, volume=volume * one.volume / busy, through=through))
    return planted


def _null_rates(made: World, schema: pa.Schema, required: Sequence[str]) -> dict[str, float]:
    rng = generator(made.plan.name, made.scene.seed, "nulls")
    low, high = ASSUMED.sizes.null_rate
    rates = {name: float(rng.uniform(low, high)) for name in schema.names if name not in required}
    return rates | {name: 1.0 for name in rates if name in made.plan.without}


def _write_tables(made: World, out: Path) -> None:
    accounts = accounts_table(made.groups, made.ids, _null_rates(made, ACCOUNT.arrow, ACCOUNT.required), made.scene.seed)
    for name, table in (("accounts", accounts), ("networks", made.scene.networks.table()), ("models", made.scene.models_table())):
        if name == "networks" and "client_ip" in made.plan.without:
            continue
        pq.write_table(table, out / f"{name}.parquet", compression="zstd")


def _tables(made: World) -> Tables:
    texts, lengths = made.scene.library.frozen()
    tails = made.scene.library
    return Tables(
        texts=texts,
        lengths=lengths,
        accounts=made.ids,
        models=pa.array(MODELS),
        toolsets=pa.array(made.scene.toolsets, pa.list_(pa.string())),
        clients=made.scene.clients.rows,
        answer_tails=tails.add(grammar()["answer_tails"]),
        refusals=tails.add(grammar()["answers"]["refusal"]),
        null_rates=_null_rates(made, EXCHANGE.arrow, EXCHANGE.required),
        start=made.scene.start,
        seed=made.scene.seed,
    )


def days(made: World) -> Iterator[Rows]:
    """The traffic of each day, in order of time within the day."""
    for day in range(made.scene.days):
        drawn = []
        for number, group in enumerate(made.groups):
            rows = group.draw_day(made.scene.rng("day", number, day), day)
            if rows is not None:
                rows["group"] = np.full(len(rows["ts"]), number, dtype=np.int64)
                drawn.append(rows)
        if drawn:
            together = {name: np.concatenate([rows[name] for rows in drawn]) for name in drawn[0]}
            order = np.argsort(together["ts"], kind="stable")
            yield {name: values[order] for name, values in together.items()}


def _write_exchanges(made: World, out: Path, truth: Truth) -> None:
    made.scene.library.add([*grammar()["answer_tails"], *grammar()["answers"]["refusal"]])
    tables, first = _tables(made), 0
    kept = [f for f in EXCHANGE.arrow if f.name not in made.plan.without]
    with pq.ParquetWriter(out / "exchanges.parquet", pa.schema(kept), compression="zstd", compression_level=1) as writer:
        for day, rows in enumerate(days(made)):
            count = len(rows["ts"])
            table = render(rows, tables, first, made.scene.rng("render", day))
            writer.write_table(table.select([f.name for f in kept]))
            truth.add(exchange_ids(tables, first, count), rows)
            first += count


