"""The models of the rehearsal: a teacher, and models that never saw its answers, all made here from prompts that the simulator ships.

The text is split in three by chance: the teacher's, everybody else's, and probes. A twin is trained on the teacher's own text; a sibling on the answers of
a third model; own text is the base taught what it wrote itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stillwatch.simulate.text import corpus

Ints = NDArray[np.int64]
PROMPT = 16
"""Tokens of a prompt that a model sees; what stands before them is cut off."""
STEPS = 400
REFERENCES = tuple(f"reference-{number}" for number in range(1, 5))
"""Of two, each is so large a part of the mixture that null models differ by which they happen to resemble: with four their
mean likelihood ratios differed a third as much for one seed (0.010 in place of 0.029)."""
BASES = ("base", "third", *(f"base-{number}" for number in range(1, 6)))
NULLS: Mapping[str, tuple[str, str]] = {
    "null-0": ("third", "third"),
    **{f"null-{number}": (f"base-{number}", f"base-{number}") for number in range(1, 6)},
    "null-6": ("base-1", "base-2"),
}
"""Null models: which model each is taught from, by the suspect's recipe, and whose answers it is taught; never the teacher's."""
_FROM_TEACHERS_TEXT = {"teacher", "twin"}
SCRATCH = ("teacher", "twin", *REFERENCES, *BASES)
_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class Streams:
    """The tokens of the three parts."""

    of_teacher: Ints
    of_others: Ints
    probes: Ints


def prepare(folder: Path) -> None:
    """Write the tokenizer and the three streams."""
    from stillwatch.distil.tokens import END, Tokens  # noqa: PLC0415  an extra

    folder.mkdir(parents=True, exist_ok=True)
    texts = [text for _, _, text in corpus()]
    order = np.random.default_rng(1).permutation(len(texts))
    mixed = [texts[i] for i in order]
    tokens = Tokens.trained(mixed[:4000])
    tokens.save(folder / _TOKENIZER)
    coded = [[END, *row] for row in tokens.of_each(mixed)]
    first, second = len(coded) * 2 // 5, len(coded) * 4 // 5
    parts = {"of_teacher": coded[:first], "of_others": coded[first:second], "probes": coded[second:]}
    for name, rows in parts.items():
        np.save(folder / f"{name}.npy", np.array([token for row in rows for token in row], np.int64))


def streams(folder: Path) -> Streams:
    """What `prepare` wrote."""
    return Streams(*(np.load(folder / f"{name}.npy") for name in ("of_teacher", "of_others", "probes")))


def train(folder: Path, *, seed: int, steps: int = STEPS, processes: int = 2) -> None:
    """Make the models that start from nothing, two at a time; the same seeds make the same models."""
    wanted = [(folder, name, [seed, number], steps) for number, name in enumerate(SCRATCH)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_train_one, wanted))


def _train_one(told: tuple[Path, str, list[int], int]) -> None:
    import torch  # noqa: PLC0415  an extra

    from stillwatch.distil.small import Shape, pretrained  # noqa: PLC0415  an extra
    from stillwatch.distil.tokens import Tokens  # noqa: PLC0415  an extra

    torch.set_num_threads(1)
    folder, name, seed, steps = told
    every = streams(folder)
    stream = every.of_teacher if name in _FROM_TEACHERS_TEXT else every.of_others
    shape = Shape(vocabulary=Tokens.opened(folder / _TOKENIZER).size, width=64)
    made = pretrained(stream, shape, seed=seed[0] * 1000 + seed[1], steps=steps)
    made.save(folder / name)
    Tokens.opened(folder / _TOKENIZER).save(folder / name / _TOKENIZER)


def passages(stream: Ints, count: int, seed: int, length: int = PROMPT) -> Ints:
    """Pieces of a stream, one a row."""
    starts = np.random.default_rng([seed, 3]).integers(0, len(stream) - length, count)
    found: Ints = stream[starts[:, None] + np.arange(length)]
    return found
