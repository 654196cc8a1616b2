"""Train the capability model and write its weights into the package.

    python benchmarks/capability/train.py PROMPTS --simulated WORLD --simulated WORLD

PROMPTS is a folder of published prompts (`docs/explanation/capability-model.md` names them), WORLD a simulated
world with its truth beside it. Needs the extra `bench`, which the package itself does not.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from composed import Composer
from exemplars import (
    HELD_OUT,
    LONGEST,
    Example,
    Writer,
    from_published,
    held_out,
    ordinary,
    published,
    telling,
)
from readings import matrix
from sklearn.linear_model import LogisticRegression
from worded import Worder
from worlds import exchanges

from stillwatch.fingerprint.capability import BUCKETS
from stillwatch.model.tables import CAPABILITIES

WEIGHTS = Path(__file__).parents[2] / "src" / "stillwatch" / "fingerprint" / "data" / "capability.npz"
TELLING_START = 60
EACH = 400
"""Examples for every part of a language and every capability."""
FRAMED = 60_000
"""Published tasks inside templates."""
WORDED, WORDED_ELSEWHERE = 8000, 600
"""Requests of the folder `wording` for every capability, in English and in every other language."""
SHORTEST = 20
"""By so many of its first characters a held-out prompt is known again inside a template; shorter ones say too little."""


def gather(prompts: Path, worlds: list[Path], most: int) -> list[Example]:
    """All training examples; published prompts that are held out are in none of them."""
    rows = [row for row in published(prompts) if not held_out(row[1])]
    writer = Writer(7, [prompt for _, prompt, _ in rows])
    composer = Composer(rows, writer)
    examples = [*from_published(rows, writer), *telling(rows, writer, 1500), *ordinary(writer, 2500)]
    examples += [*composer.examples(EACH), *composer.framed(FRAMED)]
    kept_out = KeptOut(
        prompt[:TELLING_START]
        for _, prompt, _ in published(prompts)
        if held_out(prompt) and len(prompt) >= SHORTEST
    )
    for world in worlds:
        examples += [row for row in simulated(world, most) if not kept_out.are_in(row["prompt"])]
    examples += Worder([prompt for _, prompt, _ in rows], 17).examples(WORDED, WORDED_ELSEWHERE)
    return examples


class KeptOut:
    """Beginnings of held-out prompts, each known by its first `SHORTEST` characters."""

    def __init__(self, beginnings: Iterable[str]) -> None:
        self.by_start: dict[str, list[str]] = {}
        for one in beginnings:
            self.by_start.setdefault(one[:SHORTEST], []).append(one)

    def are_in(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        starts = (text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1))
        return any(one in text for start in starts for one in self.by_start.get(start, ()))


def simulated(world: Path, most: int) -> list[Example]:
    """Distinct requests of a simulated world, extraction and other traffic in equal parts, none longer than `LONGEST`."""
    known = {}
    for row in exchanges(world):
        if row["prompt"] and row["capability"] in CAPABILITIES:
            row["prompt"] = row["prompt"][:LONGEST]
            known.setdefault((row["prompt"], row["capability"]), row)
    rng = random.Random(3)  # noqa: S311 - draws examples
    kept = []
    for wanted in (True, False):
        rows = [row for row in known.values() if row["extraction"] is wanted]
        kept += rng.sample(rows, min(most, len(rows)))
    return [{**row, "source": "simulated"} for row in kept]


def balance(names: list[str]) -> np.ndarray:
    """Weight of each example: classes count by the root of their size."""
    count = Counter(names)
    weight = np.array([count[name] ** -0.5 for name in names])
    return weight / weight.mean()


def main() -> None:
    """Fit, round the word weights to eight bits, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompts", type=Path)
    parser.add_argument("--simulated", type=Path, action="append", default=[])
    parser.add_argument("--most", type=int, default=4000)
    parser.add_argument("--strength", type=float, default=0.3)
    options = parser.parse_args()
    examples = gather(options.prompts, options.simulated, options.most)
    names = [example["capability"] for example in examples]
    print(len(examples), "examples, one in", HELD_OUT, "published prompts held out;", dict(Counter(names)))
    model = LogisticRegression(C=options.strength, max_iter=100, tol=1e-3)
    model.fit(
        matrix(examples).astype(np.float32),
        [CAPABILITIES.index(name) for name in names],
        sample_weight=balance(names),
    )
    words, flags = model.coef_[:, : 2 * BUCKETS].T, model.coef_[:, 2 * BUCKETS :].T
    scale = np.abs(words).max(axis=0) / 127
    np.savez_compressed(
        WEIGHTS,
        words=np.rint(words / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        flags=flags.astype(np.float32),
        start=model.intercept_.astype(np.float32),
    )
    print(WEIGHTS.name, WEIGHTS.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
