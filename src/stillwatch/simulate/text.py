"""All text of a world in one table, and prompts as short lists of positions in it.

A prompt is never built while traffic is drawn: it is a row of part numbers (opener, literal, slot,
literal, ... closer) that `render` joins at the very end, in Arrow.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch.simulate.arrays import Ints

SLOTS = 3
PARTS = 2 * SLOTS + 3
_SLOT = re.compile(r"\{([a-z_]+)\}")


def packaged(name: str) -> bytes:
    """The bytes of a file that the room ships."""
    return resources.files("stillwatch.simulate").joinpath("data", name).read_bytes()


@cache
def grammar() -> dict[str, Any]:
    """The room's own wording: templates, slots, answers."""
    loaded: dict[str, Any] = json.loads(packaged("grammar.json"))
    return loaded


@cache
def corpus() -> tuple[tuple[str, str, str], ...]:
    """The packaged real prompts as (pool, capability, text)."""
    lines = gzip.decompress(packaged("corpus.jsonl.gz")).decode().rstrip("\n").split("\n")
    return tuple((row["p"], row["c"], row["t"]) for row in map(json.loads, lines))


@dataclass(frozen=True)
class Templates:
    """Templates with their slots: literals (T, 4), slot offsets and sizes (T, 3) into `flat`."""

    literals: Ints
    offsets: Ints
    sizes: Ints
    flat: Ints

    def __len__(self) -> int:
        """The number of templates."""
        return len(self.literals)


class Library:
    """The text table of a world; position 0 is the empty string."""

    def __init__(self) -> None:
        self._position: dict[str, int] = {"": 0}
        self._texts: list[str] = [""]
        self._pools: dict[tuple[str, str | None], Ints] = {}
        self._slots: dict[str, Ints] = {}

    def add(self, texts: Iterable[str]) -> Ints:
        """Positions of the texts, which are added where they are new."""
        found = []
        for text in texts:
            position = self._position.get(text)
            if position is None:
                position = self._position[text] = len(self._texts)
                self._texts.append(text)
            found.append(position)
        return np.array(found, dtype=np.int64)

    def text(self, position: int) -> str:
        """The text at a position."""
        return self._texts[position]

    def pool(self, name: str, capability: str | None = None) -> Ints:
        """Packaged prompts of a pool, all or those of one capability."""
        key = (name, capability)
        if key not in self._pools:
            self._pools[key] = self.add(t for p, c, t in corpus() if p == name and capability in (None, c))
        return self._pools[key]

    def define(self, slot: str, positions: Ints) -> None:
        """Make the texts at these positions the values of a slot."""
        self._slots[slot] = positions

    def slot(self, name: str) -> Ints:
        """Values of a slot: defined for this world, packaged grammar, or a pool of the same name."""
        if name not in self._slots:
            axes = grammar()["slots"].get(name)
            if axes is None:
                self._slots[name] = self.pool(name)
            else:
                self._slots[name] = self.add(
                    " ".join(filter(None, words)) for words in itertools.product(*axes)
                )
        return self._slots[name]

    def templates(self, texts: Sequence[str]) -> Templates:
        """Parse templates such as `Summarise {doc} in {ns} words`."""
        literals = np.zeros((len(texts), SLOTS + 1), dtype=np.int64)
        offsets, sizes = np.zeros((2, len(texts), SLOTS), dtype=np.int64)
        where: dict[str, int] = {}
        flat: list[Ints] = [np.zeros(1, dtype=np.int64)]
        for row, text in enumerate(texts):
            pieces = _SLOT.split(text)
            names = pieces[1::2][:SLOTS]
            literals[row, : len(names) + 1] = self.add(pieces[0 : 2 * len(names) + 1 : 2])
            for column, name in enumerate(names):
                if name not in where:
                    where[name] = sum(map(len, flat))
                    flat.append(self.slot(name))
                offsets[row, column], sizes[row, column] = where[name], len(self.slot(name))
        return Templates(literals, offsets, sizes.clip(1), np.concatenate(flat))

    def frozen(self) -> tuple[pa.Array, Ints]:
        """The table as Arrow strings, and the length of each text in characters."""
        return pa.array(self._texts, pa.string()), np.array([len(t) for t in self._texts], dtype=np.int64)
