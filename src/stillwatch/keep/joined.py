"""Batches of small files put together: what is done for each batch costs as much for a few rows as for many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.assemble import Passed

FEW, ENOUGH = 1 << 14, 1 << 16
"""Rows of a batch that is not left alone, and of those together that need no further ones."""


def joined(rows: Iterable[Passed], *, few: int = FEW, enough: int = ENOUGH) -> Iterator[Passed]:
    """The same rows in the same order; those that come with what was read of them are left as they are."""
    held: list[Passed] = []
    count = 0
    for passed in rows:
        alone = len(passed.keyed) >= few or passed.contract is not None
        if held and (alone or count >= enough or passed.keyed.schema != held[0].keyed.schema):
            yield _one(held)
            held, count = [], 0
        if alone:
            yield passed
        else:
            held.append(passed)
            count += len(passed.keyed)
    if held:
        yield _one(held)


def _one(held: list[Passed]) -> Passed:
    if len(held) == 1:
        return held[0]
    names: dict[str, dict[int, str]] = {}
    for one in held:
        for column, told in one.names.items():
            known = names.setdefault(column, {})
            known |= {key: value for key, value in told.items() if key not in known}
    codes = [one.codes for one in held if one.codes is not None]
    keys = pa.concat_batches([one.keyed for one in held])
    return Passed(keys, names, np.concatenate(codes) if codes else None)
