"""What a rehearsal shows, as values, and as the document that programs read."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from stillwatch.bench.design import Cell, Design
from stillwatch.bench.power import TARGET, Point, Smallest, curves, points, smallest
from stillwatch.bench.stealth import STEALTH
from stillwatch.bench.trial import Trial
from stillwatch.model.finding import Manifest
from stillwatch.report.result import run_fields, stable_json

SIMULATED = "Simulated campaigns planted in your log: none of them exists, and nothing found of them is a finding about it."
OF_A_SCAN = frozenset({"seed", "simulated", "unknown_columns"})
"""What a result says of its run and a rehearsal does not: it has a seed of its own, and tells apart what is simulated."""


@dataclass(frozen=True)
class Baseline:
    """What a scan of the untouched log finds; it counts neither for nor against any trial."""

    distillation: int
    relay: int
    coordinated: int
    accounts_named: int


@dataclass(frozen=True)
class Rehearsal:
    """All trials of a rehearsal, with what they were made of. `notes` say what limits them on this log."""

    run: Manifest
    design: Design
    baseline: Baseline
    trials: tuple[Trial, ...]
    notes: tuple[str, ...]

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The points of all power curves."""
        return points(self.trials)

    @cached_property
    def smallest(self) -> tuple[Smallest, ...]:
        """Of each curve, the smallest campaign that is found at the target power."""
        return tuple(smallest(curve) for curve in curves(self.points))

    @cached_property
    def newly_named(self) -> tuple[tuple[str, int], ...]:
        """Accounts of the log that a planting got named, with the number of trials that did; the most often first."""
        counts = Counter(account for trial in self.trials for account in trial.newly_named)
        return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def rehearsal_json(rehearsal: Rehearsal) -> str:
    """The whole rehearsal as JSON text, the same bytes for the same log, design and settings."""
    run = rehearsal.run
    fields = {name: value for name, value in run_fields(run).items() if name not in OF_A_SCAN}
    return stable_json(
        {
            "what": SIMULATED,
            "run": {**fields, "log_is_simulated": run.simulated, "notes": rehearsal.notes},
            "design": asdict(rehearsal.design),
            "stealth": {name: STEALTH[name].description for name in rehearsal.design.stealth},
            "baseline": asdict(rehearsal.baseline),
            "power": [_flat(point, point.cell) for point in rehearsal.points],
            "smallest": {"power": TARGET, "campaigns": [asdict(one) for one in rehearsal.smallest]},
            "newly_named": [{"account_id": name, "trials": n} for name, n in rehearsal.newly_named],
            "trials": [_flat(trial, trial.cell) for trial in rehearsal.trials],
        }
    )


def _flat(value: Any, cell: Cell) -> dict[str, Any]:
    """The value's fields, with those of its kind of campaign beside them."""
    fields = asdict(value)
    del fields["cell"]
    return asdict(cell) | fields
