"""Name the capability an exchange draws on, from the words of its prompt, its probes and its parts.

A linear model: the words and word pairs at either end of a prompt add the weights at their places of one hashed table, the words
between those of another, each sum is divided by the root of the number of its words, and probes and properties of the
request add weights of their own. The largest total wins. A template says at its ends what it asks; what it asks about, which may be
a hundred times as long, stands between. How the weights were found, and how often they are right, is told in
`docs/explanation/capability-model.md`; the script is `benchmarks/capability/train.py`.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint import kernels
from stillwatch.fingerprint.probes import BIT
from stillwatch.fingerprint.vectors import SUMS
from stillwatch.model.tables import CAPABILITIES

BUCKETS = int(kernels.INNER_ROWS)
"""Places of one of the two tables."""
GIVEN = ("has_tools", "many_tools", "has_images", "some_turns", "many_turns", "json")
"""Properties of a request that have weights."""
_FIRST_GIVEN = 40


class Weights(NamedTuple):
    """The model: a column per capability, in the order of `CAPABILITIES`; the rows of `words` are those of the ends, then those between."""

    words: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float32]
    flags: npt.NDArray[np.float32]
    start: npt.NDArray[np.float32]


@functools.cache
def weights() -> Weights:
    """The weights that come with the package."""
    place = resources.files("stillwatch.fingerprint") / "data" / "capability.npz"
    with resources.as_file(place) as path, np.load(path, allow_pickle=False) as held:
        return Weights(*(held[name] for name in Weights._fields))


@functools.cache
def padded() -> npt.NDArray[np.int8]:
    """The weights of words, each row as long as what is added up together."""
    return np.pad(weights().words, ((0, 0), (0, SUMS - len(CAPABILITIES))))


def properties(
    *,
    tools: npt.NDArray[np.int64],
    images: npt.NDArray[np.int64],
    turns: npt.NDArray[np.int64],
    json: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """A bit for each of `GIVEN`, the first the lowest, for n requests; tools, images and turns are counts."""
    bits = np.zeros(len(json), np.uint8)
    for given in (json, turns >= 9, turns >= 3, images > 0, tools >= 4, tools > 0):
        bits = 2 * bits + given
    return bits.astype(np.int64)


def capabilities(
    asks: npt.NDArray[np.int64],
    *,
    about: npt.NDArray[np.int32],
    words: npt.NDArray[np.int32],
    given: npt.NDArray[np.int64],
    table_speaks: float = 0.0,
) -> npt.NDArray[np.int8]:
    """Position in `CAPABILITIES` for each of n requests; `about` holds the sums of `kernels.text_keys`, `given` what `properties` says.

    The rows of a table add `table_speaks` to data analysis, in natural log of the odds; the model was made without them.

    A request of which nothing is known, no word and no property, is the last one: other. Probes that came after
    the model was made have no weight in it.
    """
    flags = asks | given << _FIRST_GIVEN
    model = weights()
    table = np.zeros((_FIRST_GIVEN + len(GIVEN), kernels.CAPABILITIES), np.float32)
    probes = len(model.flags) - len(GIVEN)
    table[:probes] = model.flags[:probes]
    table[_FIRST_GIVEN:] = model.flags[probes:]
    table[tuple(BIT).index("table_rows"), CAPABILITIES.index("data_analysis")] = table_speaks
    best = np.zeros(len(asks), np.int8)
    kernels.name_capabilities(flags, about, words, table, model.scale, model.start, best)
    return best
