"""From contract tables through the door and the engine to a signal's measurement, as a scan goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.engine.open import EngineSettings, open_engine
from stillwatch.fingerprint.assemble import Gather, Log
from stillwatch.fingerprint.door import keyed
from stillwatch.fingerprint.probes import BIT
from stillwatch.fingerprint.text import string_keys
from stillwatch.judge.groups import member_exchange
from stillwatch.model.tables import ACCOUNT, KEY, MODEL
from stillwatch.signals._base import Signal

MEMBER = pa.schema([("account", pa.int32()), ("cluster", pa.int32())])
RELEASE = pa.schema([("model", KEY), ("released", pa.int64())])

TRAINING_VALUE = ("reason", "rationale", "tags", "grade", "make", "pretext")
PARAMETERS: Mapping[str, object] = {"wanted": sum(BIT[name] for name in TRAINING_VALUE)}
"""What a query may leave open for the scan to bind: `$wanted`, the probes that name training value."""


@dataclass(frozen=True)
class World:
    """A keyed log with the relations that a signal's query may read."""

    log: Log
    member: pa.Table
    release: pa.Table

    def measure(self, signal: Signal, *, threads: int = 1) -> pa.Table:
        """The signal's measurement of this world, as its query returns it."""
        with open_engine(EngineSettings(threads=threads)) as engine:
            return self.measure_with(engine, signal)

    def measure_with(self, engine: DuckDBEngine, signal: Signal) -> pa.Table:
        """The same, on an open engine."""
        for name, table in self.relations(signal.query).items():
            engine.read(name, table)
        bound = {name: value for name, value in PARAMETERS.items() if f"${name}" in signal.query}
        return engine.query(signal.query, **bound)

    def relations(self, query: str) -> Mapping[str, pa.Table]:
        """What that query finds under which name."""
        return {
            "exchange": self.log.exchange,
            "account": self.log.account,
            "member": self.member,
            "member_exchange": member_exchange(self.log.exchange, self.member, [query]),
            "model_release": self.release,
        }

    def positions(self, account_ids: Sequence[str]) -> list[int]:
        """Where the accounts stand in the keyed tables."""
        place = {account_id: at for at, account_id in enumerate(self.log.account_ids)}
        return [place[account_id] for account_id in account_ids]


def world_of(
    exchanges: pa.Table,
    accounts: pa.Table | None = None,
    models: pa.Table | None = None,
    *,
    clusters: Sequence[Sequence[str]] | None = None,
    meaning_model: Path | None = None,
) -> World:
    """Bring contract tables through the door; without clusters, every second account is of the second one."""
    log = _log_of(exchanges, ACCOUNT.arrow.empty_table() if accounts is None else accounts, meaning_model)
    release = _release(MODEL.arrow.empty_table() if models is None else models)
    ids: list[str] = log.account_ids
    world = World(log, MEMBER.empty_table(), release)
    return World(log, _member(world, (ids[::2], ids[1::2]) if clusters is None else clusters), release)


def _log_of(
    exchanges: pa.Table, accounts: pa.Table, meaning_model: Path | None, *, rows_a_batch: int = 100
) -> Log:
    gather = Gather(meaning_model)
    for batch in exchanges.combine_chunks().to_batches(max_chunksize=rows_a_batch):
        if batch.num_rows:
            gather.add(batch, keyed(batch))
    return gather.finish(accounts)


def _member(world: World, clusters: Sequence[Sequence[str]]) -> pa.Table:
    position = [at for names in clusters for at in world.positions(names)]
    cluster = np.repeat(np.arange(len(clusters)), [len(names) for names in clusters])
    columns = [pa.array(position, pa.int32()), pa.array(cluster.astype(np.int32), pa.int32())]
    return pa.table(columns, schema=MEMBER)


def _release(models: pa.Table) -> pa.Table:
    name = pa.array(models["model"].to_pylist(), pa.string())
    released = models["released_at"].cast(pa.int64()).combine_chunks()
    return pa.table([pa.array(string_keys(name)), released], schema=RELEASE)
