"""How far a suspect is from its base and from the teacher, row by row, and whether that is the profile of a student of a campaign's tasks.

Formula: per row, T6 (`assay.deltas`): McNemar's exact test, Newcombe's interval, equivalence within the margin by two one-sided tests; Holm over the rows of
a panel. Profile: gained = mean over near tasks of (S - B) - mean over far tasks of (S - B); closer = mean over far of (T - S) - mean over near of
(T - S). Interval and one-sided p by Welch's t over the tasks' means: tasks differ more than items do, and few tasks tell little of how they differ.

Null hypothesis: the suspect gained as much, and is as close to the teacher, on tasks that the traffic holds as on others.

Assumptions: which tasks are near was sealed before anybody was asked; the presumed base is the base; the means of tasks are
about normal. With fewer than three tasks on a side nothing is known of how tasks differ, and the profile is not tested. A model that was simply trained more on such tasks fits it as well.

Source: design of model provenance by contrast of tasks, ours; Welch, Biometrika 34 (1947) 28.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stillwatch.assay.deltas import delta
from stillwatch.assay.models import Floats, Mask
from stillwatch.assay.several import holm
from stillwatch.assay.tails import interval, student, student_point
from stillwatch.model.panel import Contrast, Gap, PanelKind, Profile

FEWEST_TASKS = 3
LEVEL = 0.05
Row = tuple[PanelKind, str]
Told = Mapping[Row, Mapping[str, Mask]]
"""By row and model: of each item, whether it was answered rightly, or refused. The same items for all models of a row."""


def gaps(told: Told, suspect: str, others: Sequence[str], margin: float) -> tuple[Gap, ...]:
    """Every row, beside each other model."""
    found = [
        _gap(row, masks[suspect], other, masks[other], margin)
        for other in others
        for row, masks in told.items()
        if len(masks[suspect])
    ]
    families: dict[tuple[str, str], list[int]] = {}
    for at, gap in enumerate(found):
        families.setdefault((gap.panel, gap.other), []).append(at)
    for places in families.values():
        for at, p in zip(places, holm([found[at].p_difference for at in places]), strict=True):
            found[at] = replace(found[at], adjusted_p=p)
    return tuple(found)


def _gap(row: Row, ours: Mask, other: str, theirs: Mask, margin: float) -> Gap:
    one = delta(ours, theirs, margin=margin)
    return Gap(
        panel=row[0],
        row=row[1],
        other=other,
        items=one.items,
        share=float(ours.mean()),
        share_interval=interval(int(ours.sum()), len(ours)),
        other_share=float(theirs.mean()),
        other_interval=interval(int(theirs.sum()), len(theirs)),
        difference=one.difference,
        low=one.low,
        high=one.high,
        p_difference=one.p_difference,
        adjusted_p=one.p_difference,
        p_equivalence=one.p_equivalence,
    )


def profile(told: Told, models: tuple[str, str, str], near: Sequence[str]) -> Profile:
    """The profile over the tasks of the benchmark panel; `models` are suspect, base and teacher."""
    tasks = {
        row: masks for (panel, row), masks in told.items() if panel == "benchmark" and len(masks[models[0]])
    }
    sides = (tuple(t for t in tasks if t in near), tuple(t for t in tasks if t not in near))
    if min(map(len, sides)) < FEWEST_TASKS:
        why = f"{len(sides[0])} near and {len(sides[1])} far tasks; {FEWEST_TASKS} of each are the least from which tasks can be told from chance."
        return Profile(word="not tested", near=sides[0], far=sides[1], gained=None, closer=None, told=why)
    suspect, base, teacher = models
    gained = _contrast([[_less(tasks[t], suspect, base) for t in side] for side in sides])
    closer = _contrast([[_less(tasks[t], teacher, suspect) for t in side] for side in sides[::-1]])
    fits = gained.low > 0 and closer.low > 0
    return Profile(
        word="fits" if fits else "does not fit",
        near=sides[0],
        far=sides[1],
        gained=gained,
        closer=closer,
        told="Training on such tasks by any other way fits as well; no model is called for it."
        if fits
        else "A student whose maker also trained it on other tasks need not fit; nobody is cleared.",
    )  # fmt: skip


def _less(masks: Mapping[str, Mask], one: str, other: str) -> Floats:
    return masks[one].astype(np.float64) - masks[other].astype(np.float64)


def _contrast(sides: Sequence[Sequence[Floats]]) -> Contrast:
    """The mean over tasks of the first side less that of the second: Welch's interval, with the task as the unit.

    Tasks that came out all alike have no spread to tell it by: then it is that which their items alone would give.
    """
    means = [np.array([task.mean() for task in side]) for side in sides]
    value = float(means[0].mean() - means[1].mean())
    parts = [float(side.var(ddof=1)) / len(side) for side in means]
    freedom = float(sum(len(side) - 1 for side in sides))
    if sum(parts) == 0:
        parts = [sum(_of_items(task) for task in side) / len(side) ** 2 for side in sides]
    else:
        freedom = sum(parts) ** 2 / sum(
            part**2 / (len(side) - 1) for part, side in zip(parts, means, strict=True)
        )
    error = math.sqrt(sum(parts))
    half = student_point(LEVEL / 2, freedom) * error
    return Contrast(value=value, low=value - half, high=value + half, p_value=student(value / error, freedom))


def _of_items(task: Floats) -> float:
    """The variance of a task's mean by its items, with two more that came out apart: never 0."""
    n = len(task)
    return float(1 - (task.sum() / (n + 2)) ** 2) / (n + 2)
