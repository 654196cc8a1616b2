"""What only the text itself can say, counted while the rows pass: names of products, and texts that are known of an actor.

Text does not pass the door, and of a request's eight text anchors one is kept. So both are looked for here, in passing; what is
kept are counts, and the positions of requests around a known text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.attribute.suspect import Integers
from stillwatch.fingerprint.door import column
from stillwatch.fingerprint.kernels import ANCHORS, SHINGLE_WORDS
from stillwatch.fingerprint.text import Keys, text_keys
from stillwatch.model.actor import Actor

FEWEST_LETTERS = 4
"""A shorter name stands in anybody's text."""


class Mentions:
    """Counts by product name and account, and rows by text; `see` takes the batches of a log in their order.

    `is_blind` says that of some batches nothing but keys was left, so that names were not looked for in them.
    """

    def __init__(self, actors: Sequence[Actor]) -> None:
        said = [s for a in actors for s in a.statements]
        names = {s.value["name"] for s in said if s.kind == "product_name"}
        self.counts: dict[str, Counter[str]] = {
            name: Counter() for name in sorted(names) if len(name) >= FEWEST_LETTERS
        }
        self.texts = sorted({s.value["text"] for s in said if s.kind == "template_sketch"})
        self._keys, self._text_of = _index(self.texts)
        self._rows: dict[str, list[Integers]] = {text: [] for text in self.texts}
        self._seen = 0
        self.is_blind = False

    def see(self, batch: pa.RecordBatch | None, keyed: pa.RecordBatch) -> None:
        """Count one batch of the contract, if it is still at hand, and its keys."""
        if self.counts and batch is not None:
            self._see_names(batch)
        self.is_blind |= bool(self.counts) and batch is None
        if len(self._keys):
            self._see_texts(np.asarray(keyed.column("anchors").flatten()))
        self._seen += keyed.num_rows

    def rows(self, text: str) -> Integers:
        """Positions in the log of requests around that text."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *self._rows.get(text, ())]))

    def _see_names(self, batch: pa.RecordBatch) -> None:
        accounts = column(batch, "account_id")
        any_name = "|".join(re.escape(name) for name in self.counts)
        for source in ("system_prompt", "prompt"):
            values = column(batch, source)
            if pa.types.is_dictionary(values.type):
                values = values.dictionary_decode()
            hit = pc.fill_null(pc.match_substring_regex(values, any_name, ignore_case=True), False)  # noqa: FBT003
            if pc.any(hit).as_py():
                self._count(values.filter(hit), accounts.filter(hit))

    def _count(self, texts: pa.Array, accounts: pa.Array) -> None:
        for name, counts in self.counts.items():
            hit = pc.match_substring(texts, name, ignore_case=True)
            counts.update(accounts.filter(hit).to_pylist())

    def _see_texts(self, anchors: Keys) -> None:
        at = np.searchsorted(self._keys, anchors).clip(max=len(self._keys) - 1)
        hits = np.flatnonzero(self._keys[at] == anchors)
        if not len(hits):
            return
        keys, rows = at[hits], hits // ANCHORS + self._seen
        order = np.argsort(keys, kind="stable")
        found, starts = np.unique(keys[order], return_index=True)
        for key, mine in zip(found.tolist(), np.split(rows[order], starts[1:]), strict=True):
            for text in self._text_of[key]:
                self._rows[text].append(mine)


def shingles(text: str) -> Keys:
    """Keys of all runs of eight words of a text."""
    spaced = re.sub(r"([\u2E80-\u9FFF\uAC00-\uD7FF\uF900-\uFAFF])", r" \1 ", text)
    words = spaced.split()
    starts = range(max(1, len(words) - SHINGLE_WORDS + 1))
    windows = [" ".join(words[at : at + SHINGLE_WORDS]) for at in starts]
    keys = np.unique(text_keys(pa.array(windows)).anchors)
    found: Keys = keys[keys != 0]
    return found


def _index(texts: Sequence[str]) -> tuple[Keys, list[list[str]]]:
    """All runs of all texts in order, and of each the texts that hold it."""
    holders: dict[int, list[str]] = defaultdict(list)
    for text in texts:
        for key in shingles(text).tolist():
            holders[key].append(text)
    keys = np.array(sorted(holders), np.uint64)
    return keys, [holders[key] for key in keys.tolist()]
