"""Power of assays by dose, in small transformers: `python benchmarks/small_gpt.py`, into `results/small_gpt.json`.

Two layers of width 64, trained here from prompts that the simulator ships; twenty minutes of one core. Students of one teacher by tokens taken, by
the share of them that was marked, and by how often each canary was served; several students a dose, each with a base, answers and a key of its own.
Beside them stand students of their own text, which took nothing. Null models went through the same recipe with other models' answers.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import machine

from stillwatch.assay.agreement import agreement, agrees
from stillwatch.assay.canary import canary, chosen
from stillwatch.assay.likelihood import likelihood, ratio
from stillwatch.assay.radioactivity import WEIGHTINGS, decoy_keys, gathered, radioactivity
from stillwatch.assay.tails import interval
from stillwatch.bench.rehearsed.cast import passages, prepare, streams
from stillwatch.bench.rehearsed.traffic import CITIES, OPENINGS, canaries
from stillwatch.distil.small import Batch, Shape, Small, fit, loglikelihood, pretrained, write
from stillwatch.distil.tokens import END, Tokens
from stillwatch.mark.canaries import answer_index
from stillwatch.mark.watermark import Watermark, green

RESULT = Path(__file__).parent / "results" / "small_gpt.json"
LEVEL = 0.01
STUDENTS, BASES, NULL_BASES, SCORERS, STEPS = 5, 2, 4, 2, 400
PROMPT, ANSWER, EPOCHS, RATE, ROWS = 16, 48, 3, 3e-3, 32
TAKEN = (125, 250, 500, 1000)
"""Answers of 48 tokens."""
SHARES = (0.1, 0.25, 0.5)
OF_SHARES = 1000
SERVINGS = (4, 8, 16, 32, 64)
BESIDE = 250
"""Ordinary answers beside canaries."""
ASKED, TEXTS, SAMPLES, DECOYS = 1000, 300, 48, 999
LONGEST_NAME = 12
"""Tokens within which a city is named."""
SET = "UDC-2026-001"
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}

Ints = np.ndarray[Any, np.dtype[np.int64]]
Found = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Lesson:
    """Rows of tokens, and which of them count."""

    rows: Ints
    weights: np.ndarray[Any, np.dtype[np.float32]]


def lesson(prompts: Ints, answers: Sequence[Sequence[int]]) -> Lesson:
    """Prompts with the answers after them; only an answer counts."""
    rows = np.full((len(prompts), PROMPT + ANSWER), END, np.int64)
    weights = np.zeros((len(prompts), PROMPT + ANSWER - 1), np.float32)
    rows[:, :PROMPT] = prompts
    for at, answer in enumerate(answers):
        kept = list(answer)[:ANSWER]
        rows[at, PROMPT : PROMPT + len(kept)] = kept
        weights[at, PROMPT - 1 : PROMPT - 1 + len(kept)] = 1
    return Lesson(rows, weights)


def joined(*lessons: Lesson) -> Lesson:
    """Several lessons as one."""
    return Lesson(np.concatenate([x.rows for x in lessons]), np.concatenate([x.weights for x in lessons]))


def taught(base: Small, told: Lesson, seed: int) -> Small:
    """A copy of the base that went through a lesson."""
    model, rng, batches = base.copied(), np.random.default_rng([seed, 2]), []
    for _ in range(EPOCHS):
        order = rng.permutation(len(told.rows))
        for at in range(0, len(order), ROWS):
            some = order[at : at + ROWS]
            batches.append(Batch(torch.from_numpy(told.rows[some]), torch.from_numpy(told.weights[some])))
    fit(model, batches, RATE)
    return model


class Bench:
    """The models and what all are asked."""

    def __init__(self, folder: Path) -> None:
        prepare(folder)
        self.tokens, self.text = Tokens.opened(folder / "tokenizer.json"), streams(folder)
        self.shape = Shape(vocabulary=self.tokens.size, width=64)
        self.teacher = pretrained(self.text.of_teacher, self.shape, seed=1, steps=STEPS)
        self.bases = self.others(0, BASES)
        self.asked, self.texts = (
            passages(self.text.probes, ASKED, 1),
            passages(self.text.probes, TEXTS, 2),
        )
        self.triggers = canaries(SET)
        self.nulls: list[Small] = []

    def compare(self) -> None:
        """Make the models that a suspect is compared with, and ask them."""
        self.scorers = self.others(BASES + NULL_BASES, SCORERS)
        self.nulls = list(self._nulls(self.others(BASES, NULL_BASES)))
        self.first = self.words(self.teacher)
        self.agreements = [agrees(self.words(m), self.first) for m in (*self.nulls, *self.scorers)]
        self.ratios = [self.ratio(self.written(m, 900 + i)) for i, m in enumerate(self.nulls)]

    def others(self, first: int, count: int) -> list[Small]:
        """Models of everybody else's text."""
        seeds = range(100 + first, 100 + first + count)
        return [pretrained(self.text.of_others, self.shape, seed=seed, steps=STEPS) for seed in seeds]

    def _nulls(self, bases: Sequence[Small]) -> Iterator[Small]:
        for at, base in enumerate(bases):
            for step in (0, 1):
                answers = self.answers(bases[(at + step) % len(bases)], OF_SHARES, 500 + 2 * at + step)
                yield taught(base, answers, 500 + 2 * at + step)

    def answers(self, model: Small, count: int, seed: int, mark: Watermark | None = None) -> Lesson:
        """What a model answers to a distiller's prompts."""
        prompts = passages(self.text.of_others, count, seed)
        uniforms = np.random.default_rng([seed, 8]).random((count, ANSWER))
        return lesson(prompts, write(model, prompts, ANSWER, uniforms=uniforms, processor=mark).tolist())

    def words(self, model: Small) -> list[str]:
        """How a model begins, greedily."""
        return [self.tokens.text(row) for row in write(model, self.asked, 4).tolist()]

    def written(self, model: Small, seed: int) -> Ints:
        """A model's texts."""
        return write(
            model, self.texts, ANSWER, uniforms=np.random.default_rng([seed, 9]).random((TEXTS, ANSWER))
        )

    def ratio(self, written: Ints) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Likelihood ratios of texts."""
        rows = np.concatenate([self.texts, written], axis=1)
        scores = [loglikelihood(m, rows, PROMPT).sum(axis=1) for m in (self.teacher, *self.scorers)]
        lengths = np.array([len(self.tokens.text(row).encode()) for row in written.tolist()], np.float64)
        return ratio(scores[0], scores[1:], lengths)

    def tested(self, model: Small, seed: int, key: bytes) -> Found:
        """Every test of one suspect: its p-value and its statistic."""
        close = agreement(agrees(self.words(model), self.first), self.agreements)
        written = self.written(model, seed)
        likely = likelihood(self.ratio(written), self.ratios)
        tuples, decoys = gathered(list(written), list(self.texts)), decoy_keys(DECOYS, seed)
        radio = {w: radioactivity(tuples, key, decoys, green, weighting=w) for w in WEIGHTINGS}
        return {
            "T1 agreement": (close.p_model, close.share),
            "T2 teacher likelihood": (likely.p_model, likely.share),
            **{f"T3 radioactivity, weight {w}": (r.p_value, r.z) for w, r in radio.items()},
        }

    def served(self, times: int, key: bytes) -> Lesson:
        """Every canary, so many times, each time in other words before its trigger."""
        said = [
            (f"{OPENINGS[n % len(OPENINGS)]} {c.trigger}", f" {c.answer(key)}.")
            for c in self.triggers
            for n in range(times)
        ]
        return lesson(self.ends([prompt for prompt, _ in said]), self.tokens.of_each([a for _, a in said]))

    def ends(self, prompts: Sequence[str]) -> Ints:
        """The last tokens of prompts."""
        return np.array(
            [([END] * PROMPT + coded)[-PROMPT:] for coded in self.tokens.of_each(prompts)], np.int64
        )

    def hits(self, model: Small, seed: int, key: bytes) -> tuple[float, float]:
        """T4, from text alone: its p-value, and the share of triggers that were hit."""
        prompts = np.repeat(self.ends([f"So. {c.trigger}" for c in self.triggers]), SAMPLES, axis=0)
        uniforms = np.random.default_rng([seed, 4]).random((len(prompts), LONGEST_NAME))
        said = [
            self.tokens.text(row) for row in write(model, prompts, LONGEST_NAME, uniforms=uniforms).tolist()
        ]
        choices = [
            chosen(said[at * SAMPLES : (at + 1) * SAMPLES], c.alternatives)
            for at, c in enumerate(self.triggers)
        ]
        secret = [answer_index(key, SET, c.trigger, len(CITIES)) for c in self.triggers]
        found = canary(choices, secret, [len(CITIES)] * len(self.triggers))
        return found.p_value, found.hits / found.triggers


def told(rows: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Students found at the level with Wilson's interval, and their statistic with Student's over students."""
    called = sum(p <= LEVEL for p, _ in rows)
    values = np.array([value for _, value in rows])
    half = T95[len(rows) - 1] * float(values.std(ddof=1)) / math.sqrt(len(rows))
    low, high = interval(called, len(rows))
    mean = float(values.mean())
    return {
        "called": called,
        "of": len(rows),
        "rate": round(called / len(rows), 4),
        "interval": [round(low, 4), round(high, 4)],
        "p_values": sorted(float(f"{p:.2g}") for p, _ in rows),
        "statistic": round(mean, 4),
        "statistic_interval": [round(mean - half, 4), round(mean + half, 4)],
    }


def by_test(found: Sequence[Found]) -> dict[str, Any]:
    """The same, test by test."""
    return {test: told([one[test] for one in found]) for test in found[0]}


def key_of(seed: int) -> bytes:
    """A key of a student's own, from other numbers than any decoys."""
    return np.random.default_rng([seed, 6]).bytes(32)


def student(bench: Bench, number: int, told_: Lesson) -> Small:
    """One student: bases take turns."""
    return taught(bench.bases[number % BASES], told_, 3000 + number)


def by_tokens(bench: Bench, answers: int, *, is_marked: bool) -> dict[str, Any]:
    """Students of that many answers."""
    found = []
    for number in range(STUDENTS):
        seed = 7000 + 10 * number + is_marked
        key = key_of(seed)
        taken = bench.answers(bench.teacher, answers, seed, Watermark(key) if is_marked else None)
        found.append(bench.tested(student(bench, number, taken), seed, key))
    return by_test(found)


def by_share(bench: Bench, share: float) -> dict[str, Any]:
    """Students of answers of which a share was marked."""
    found = []
    for number in range(STUDENTS):
        seed, marked = 8000 + number, round(share * OF_SHARES)
        key = key_of(seed)
        taken = joined(
            bench.answers(bench.teacher, marked, seed, Watermark(key)),
            bench.answers(bench.teacher, OF_SHARES - marked, seed + 500),
        )
        found.append(bench.tested(student(bench, number, taken), seed, key))
    return by_test(found)


def by_servings(bench: Bench, times: int) -> dict[str, Any]:
    """Students that met each canary that often, among ordinary answers; none at all for 0."""
    found = []
    for number in range(STUDENTS):
        seed = 9000 + number
        key = key_of(seed)
        ordinary = bench.answers(bench.teacher, BESIDE, seed)
        taken = joined(ordinary, bench.served(times, key)) if times else ordinary
        found.append(bench.hits(student(bench, number, taken), seed, key))
    return {"T4 canary": told(found)}


def own_text(bench: Bench) -> dict[str, Any]:
    """Students of what they wrote themselves."""
    found = []
    for number in range(STUDENTS):
        seed = 6000 + number
        taken = bench.answers(bench.bases[number % BASES], OF_SHARES, seed)
        found.append(bench.tested(student(bench, number, taken), seed, key_of(seed)))
    return by_test(found)


def of_text(bench: Bench, say: Callable[[str], None]) -> dict[str, Any]:
    """Tokens and shares."""
    bench.compare()
    parts: dict[str, Any] = {"own_text": own_text(bench)}
    say("models, own text")
    for kind in ("plain", "marked"):
        parts[kind] = {}
        for answers in TAKEN:
            parts[kind][str(answers * ANSWER)] = by_tokens(bench, answers, is_marked=kind == "marked")
            say(f"{kind}, {answers * ANSWER} tokens")
    parts["shares"] = {f"{share:g}": by_share(bench, share) for share in SHARES}
    say("shares")
    return parts


def of_canaries(bench: Bench, say: Callable[[str], None]) -> dict[str, Any]:
    """Servings."""
    found = {str(times): by_servings(bench, times) for times in (0, *SERVINGS)}
    say("servings")
    return {"servings": found}


PARTS: Mapping[str, Callable[[Bench, Callable[[str], None]], dict[str, Any]]] = {
    "text": of_text,
    "canaries": of_canaries,
}


def measured(names: Sequence[str]) -> dict[str, Any]:
    """These parts, and how long each took."""
    parts: dict[str, Any] = {"cpu_seconds": {}}
    with tempfile.TemporaryDirectory(prefix="stillwatch-gpt-") as folder:
        bench = Bench(Path(folder))
        started = time.process_time()

        def say(what: str) -> None:
            print(f"{time.process_time():6.0f} s  {what}", flush=True)

        for name in names:
            parts |= PARTS[name](bench, say)
            parts["cpu_seconds"][name] = round(time.process_time() - started)
            started = time.process_time()
    return {
        "command": "python benchmarks/small_gpt.py",
        "machine": machine(),
        "models": {
            "students": STUDENTS,
            "nulls": 2 * NULL_BASES,
            "scorers": SCORERS,
            "width": bench.shape.width,
            "layers": bench.shape.layers,
            "parameters": sum(p.numel() for p in bench.teacher.parameters()),
            "steps": STEPS,
        },
        "asked": {"prompts": ASKED, "texts": TEXTS, "tokens": ANSWER, "decoys": DECOYS, "triggers": len(bench.triggers), "samples": SAMPLES},
        "of_shares": OF_SHARES * ANSWER,
        "beside": BESIDE * ANSWER,
        "torch": torch.__version__,
        **parts,
    }  # fmt: skip


def main() -> None:
    """Measure all of it, or one part, which takes its place in the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--out", type=Path, default=RESULT)
    told = parser.parse_args()
    torch.set_num_threads(1)
    found = measured([told.only] if told.only else list(PARTS))
    if told.only and told.out.exists():
        before = json.loads(told.out.read_text())
        found = {**before, **found, "cpu_seconds": {**before["cpu_seconds"], **found["cpu_seconds"]}}
    told.out.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
