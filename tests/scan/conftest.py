"""Small simulated worlds, made and scanned once for all tests of the scan."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.model.finding import Findings
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build

SEED = 11
SIZES = {
    "easy": 40_000,
    "mixed": 30_000,
    "clean": 20_000,
    "dirty": 12_000,
    "no-content": 20_000,
    "no-network": 20_000,
}
SAME_BYTES = ("findings.json", "accounts.parquet", "exchanges.parquet", "evidence.parquet", "report.html")


@dataclass(frozen=True)
class Scanned:
    """A simulated world, its truth, and what a scan of it wrote."""

    log: Path
    out: Path
    findings: Findings

    @property
    def truth(self) -> Path:
        return self.log.with_name(f"{self.log.name}.truth")

    @cached_property
    def document(self) -> Any:
        return json.loads((self.out / "findings.json").read_text("ascii"))

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.out / f"{name}.parquet")

    @property
    def files(self) -> dict[str, bytes]:
        """The bytes of all outputs that do not name the input's files."""
        return contents(self.out, SAME_BYTES)


def contents(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scanned]:
    made: dict[str, Scanned] = {}
    place = tmp_path_factory.mktemp("scanned")

    def make(name: str) -> Scanned:
        if name not in made:
            print(f"world {name}, seed {SEED}")  # noqa: T201  the seed belongs into the report of a failure
            build(name, seed=SEED, exchanges=SIZES[name], out=place / name)
            out = place / f"{name}.findings"
            made[name] = Scanned(place / name, out, scan(place / name, out=out))
        return made[name]

    return make


@pytest.fixture
def mixed(worlds: Callable[[str], Scanned]) -> Scanned:
    return worlds("mixed")


@pytest.fixture
def easy(worlds: Callable[[str], Scanned]) -> Scanned:
    return worlds("easy")


@pytest.fixture
def clean(worlds: Callable[[str], Scanned]) -> Scanned:
    return worlds("clean")


@pytest.fixture
def dirty(worlds: Callable[[str], Scanned]) -> Scanned:
    return worlds("dirty")
