"""One small simulated log without campaigns, and one rehearsal on it, for all tests of the room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.bench.likeness import Likeness, account_columns
from stillwatch.bench.rehearsal import Rehearsal
from stillwatch.bench.rehearse import rehearse
from stillwatch.bench.sample import sample
from stillwatch.simulate.worlds import build
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

SEED = 5
EXCHANGES = 15_000
NOBODY = pa.array([], pa.string())


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal, and where its two files lie."""

    out: Path
    value: Rehearsal


def likeness(log: Path, accused: pa.Array = NOBODY) -> Likeness:
    """What a log is like, as a rehearsal learns it, without the scan before it."""
    opened = open_input(log)
    with Reject() as reject:
        accounts = opened.accounts(reject)
        taken = sample(opened, accused)
        return Likeness(
            sample=taken,
            columns=opened.present["exchanges"],
            account_columns=account_columns(accounts),
            all_accounts=accounts,
            networks=opened.networks(reject),
            releases=opened.models(reject),
        )


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    print(f"world clean, seed {SEED}")  # noqa: T201  the seed belongs into the report of a failure
    place = tmp_path_factory.mktemp("bench") / "log"
    build("clean", seed=SEED, exchanges=EXCHANGES, out=place)
    return place


@pytest.fixture(scope="session")
def like(log: Path) -> Likeness:
    return likeness(log)


@pytest.fixture(scope="session")
def rehearsed(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    out = tmp_path_factory.mktemp("rehearsed") / "out"
    return Rehearsed(
        out, rehearse(log, out=out, archetype="pathways", accounts=(9, 60), rates=(6,), repeats=2)
    )


@pytest.fixture(scope="session")
def exchanges(log: Path) -> pa.Table:
    return pq.read_table(log / "exchanges.parquet")
