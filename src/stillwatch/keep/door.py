"""Batches of a log through the door, in their order: keys of one are made while the next is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from stillwatch.engine.batches import in_order
from stillwatch.fingerprint.assemble import Gather, Passed
from stillwatch.fingerprint.door import keyed

AT_ONCE = 2
"""Batches that keys are made of at once, each of some 50 MB. One thread reads them all, and takes longer for one than its keys take: more would wait for it."""


@dataclass(frozen=True, eq=False)
class Door:
    """The door of `gather`, with as many threads as there are to do with."""

    gather: Gather
    threads: int

    def passed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Passed]:
        """The batches' rows as they came through; what a batch is drawn from is asked on the caller's thread."""
        return in_order(batches, self._passed, threads=min(self.threads, AT_ONCE))

    def _passed(self, batch: pa.RecordBatch) -> Passed:
        return self.gather.passed(batch, keyed(batch))
