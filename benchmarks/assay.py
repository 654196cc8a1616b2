"""False alarms and power of assays over small models: `python benchmarks/assay.py`, into `results/assay.json`.

Models of three words, trained on the public prompts that the simulator ships. False alarms: groups of a suspect and its references
that share no model, so that the counts are binomial given the text. Power: students by the share of teacher text in their training,
several students a share. Beside ours stand peers' formulas on the same models: one reference and a paired test, the textbook
binomial for watermarks, and Model Equality Testing taken for a test of distillation.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import innocents
import looked
import numpy as np
from machine import machine

from stillwatch.assay.agreement import agreement
from stillwatch.assay.canary import canary
from stillwatch.assay.equality import equality
from stillwatch.assay.likelihood import likelihood, ratio
from stillwatch.assay.radioactivity import WEIGHTINGS, decoy_keys, gathered, radioactivity
from stillwatch.assay.small.ngram import Mark, NGram
from stillwatch.assay.small.people import People, people
from stillwatch.assay.tails import interval
from stillwatch.mark.watermark import green

RESULT = Path(__file__).parent / "results" / "assay.json"
LEVELS = (0.05, 0.01)
GROUPS, REFERENCES, STUDENTS, TWINS, TWIN_GROUPS = 200, 5, 12, 200, 150
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4)
SERVINGS = (1, 2, 4, 8, 16)
PROMPTS, TEXTS, WORDS, DECOYS = 3000, 200, 40, 999
TRIGGERS, CHOICES, SAMPLES = 24, 16, 16

NOT_TOLD = "peer: Model Equality Testing, not told from the teacher"
"""Counted as called where it does not reject: taken for a test of distillation it would call these innocents students."""
SERVED = "trained on served text, by T3 of weight {} or T4"

Found = dict[str, float]


class Bench:
    """The cast, and what every model is asked."""

    def __init__(self, part: float) -> None:
        self.people: People = people(part)
        self.asked, self.texts = self.people.prompts(PROMPTS, 1), self.people.prompts(TEXTS, 2)
        self.teacher = self.people.teacher.greedy(self.asked[:, -2], self.asked[:, -1])
        self.scorers = [self.people.innocent(90_000 + i) for i in range(REFERENCES)]
        self.remembered: list[tuple[list[np.ndarray], list[np.ndarray]]] = []
        self.fixed = [self.people.innocent(80_000 + i) for i in range(2 * REFERENCES)]
        self.triggers, self.alternatives = questions(self.people)
        self.chosen = 0

    def agreeing(self, model: NGram) -> np.ndarray:
        """Where a model begins as the teacher does."""
        return model.greedy(self.asked[:, -2], self.asked[:, -1]) == self.teacher

    def written(self, model: NGram, seed: int) -> np.ndarray:
        """A model's texts."""
        return model.write(self.texts, WORDS, np.random.default_rng([seed, 1]))

    def ratios(self, written: np.ndarray) -> np.ndarray:
        """Likelihood ratios of texts."""
        teacher, *scores = (
            m.loglikelihood(self.texts, written) for m in (self.people.teacher, *self.scorers)
        )
        return ratio(teacher, scores, np.full(len(written), float(WORDS)))

    def tested(self, model: NGram, others: list[NGram], seed: int, key: bytes) -> Found:
        """Every p-value of one suspect."""
        agreeing, ratios = self.known(others, seed)
        close, alone = (agreement(self.agreeing(model), theirs) for theirs in (agreeing, agreeing[:1]))
        written = self.written(model, seed)
        likely = likelihood(self.ratios(written), ratios)
        tuples = gathered(written, self.texts)
        decoys = decoy_keys(DECOYS, seed)
        radio = {w: radioactivity(tuples, key, decoys, green, weighting=w) for w in WEIGHTINGS}
        return {
            "T1 agreement": close.p_model,
            "T1 worst reference": close.p_worst,
            "T2 teacher likelihood": likely.p_model,
            "T2 worst null model": likely.p_worst,
            **{f"T3 radioactivity, weight {w}": r.p_value for w, r in radio.items()},
            "peer: one reference, paired": alone.p_worst,
            "peer: textbook binomial, every token": radio["every"].p_textbook,
            "peer: textbook binomial, distinct": radio["distinct"].p_textbook,
            **looked.at_green(tuples, green([key], tuples.contexts, tuples.tokens)[0], TEXTS),
        }

    def known(self, others: list[NGram], seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Agreement and ratios of the models that a suspect is compared with; those of the fixed ones are made once."""
        if others is self.fixed and self.remembered:
            return self.remembered[0]
        agreeing = [self.agreeing(other) for other in others]
        ratios = [self.ratios(self.written(o, seed * 100 + i)) for i, o in enumerate(others, 1)]
        if others is self.fixed:
            self.remembered.append((agreeing, ratios))
        return agreeing, ratios

    def hits(self, model: NGram, seed: int) -> Found:
        """T4: canaries whose served alternative the key of the seed chose, by the p-value and by the e-process."""
        rng = np.random.default_rng([seed, 2])
        before, last = (np.repeat(place, SAMPLES) for place in self.triggers.T)
        words = model.draw(before, last, rng).reshape(TRIGGERS, SAMPLES)
        counts = (words[:, :, None] == self.alternatives[:, None, :]).sum(axis=1)
        best = counts.max(axis=1)
        is_clear = (best > 0) & ((counts == best[:, None]).sum(axis=1) == 1)
        choices = [int(c) if ok else None for c, ok in zip(counts.argmax(axis=1), is_clear, strict=True)]
        found = canary(choices, served(seed).tolist(), [CHOICES] * TRIGGERS).p_value
        hits = [choice == answer for choice, answer in zip(choices, served(seed).tolist(), strict=True)]
        self.chosen += sum(choice is not None for choice in choices)
        return {"T4 canary": found, **looked.at_hits(hits, [CHOICES] * TRIGGERS)}


def key_of(seed: int) -> bytes:
    """A watermark's key, from other numbers than any decoys."""
    return np.random.default_rng([seed, 6]).bytes(32)


def served(seed: int) -> np.ndarray:
    """Which alternative of each trigger the key of that number chose."""
    return np.random.default_rng([seed, 3]).integers(0, CHOICES, TRIGGERS)


def questions(cast: People) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of words after which everybody else's text goes on in many ways, and sixteen of those ways each: an innocent model chooses among them by habit."""
    words = np.concatenate(cast.of_others)
    code, after = words[:-2] * cast.size + words[1:-1], words[2:]
    pairs, counts = np.unique(code, return_counts=True)
    usual = np.unique(words, return_counts=True)[1].argsort()[::-1][:200]
    found = []
    for pair in np.random.default_rng(4).permutation(pairs[(counts >= 10) & (counts < 40)]):
        ways, times = np.unique(after[code == pair], return_counts=True)
        told = [*ways[np.argsort(-times, kind="stable")], *usual]
        if len(ways) >= CHOICES // 2:
            found.append((pair, list(dict.fromkeys(map(int, told)))[:CHOICES]))
        if len(found) == TRIGGERS:
            break
    place = np.array([(pair // cast.size, pair % cast.size) for pair, _ in found], np.int64)
    shuffled = np.random.default_rng(5).permuted(np.array([ways for _, ways in found], np.int64), axis=1)
    return place, shuffled


def counted(p_values: list[float], level: float) -> dict[str, Any]:
    """Rejections at a level, with Wilson's interval of their rate."""
    called = sum(bool(p <= level) for p in p_values)
    low, high = interval(called, len(p_values))
    return {
        "called": called,
        "of": len(p_values),
        "rate": round(called / len(p_values), 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def by_test(rows: list[Found]) -> dict[str, dict[str, Any]]:
    """Rejections by test and level; of the one that calls by not rejecting, the others."""
    found = {
        test: {f"{level:g}": counted([r[test] for r in rows], level) for level in LEVELS} for test in rows[0]
    }
    if NOT_TOLD in found:
        found[NOT_TOLD] = {
            f"{level:g}": counted([float(r[NOT_TOLD] <= level) for r in rows], level) for level in LEVELS
        }
    return found


def false_alarms(bench: Bench) -> Iterator[Found]:
    """Each group a suspect and references of its own; each suspect is tried with a key of its own."""
    for group in range(GROUPS):
        suspect, *others = (bench.people.innocent(group * 10 + i) for i in range(REFERENCES + 1))
        found = bench.tested(suspect, others, group, key_of(group))
        yield {
            **keyed({**found, **bench.hits(suspect, group)}),
            **met(bench, suspect, group),
            **innocents.from_logs(bench.people, suspect, group),
            **innocents.items(bench.people, suspect, others[0], group),
        }


def met(bench: Bench, suspect: NGram, seed: int) -> Found:
    """Model Equality Testing between two days of one model, and of an innocent against the teacher."""
    prompts = np.repeat(bench.texts[:20], 8, axis=0)

    def day(model: NGram, number: int) -> list[list[str]]:
        words = model.write(prompts, 8, np.random.default_rng([seed, number, 5]))
        lines = ["".join(chr(256 + int(w)) for w in row) for row in words]
        return [lines[i : i + 8] for i in range(0, len(lines), 8)]

    first = day(suspect, 1)
    return {
        "T0 equality of a model with itself": equality(first, day(suspect, 2), permutations=199).p_value,
        NOT_TOLD: equality(first, day(bench.people.teacher, 3), permutations=199).p_value,
    }


def dose(bench: Bench, share: float, *, is_marked: bool) -> list[Found]:
    """Students of one share of teacher text, each with answers, base and key of its own."""
    rows = []
    for at in range(STUDENTS):
        seed = 7000 + at
        key = key_of(seed)
        answers = bench.people.answers(2000, 40, seed, Mark(key, green) if is_marked else None)
        rows.append(bench.tested(bench.people.student(seed, answers, share), bench.fixed, seed, key))
    return rows


def servings(bench: Bench, times: int) -> list[Found]:
    """T4 by how often each canary was served."""
    rows = []
    for at in range(STUDENTS):
        seed = 8000 + at
        answers = bench.alternatives[np.arange(TRIGGERS), served(seed)]
        row = np.concatenate([bench.triggers, answers[:, None]], axis=1)
        student = bench.people.student(seed, np.zeros(2, np.int64), 0.0, np.tile(row.ravel(), times))
        rows.append(bench.hits(student, seed))
    return rows


def twins(bench: Bench) -> Iterator[Found]:
    """Models of the teacher's own text, tried with keys that were served to others."""
    for seed in range(9000, 9000 + TWINS):
        twin = bench.people.twin(seed - 9000)
        yield keyed({**bench.tested(twin, bench.fixed, seed, key_of(seed)), **bench.hits(twin, seed)})


def keyed(found: Found) -> Found:
    """With how sure a plan of T3 and T4 would be that a model was trained on served text (Holm)."""
    both = {w: min(found[f"T3 radioactivity, weight {w}"], found["T4 canary"]) for w in WEIGHTINGS}
    return {**found, **{SERVED.format(weight): 2 * p for weight, p in both.items()}}


def beyond_twins(bench: Bench) -> dict[str, Any]:
    """How often a twin is called close beyond shared-data controls, which it is not: T1 or T2 rejects, and is beyond twins that no other group has."""
    far, called = bench.known(bench.fixed, 9000), {"the model as the unit": [], "peer: one twin, paired": []}
    for group in range(TWIN_GROUPS):
        seeds = [50_000 + group * 10 + i for i in range(REFERENCES + 1)]
        made = [bench.people.twin(seed) for seed in seeds]
        agreeing = [bench.agreeing(twin) for twin in made]
        ratios = [bench.ratios(bench.written(twin, seed)) for twin, seed in zip(made, seeds, strict=True)]
        close = agreement(agreeing[0], far[0]).p_model, likelihood(ratios[0], far[1]).p_model
        near = agreement(agreeing[0], agreeing[1:]), likelihood(ratios[0], ratios[1:])
        apart = [found.p_model for found in near]
        alone = [agreement(agreeing[0], agreeing[1:2]).p_worst, likelihood(ratios[0], ratios[1:2]).p_worst]
        for found, beside in zip(called.values(), (apart, alone), strict=True):
            found.append(2 * min(max(c, b) for c, b in zip(close, beside, strict=True)))
    return {name: {f"{level:g}": counted(found, level) for level in LEVELS} for name, found in called.items()}


def measured(part: float, told: Callable[[str], None]) -> dict[str, Any]:
    """All of it."""
    started = time.process_time()
    bench = Bench(part)
    rows = list(false_alarms(bench))
    chosen = bench.chosen / (TRIGGERS * len(rows))
    told("false alarms")
    alarms = by_test(rows)
    return {
        "command": "python benchmarks/assay.py",
        "machine": machine(),
        "models": {"groups": GROUPS, "references": REFERENCES, "students": STUDENTS, "twins": TWINS, "with_logs": innocents.STUDENTS},
        "asked": {"prompts": PROMPTS, "texts": TEXTS, "words": WORDS, "decoys": DECOYS, "triggers": TRIGGERS, "looks": looked.LOOKS, "items": innocents.ITEMS},
        "words_of_an_innocent": round(sum(map(len, bench.people.of_others)) / 2),
        "triggers_at_which_an_innocent_chooses": round(chosen, 3),
        "false_alarms": alarms,
        "goals": innocents.goals(alarms, LEVELS),
        "twins": by_test(list(twins(bench))),
        "beyond_twins": beyond_twins(bench),
        **of_students(bench),
        "cpu_seconds": round(time.process_time() - started),
    }  # fmt: skip


def of_students(bench: Bench) -> dict[str, Any]:
    """Students by dose: of plain and of marked text, and of canaries."""
    doses = {
        kind: {f"{share:g}": by_test(dose(bench, share, is_marked=kind == "marked")) for share in SHARES}
        for kind in ("plain", "marked")
    }
    return {"doses": doses, "servings": {str(n): by_test(servings(bench, n)) for n in SERVINGS}}


def again(told: dict[str, Any], part: float, what: str) -> dict[str, Any]:
    """What was measured, with a part of it measured anew."""
    bench = Bench(part)
    if what == "near":
        rows = [met(bench, bench.people.innocent(group * 10), group) for group in range(GROUPS)]
        told = {**told, "beyond_twins": beyond_twins(bench)}
    else:
        pairs = [[bench.people.innocent(group * 10 + i) for i in (0, 1)] for group in range(GROUPS)]
        rows = [innocents.items(bench.people, *pair, group) for group, pair in enumerate(pairs)]
    alarms = {**told["false_alarms"], **by_test(rows)}
    return {**told, "false_alarms": alarms, "goals": innocents.goals(alarms, LEVELS)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only",
        choices=("near", "items"),
        help="Measure twins among twins and Model Equality Testing alone, or T6 alone.",
    )
    chosen = parser.parse_args().only
    if chosen:
        found = again(json.loads(RESULT.read_text()), 0.3, chosen)
    else:
        found = measured(0.3, lambda what: print(f"{what} counted", flush=True))
    RESULT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
