"""Innocent clusters to compare a group with: the table that comes with the package.

Each is a cluster of a simulated world without a campaign, linked by the same code and held to the same bar before it
was compared: `benchmarks/references.py` makes the table. None of them is real, which is said wherever a number that
rests on them is shown. The other clusters of the scanned log are no references: there are too few of them, and
some may be campaigns (docs/adr/0020).
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources

import numpy as np

from stillwatch.judge.purpose import CONDITIONS, FEATURES, PLATT, PRIOR_BITS, SHAPED_BITS, UNREAD_BITS
from stillwatch.weigh.holding import Floats, Integers, Mask

BANDS = (32, 64)
"""Where a class of size begins, in principals; the first begins below. The classes are fixed before any log is seen."""


@dataclass(frozen=True, eq=False)
class References:
    """n innocent clusters: principals, whether their log shows prompts and addresses, bits for a training set."""

    parties: Integers
    reads_prompts: Mask
    reads_addresses: Mask
    bits: Floats

    def of_class(self, parties: int, *, reads_prompts: bool, reads_addresses: bool) -> Floats:
        """The bits of those of the same class: like size, from a log that shows as much."""
        alike = (
            (np.digitize(self.parties, BANDS) == np.digitize(parties, BANDS))
            & (self.reads_prompts == reads_prompts)
            & (self.reads_addresses == reads_addresses)
        )
        found: Floats = self.bits[alike]
        return found


@functools.cache
def packaged() -> References:
    """The table that comes with the package."""
    text = (resources.files("stillwatch.judge") / "data" / "references.json").read_text("utf-8")
    held = json.loads(text)["clusters"]
    return References(
        parties=np.array(held["parties"], np.int64),
        reads_prompts=np.array(held["reads_prompts"], np.bool_),
        reads_addresses=np.array(held["reads_addresses"], np.bool_),
        bits=np.array(held["bits"], np.float64),
    )


def made_with() -> str:
    """The weights of purpose and where they hold, as text: a table that was made with others is stale."""
    limits = (n for f in FEATURES for n in (f.middle, f.weight, f.least, f.most, f.low, f.high))
    return " ".join(
        f"{number:g}" for number in (PRIOR_BITS, UNREAD_BITS, SHAPED_BITS, *PLATT, *limits, *CONDITIONS)
    )
