"""A campaign's volume and births over time, in days or, over a long time, in equal numbers of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from stillwatch.model.dossier import Bin, Timeline
from stillwatch.report.shown import shown

MOST_BINS = 112
MOST_MODELS = 5
LEAD_DAYS = 21
OTHER_MODELS = "other models"


def timeline(activity: pa.Table, births: pa.Table) -> Timeline:
    """The time axis of one campaign: from its first exchange, or births shortly before, to its last."""
    volume = [row for row in activity.to_pylist() if row["day"] and row["exchanges"]]
    born = [row for row in births.to_pylist() if row["day"] and row["accounts"]]
    days = [row["day"] for row in volume] or [row["day"] for row in born]
    if not days:
        return Timeline((), (), 1, 0)
    start, end = _axis(days, [row["day"] for row in born])
    width = -(-((end - start).days + 1) // MOST_BINS)
    models = _models(volume)
    bins = _bins(volume, born, models, (start, end, width))
    return Timeline(
        models=tuple(shown(model, 40) for model in models),
        bins=bins,
        days_a_bin=width,
        born_before=sum(row["accounts"] for row in born if row["day"] < start),
    )


def _axis(days: Sequence[dt.date], born: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    first, last = min(days), max(days)
    earliest = dt.date.fromordinal(max(first.toordinal() - LEAD_DAYS, 1))
    shortly_before = [day for day in born if earliest <= day < first]
    return min([first, *shortly_before]), last


def _models(volume: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The most used models, and one name for all others."""
    totals: dict[str, int] = {}
    for row in volume:
        model = row["model"] or "unknown"
        totals[model] = totals.get(model, 0) + row["exchanges"]
    ranked = sorted(totals, key=lambda model: (-totals[model], model))
    if len(ranked) <= MOST_MODELS + 1:
        return tuple(ranked)
    return (*ranked[:MOST_MODELS], OTHER_MODELS)


def _bins(
    volume: Sequence[Mapping[str, Any]],
    born: Sequence[Mapping[str, Any]],
    models: tuple[str, ...],
    axis: tuple[dt.date, dt.date, int],
) -> tuple[Bin, ...]:
    start, end, width = axis
    place = {model: i for i, model in enumerate(models)}
    bins = (end - start).days // width + 1
    counts = [[0] * len(models) for _ in range(bins)]
    births = [0] * bins
    for row in volume:
        counts[(row["day"] - start).days // width][place.get(row["model"] or "unknown", len(models) - 1)] += (
            row["exchanges"]
        )
    for row in born:
        if start <= row["day"] <= end:
            births[(row["day"] - start).days // width] += row["accounts"]
    return tuple(Bin(start + dt.timedelta(days=i * width), tuple(counts[i]), births[i]) for i in range(bins))
