from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.simulate.worlds import build


@dataclass(frozen=True)
class Made:
    """A small world on disk."""

    folder: Path

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.folder / f"{name}.parquet")

    def truth(self, name: str) -> pa.Table:
        return pq.read_table(self.truth_folder / f"{name}.parquet")

    @property
    def truth_folder(self) -> Path:
        return self.folder.with_name(self.folder.name + ".truth")

    @property
    def prior(self) -> Path:
        return self.folder.with_name(self.folder.name + ".prior") / "actors.json"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Made]:
    made: dict[tuple[str, int], Made] = {}

    def make(name: str, exchanges: int = 6000) -> Made:
        if (name, exchanges) not in made:
            folder = tmp_path_factory.mktemp("worlds") / name
            build(name, seed=7, exchanges=exchanges, out=folder)
            made[name, exchanges] = Made(folder)
        return made[name, exchanges]

    return make
