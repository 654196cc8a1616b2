"""Writes a world's traffic day by day, so that memory does not grow with the number of exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.model.tables import ACCOUNT, EXCHANGE, NETWORK
from stillwatch.simulate.accounts import accounts_table, thinned
from stillwatch.simulate.arrays import Rows, generator
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.assumptions.plans import WorldPlan
from stillwatch.simulate.broken import Breaker, as_lines
from stillwatch.simulate.group import Group
from stillwatch.simulate.planting import Planted
from stillwatch.simulate.render import Tables, exchange_ids, render
from stillwatch.simulate.scene import MODELS, Scene
from stillwatch.simulate.text import grammar
from stillwatch.simulate.truth import Truth

_CHUNK = 100_000


@dataclass
class World:
    """Everything of a world but its traffic."""

    plan: WorldPlan
    scene: Scene
    groups: list[Group]
    planted: Planted
    ids: pa.Array


def write_small_tables(made: World, out: Path) -> None:
    """Accounts, networks and models."""
    rates = _null_rates(made, ACCOUNT.arrow, ACCOUNT.required)
    tables = {
        "accounts": accounts_table(made.groups, made.ids, rates, made.scene.seed),
        "networks": thinned(
            made.scene.networks.table(), _null_rates(made, NETWORK.arrow, NETWORK.required), made.scene.seed
        ),
        "models": made.scene.models_table(),
    }
    if "client_ip" in made.plan.without:
        del tables["networks"]
        tables["accounts"] = tables["accounts"].drop_columns(["signup_ip"])
    for name, table in tables.items():
        if made.plan.broken:
            (out / f"{name}.jsonl").write_bytes(b"".join(as_lines(table)))
        else:
            pq.write_table(table, out / f"{name}.parquet", compression="zstd")


def write_exchanges(made: World, out: Path, truth: Truth) -> None:
    """The exchange table and its truth."""
    if made.plan.broken:
        _write_broken(made, out, truth)
    else:
        _write_parquet(made, out, truth)


def _write_parquet(made: World, out: Path, truth: Truth) -> None:
    kept = [f for f in EXCHANGE.arrow if f.name not in made.plan.without]
    names = [f.name for f in kept]
    unique = {"exchange_id", "ts", "prompt", "raw_ref", "client_ip", "session_id"}
    options = {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": [n for n in names if n not in unique],
    }
    with pq.ParquetWriter(out / "exchanges.parquet", pa.schema(kept), **options) as writer:
        for table in _tables(made, truth):
            writer.write_table(table.select(names))


def _write_broken(made: World, out: Path, truth: Truth) -> None:
    breaker = Breaker(made.scene.rng("broken"), "exchanges.jsonl", made.scene.exchanges)
    with (out / "exchanges.jsonl").open("wb") as file:
        for table in _tables(made, truth):
            file.writelines(breaker.spoil(table))
    breaker.write(truth.folder / "broken.json")


def _tables(made: World, truth: Truth) -> Iterator[pa.Table]:
    small, first = _small(made), 0
    for day, rows in enumerate(days(made)):
        rng = made.scene.rng("render", day)
        for begin in range(0, len(rows["ts"]), _CHUNK):
            chunk = {name: values[begin : begin + _CHUNK] for name, values in rows.items()}
            count = len(chunk["ts"])
            truth.add(exchange_ids(small, first, count), chunk)
            yield render(chunk, small, first, rng)
            first += count


def days(made: World) -> Iterator[Rows]:
    """The traffic of each day, in order of time within the day."""
    for day in range(made.scene.days):
        drawn = []
        for number, group in enumerate(made.groups):
            rows = group.draw_day(made.scene.rng("day", number, day), day)
            if rows is not None:
                rows["group"] = np.full(len(rows["ts"]), number, dtype=np.int64)
                drawn.append(rows)
        if not drawn:
            continue
        order = np.argsort(np.concatenate([rows["ts"] for rows in drawn]), kind="stable")
        yield {name: np.concatenate([rows.pop(name) for rows in drawn])[order] for name in list(drawn[0])}


def _small(made: World) -> Tables:
    return small_tables(made.scene, made.ids, _null_rates(made, EXCHANGE.arrow, EXCHANGE.required))


def small_tables(scene: Scene, ids: pa.Array, null_rates: dict[str, float]) -> Tables:
    """What the rows of a scene point into; `ids` are its accounts, `null_rates` the shares that columns lose."""
    library = scene.library
    tails, refusals = (
        library.add(texts) for texts in (grammar()["answer_tails"], grammar()["answers"]["refusal"])
    )
    texts, lengths = library.frozen()
    return Tables(
        texts=texts,
        lengths=lengths,
        accounts=ids,
        models=pa.array(MODELS),
        toolsets=pa.array(scene.toolsets, pa.list_(pa.string())),
        clients=scene.clients.rows,
        answer_tails=tails,
        refusals=refusals,
        null_rates=null_rates,
        start=scene.start,
        seed=scene.seed,
    )


def _null_rates(made: World, schema: pa.Schema, required: Sequence[str]) -> dict[str, float]:
    rng = generator(made.plan.drawn_as, made.scene.seed, "nulls", *schema.names[:1])
    low, high = ASSUMED.sizes.null_rate
    return {name: float(rng.uniform(low, high)) for name in schema.names if name not in required}
