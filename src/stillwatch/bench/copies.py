"""From whom each planted account copies innocent requests.

Every planted account copies from innocent accounts of its own, those of one organisation together. Were one
company's requests copied by many planted accounts, its template would tie them together, and the company to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.simulate.arrays import Ints, Rng


@dataclass(frozen=True)
class Copies:
    """Positions in the sample, those for one planted account together: `order[first[i]:first[i + 1]]` are for the i-th."""

    order: Ints
    first: Ints

    def sources(self, account: Ints, rng: Rng) -> Ints:
        """A position in the sample for each row, given the row's planted account."""
        part = account % (len(self.first) - 1)
        size = np.diff(self.first)[part]
        chosen: Ints = self.order[self.first[part] + (rng.random(len(part)) * size).astype(np.int64)]
        return chosen


def copies_for(owners: pa.Array, accounts: int, rng: Rng) -> Copies:
    """Deal the owners of the sample's rows out to so many accounts; if they are fewer, several copy from one."""
    encoded = pc.dictionary_encode(owners)
    people = encoded.indices.to_numpy()
    many = len(encoded.dictionary)
    parts = min(accounts, many)
    part = rng.permutation(many)[people] % parts
    counts = np.bincount(part, minlength=parts)
    return Copies(np.argsort(part, kind="stable"), np.concatenate([[0], np.cumsum(counts)]))
