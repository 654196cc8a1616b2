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
def world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    made: dict[str, Made] = {}

    def make(name: str) -> Made:
        if name not in made:
            folder = tmp_path_factory.mktemp("worlds") / name
            build(name, seed=7, exchanges=6000, out=folder)
            made[name] = Made(folder)
        return made[name]

    return make
