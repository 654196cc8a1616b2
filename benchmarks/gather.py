"""Single scans to figures: means over seeds, rates over look-alikes, and which goals they meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

Run = Mapping[str, Any]
Figures = Mapping[str, Any]

MEANS = {
    "precision": "account.precision",
    "recall": "account.recall",
    "f1": "account.f1",
    "bcubed_f1": "bcubed.f1",
    "average_precision": "average_precision",
    "campaigns_found": "campaigns_found",
    "exchange_f1": "exchange.f1",
    "volume_error": "volume.mean_relative_error",
    "volume_coverage": "volume.coverage",
    "capability_tv": "capability_tv",
    "calibration_error": "calibration.ece",
    "relay_called_campaign": "relay_called_campaign",
    "authorised_called_campaign": "authorised.called_campaign",
    "framing_called_campaign": "framing.called_campaign",
    "wall_seconds": "wall_seconds",
    "cpu_seconds": "cpu_seconds",
}


def figures(runs: Sequence[Run]) -> dict[str, Any]:
    """The figures of one case over its seeds."""
    return {
        "scans": len(runs),
        "seeds": [run["seed"] for run in runs],
        "mean": {name: _mean([_at(run, place) for run in runs]) for name, place in MEANS.items()},
        "least_campaigns_found": min(
            (v for run in runs if (v := run.get("campaigns_found")) is not None), default=None
        ),
        "false_campaigns": sum(run.get("false_campaigns") or 0 for run in runs),
        "false_campaigns_per_scan": proportion(
            sum(run.get("false_campaigns") or 0 for run in runs), len(runs)
        ),
        "false_accounts": sum(run["false_accounts"] for run in runs),
        "recall_by_campaign": _by_name([run["recall_by_campaign"] for run in runs]),
        "reliability": _pooled([run["reliability"] for run in runs if "reliability" in run]),
        "lookalikes_called_campaign": _lookalikes([run["called_campaign"] for run in runs]),
        "signals_skipped": sorted({name for run in runs for name in run["signals_skipped"]}),
    }


def proportion(found: int, tried: int) -> dict[str, Any]:
    """A rate with its count; where nothing was found, 3/n bounds it with 95 % confidence (Hanley, 1983)."""
    rate = found / tried if tried else None
    bound = round(3 / tried, 6) if tried and not found else None
    return {"found": found, "of": tried, "rate": None if rate is None else round(rate, 6), "at_most": bound}


def _at(run: Run, place: str) -> float | None:
    value: Any = run
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return None if value is None else float(value)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 4) if known else None


def _by_name(rates: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    names = sorted({name for rate in rates for name in rate})
    return {name: _mean([rate.get(name) for rate in rates]) for name in names}


def _lookalikes(counts: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, Any]:
    names = sorted({name for count in counts for name in count})
    return {
        name: proportion(
            sum(count[name]["called"] for count in counts if name in count),
            sum(count[name]["accounts"] for count in counts if name in count),
        )
        for name in names
    }


def _pooled(tables: Sequence[Mapping[str, Sequence[Mapping[str, float]]]]) -> dict[str, list[dict[str, Any]]]:
    """Reliability tables of several scans as one."""
    return {
        name: pooled_bins([row for table in tables for row in table[name]])
        for name in ("membership", "extraction")
    }


def pooled_bins(rows: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Bins that start at one place put together, weighed by how many fell into them."""
    starts = sorted({row["from"] for row in rows})
    mine = {start: [row for row in rows if row["from"] == start] for start in starts}
    return [
        {
            "from": start,
            "number": (number := int(sum(row["number"] for row in parts))),
            **{
                name: round(sum(row[name] * row["number"] for row in parts) / number, 4)
                for name in ("said", "came_true")
            },
        }
        for start, parts in mine.items()
    ]


@dataclass(frozen=True)
class Goal:
    """What a case must show: a figure and whether its value is good enough."""

    case: str
    says: str
    value: Callable[[Figures], Any]
    least: float | None = None
    most: float | None = None

    def met(self, figures: Figures) -> bool | None:
        """Whether the figures meet it; None if the figure could not be measured."""
        value = self.value(figures)
        if value is None:
            return None
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def _of_mean(name: str) -> Callable[[Figures], Any]:
    return lambda figures: figures["mean"][name]


def _of(name: str) -> Callable[[Figures], Any]:
    return lambda figures: figures[name]


WITH_CAMPAIGNS = (
    "easy", "easy without text", "easy without network", "mixed", "no-content", "no-network", "hard", "lowbase",
)  # fmt: skip
GOALS = (
    Goal("easy", "mean account F1 at least 0.95", _of_mean("f1"), least=0.95),
    *(
        Goal(case, "every campaign found in every world", _of("least_campaigns_found"), least=1.0)
        for case in ("easy", "easy without text", "easy without network")
    ),
    *(
        Goal(case, "no distillation campaign in any world", _of("false_campaigns"), most=0)
        for case in ("clean", "clean without text", "clean without network")
    ),
    *(
        Goal(case, f"mean account recall at least {least}", _of_mean("recall"), least=least)
        for case, least in (("mixed", 0.90), ("hard", 0.70))
    ),
    *(
        Goal(case, "mean account precision at least 0.98", _of_mean("precision"), least=0.98)
        for case in WITH_CAMPAIGNS
    ),
    Goal("mixed", "mean B-cubed F1 at least 0.90", _of_mean("bcubed_f1"), least=0.90),
    Goal("mixed", "no false campaign", _of("false_campaigns"), most=0),
    *(
        goal
        for case in ("mixed", "hard")
        for goal in (
            Goal(case, "mean capability share error at most 0.10", _of_mean("capability_tv"), most=0.10),
            Goal(case, "calibration error at most 0.05", _of_mean("calibration_error"), most=0.05),
            Goal(case, "volume intervals cover in 0.90", _of_mean("volume_coverage"), least=0.90),
        )
    ),
    Goal("lowbase", "the campaign found in every world", _of("least_campaigns_found"), least=1.0),
    Goal("lowbase", "no false campaign", _of("false_campaigns"), most=0),
    *(
        Goal(case, f"{who} accounts never called distillation", _of_mean(f"{who}_called_campaign"), most=0.0)
        for case in ("easy", "clean", "mixed", "hard")
        for who in ("relay", "authorised")
    ),
)


def goals(cases: Mapping[str, Figures]) -> list[dict[str, Any]]:
    """Every goal of the cases measured, with its value and whether it is met."""
    return [
        {
            "case": goal.case,
            "goal": goal.says,
            "value": goal.value(cases[goal.case]),
            "met": goal.met(cases[goal.case]),
        }
        for goal in GOALS
        if goal.case in cases
    ]
