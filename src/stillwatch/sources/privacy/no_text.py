"""Prompts, system prompts and answers as hashed words: nothing can be read, and what was said twice still is.

Every word becomes eight signs of a hash under the operator's key; numbers become 0, and punctuation, spaces and line
ends stay. Words are what the scan takes for words: runs of letters and digits, small and capital letters alike, digits
alike; each Chinese, Japanese or Korean character is one. So two prompts are equal, share a template, or open and end
alike after it if and only if they did before; only by chance, once in some ten billion pairs of words, are two words one.

What is lost, because it needs to know a word: naming capabilities, probes of what a prompt asks for, languages and
scripts, meanings, the text in a report. A verdict of distillation leans on these, so campaigns that are found with
their text may be found as less, or not at all, without. What can still be told from such a text: lengths,
punctuation, which words are frequent, and so, for somebody with much of it and time, common words. It is made
unreadable, not anonymous: keep it as you would keep the text, and the key apart from it. Names of tools, user agents
and other columns stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.errors import PartialInputError
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.check import text_buffers
from stillwatch.sources.privacy.kernels import hash_texts
from stillwatch.sources.privacy.key import Key

COLUMNS = ("system_prompt", "prompt", "response")
"""Columns of text."""

HASHED = "hashed"
"""The state of text of which only hashes are left."""

_MOST_BYTES = 2**31 - 1


class HashedWords:
    """Turns texts into hashed words, under a key that is made of the house's key."""

    def __init__(self, key: Key) -> None:
        """Take the key of the house."""
        made = np.frombuffer(key.digest("words", b"")[:16], "<u8")
        self._halves = (np.uint64(made[0]), np.uint64(made[1]))

    def text(self, told: str) -> str:
        """One text with hashed words."""
        return str(self.column(pa.array([told], pa.string()))[0].as_py())

    def column(self, texts: pa.Array) -> pa.Array:
        """A column of texts with hashed words, each value of an encoded one once."""
        if pa.types.is_dictionary(texts.type):
            return pa.DictionaryArray.from_arrays(texts.indices, self.column(texts.dictionary))
        if texts.type != pa.string():
            return self.column(texts.cast(pa.string())).cast(texts.type)
        there = texts.is_valid()
        offsets, content = text_buffers(texts.fill_null(""))
        ends = np.empty(len(texts) + 1, np.int64)
        out = hash_texts(content, offsets, *self._halves, ends)
        if ends[-1] > _MOST_BYTES:
            raise PartialInputError("the hashed texts of one batch have more than 2 GB; read smaller batches")
        buffers = [there.buffers()[1], pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(out)]
        return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def without_text(
    batch: pa.RecordBatch, words: HashedWords, columns: Sequence[str] = COLUMNS
) -> pa.RecordBatch:
    """The batch with hashed words for its texts, and `hashed` as the state of what had text; types stay."""
    had_text = pa.array(np.zeros(len(batch), np.bool_))
    for place, name in enumerate(batch.schema.names):
        column = batch.column(place)
        if name in columns and column.null_count < len(column):
            had_text = pc.or_(had_text, column.is_valid())
            batch = batch.set_column(place, name, words.column(column))
    return _with_state(batch, had_text)


def _with_state(batch: pa.RecordBatch, had_text: pa.Array) -> pa.RecordBatch:
    name = "content_state"
    place = batch.schema.get_field_index(name)
    if place >= 0:
        return batch.set_column(place, name, _marked(batch.column(place), had_text))
    held = dict(zip(batch.schema.names, batch.columns, strict=True))
    held[name] = _marked(pa.nulls(len(batch), pa.string()), had_text)
    names = [column.name for column in EXCHANGE.columns if column.name in held]
    return pa.RecordBatch.from_arrays([held[one] for one in names], names)


def _marked(before: pa.Array, had_text: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(before.type):
        return _marked(before.dictionary_decode(), had_text).dictionary_encode()
    return pc.if_else(had_text, pa.scalar(HASHED, before.type), before)
