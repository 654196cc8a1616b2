"""How often each account's requests name the product of a possible actor: the one thing that only the text itself can say.

Counted while the rows pass, since text does not pass the door; nothing is kept but counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.door import column
from stillwatch.model.actor import Actor

FEWEST_LETTERS = 4
"""A shorter name stands in anybody's text."""


class Mentions:
    """Counts by product name and account; `see` takes the batches of the log as they are read."""

    def __init__(self, actors: Sequence[Actor]) -> None:
        names = {s.value["name"] for a in actors for s in a.statements if s.kind == "product_name"}
        self.counts: dict[str, Counter[str]] = {
            name: Counter() for name in sorted(names) if len(name) >= FEWEST_LETTERS
        }

    def see(self, batch: pa.RecordBatch) -> None:
        """Count one batch of the contract."""
        if not self.counts:
            return
        accounts = column(batch, "account_id")
        any_name = "|".join(re.escape(name) for name in self.counts)
        for text in ("system_prompt", "prompt"):
            values = column(batch, text)
            if pa.types.is_dictionary(values.type):
                values = values.dictionary_decode()
            hit = pc.fill_null(pc.match_substring_regex(values, any_name, ignore_case=True), False)  # noqa: FBT003
            if pc.any(hit).as_py():
                self._count(values.filter(hit), accounts.filter(hit))

    def _count(self, texts: pa.Array, accounts: pa.Array) -> None:
        for name, counts in self.counts.items():
            hit = pc.match_substring(texts, name, ignore_case=True)
            counts.update(accounts.filter(hit).to_pylist())
