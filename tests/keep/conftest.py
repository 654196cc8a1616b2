"""Logs of one file a day: a simulated world, and small ones written by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.model.kept import KeptFiles
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build

SEED = 7
DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")
PROMPTS = (
    "Write a full answer in the style of a teacher about {}",
    "What is {}?",
    "Translate {} for me please, and say why",
)


@dataclass(frozen=True)
class Both:
    """What a scan of a log by itself wrote, what one that keeps wrote, and what the latter took as kept."""

    full: dict[str, bytes]
    kept: dict[str, bytes]
    told: KeptFiles

    @property
    def counts(self) -> tuple[int, int]:
        """Files that were taken as kept, and files that were read."""
        return self.told.taken, self.told.read

    @property
    def rejected(self) -> list[tuple[str, int, str]]:
        lines = [json.loads(line) for line in self.kept["rejected.jsonl"].splitlines()]
        return [(line["file"], line["line"], line["reason"]) for line in lines]


class Log:
    """A log of some files of JSON lines in a folder, and the scans of it."""

    def __init__(self, place: Path) -> None:
        self.folder, self.keep, self._place = place / "log", place / "keep", place
        (self.folder / "exchanges").mkdir(parents=True)

    def path(self, name: str) -> Path:
        return self.folder / "exchanges" / f"{name}.jsonl"

    def write(self, name: str, rows: list[Any]) -> None:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        self.path(name).write_text("\n".join(lines) + "\n", "utf-8")

    def partials(self) -> list[Path]:
        return sorted(self.keep.glob("*.partial"))

    def scanned(self, **asked: Any) -> Both:
        """The log scanned in one go and with what was kept: whatever is written must be the same bytes."""
        return both(self.folder, self._place, self.keep, **asked)


def both(log: Path, place: Path, keep: Path, **asked: Any) -> Both:
    scan(log, out=place / "full", **asked)
    told = scan(log, out=place / "kept", keep=keep, **asked).kept
    assert told
    written = Both(files(place / "full"), files(place / "kept"), told)
    assert [name for name in written.full if written.full[name] != written.kept[name]] == []
    return written


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows_of(day: str, count: int = 12) -> list[dict[str, Any]]:
    """Exchanges of one day, by six accounts."""
    return [
        {
            "exchange_id": f"{day}-{at}",
            "ts": f"{day}T{at % 24:02}:00:00Z",
            "account_id": f"account-{at % 6}",
            "model": f"model-{at % 2}",
            "client_ip": f"203.0.113.{at % 3}",
            "user_agent": f"agent/{at % 2}",
            "prompt": PROMPTS[at % 3].format(f"thing {at} of {day}"),
        }
        for at in range(count)
    ]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Three days of twelve exchanges."""
    made = Log(tmp_path)
    for day in DAYS:
        made.write(day, rows_of(day))
    return made


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated world in one file a day."""
    print(f"world easy, seed {SEED}")  # noqa: T201  the seed belongs into the report of a failure
    place = tmp_path_factory.mktemp("daily")
    build("easy", seed=SEED, exchanges=25_000, out=place / "world")
    return by_day(place / "world", place / "log")


def by_day(world: Path, to: Path) -> Path:
    (to / "exchanges").mkdir(parents=True)
    for name in ("accounts.parquet", "networks.parquet", "models.parquet", "SIMULATED"):
        shutil.copy(world / name, to)
    table = pq.read_table(world / "exchanges.parquet")
    day = table["ts"].cast(pa.date32())
    for one in pc.unique(day).sort().to_pylist():
        pq.write_table(
            table.filter(pc.equal(day, pa.scalar(one, pa.date32()))), to / "exchanges" / f"{one}.parquet"
        )
    return to


Change = Callable[[Path], None]
