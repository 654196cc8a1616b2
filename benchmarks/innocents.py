"""T5 and T6 over innocent models in `assay.py`, and whether each test calls as few as it says.

T5: students of flagged and of other answers of the teacher, each with a part of its own, so that they could be exchanged; beside it the design in which all students
share one log each, where they could not. T6: items drawn from some thousand on which two innocent models are right equally often, and items on which a model and the teacher
differ by the margin exactly, so that its two null hypotheses hold for real models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from stillwatch.assay.deltas import delta
from stillwatch.assay.served import served
from stillwatch.assay.small.ngram import NGram
from stillwatch.assay.small.people import People
from stillwatch.assay.tails import binomial

STUDENTS, ANSWERS, LENGTH, SHARE = 5, 400, 40, 0.2
PROMPTS, POPULATION, ITEMS, KNOWN = 1000, 6000, 400, 0.4
Found = dict[str, float]


def from_logs(people: People, suspect: NGram, group: int) -> Found:
    """T5 of an innocent, and of a student of other answers of the teacher that are in nobody's log."""
    asked = people.prompts(PROMPTS, 6)
    seeds = [300_000 + group * 100 + i for i in range(2 * STUDENTS)]
    parts = [people.answers(ANSWERS, LENGTH, seed) for seed in seeds]
    told = {"a part each": parts, "one log": [*parts[:1] * STUDENTS, *parts[-1:] * STUDENTS]}
    suspects = {"an innocent": suspect, "taught other answers": people.student(group, people.answers(ANSWERS, LENGTH, 200_000 + group), SHARE)}  # fmt: skip
    said = {name: _words(one, asked) for name, one in suspects.items()}
    found = {}
    for how, logs in told.items():
        students = [_words(people.student(seed, log, SHARE), asked) for seed, log in zip(seeds, logs, strict=True)]  # fmt: skip
        for name, words in said.items():
            far = [float((words != student).mean()) for student in students]
            found[how, name] = served(far[:STUDENTS], far[STUDENTS:]).p_value
    return {
        "T5 served-log inference": found["a part each", "an innocent"],
        "T5 of a student of other answers of the teacher": found["a part each", "taught other answers"],
        "peer: T5 with one log for all students of a side": found["one log", "an innocent"],
        "peer: T5 with one log, of a student of other answers": found["one log", "taught other answers"],
    }


def _words(model: NGram, asked: np.ndarray) -> np.ndarray:
    return model.greedy(asked[:, -2], asked[:, -1])


def items(people: People, suspect: NGram, other: NGram, group: int) -> Found:
    """T6: both of its null hypotheses."""
    rng = np.random.default_rng([group, 11])
    asked, wanted = population(people)
    ours, theirs, teacher = (_words(model, asked) == wanted for model in (suspect, other, people.teacher))
    alike = _alike(ours, theirs, rng)
    drawn = rng.choice(alike, ITEMS)
    apart = rng.choice(len(ours), ITEMS)
    margin = abs(float(ours.mean() - teacher.mean()))
    return {
        "T6 difference, where there is none": delta(ours[drawn], theirs[drawn]).p_difference,
        "T6 equivalence, where the margin is just met": delta(ours[apart], teacher[apart], margin=margin).p_equivalence,
    }  # fmt: skip


@cache
def _population(probes: bytes, of_teacher: bytes) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(12)
    rows = []
    for told, count in ((probes, round(POPULATION * (1 - KNOWN))), (of_teacher, round(POPULATION * KNOWN))):
        words = np.frombuffer(told, np.int64)
        start = rng.integers(0, len(words) - 3, count)
        rows.append(words[start[:, None] + np.arange(3)])
    every = np.concatenate(rows)
    return every[:, :2], every[:, 2]


def population(people: People) -> tuple[np.ndarray, np.ndarray]:
    """Items: two words, and the third that stands there; some are from the teacher's own text, so that it knows more."""
    mine = np.concatenate(people.of_teacher[: len(people.of_teacher) // 2])
    return _population(people.probes.tobytes(), mine.tobytes())


def _alike(ours: np.ndarray, theirs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The items without so many that one model alone has right that the other has as many."""
    first, second = np.flatnonzero(ours & ~theirs), np.flatnonzero(theirs & ~ours)
    keep = min(len(first), len(second))
    return np.concatenate(
        [np.flatnonzero(ours == theirs), rng.permutation(first)[:keep], rng.permutation(second)[:keep]]
    )


def goals(alarms: Mapping[str, Any], levels: Sequence[float]) -> list[dict[str, Any]]:
    """No test but the peers' calls more innocents than 99 of 100 exact tests would: at each level the count is in the binomial's range."""
    found = []
    for test, counts in alarms.items():
        for level in levels if not test.startswith("peer") else ():
            told = counts[f"{level:g}"]
            chance = binomial(told["called"], told["of"], level) if told["called"] else 1.0
            found.append({"goal": f"{test}: innocents called at {level:g}, no more than the binomial allows (1 %)", "value": told["rate"], "met": chance > 0.01})  # fmt: skip
    return found
