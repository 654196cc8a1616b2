"""The meaning of sentences as 64-bit codes, from a folder of static word vectors that the operator names.

A static model gives each word piece a vector, and a sentence the sum of its pieces' vectors. The sign of that sum on
64 fixed directions is the sentence's code: sentences that mean alike differ in few bits (Charikar, 2002; directions
of +1 and -1, Achlioptas, 2003). Since a sum of projections is the projection of the sum, each word is projected once,
in whole numbers, and no vector of a text is ever made; codes do not depend on how rows are batched.

The folder is what the library `model2vec` writes: `model.safetensors`, `tokenizer.json`, `config.json`. It is read from
the disk and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.errors import InputError, UsageError
from stillwatch.fingerprint import sentences
from stillwatch.fingerprint.kernels import MIX_A, MIX_B
from stillwatch.fingerprint.often import power_of_two
from stillwatch.fingerprint.sentences import Content, New, Table
from stillwatch.fingerprint.text import Keys, buffers

FILES = ("model.safetensors", "tokenizer.json")
"""What is read of the folder."""
STEPS = 1 << 15
"""The largest projection of a word piece, in whole steps."""
MOST_WORDS = 1 << 19
"""Words that are kept projected; beyond them all are forgotten, which costs time and changes nothing."""
NEW_WORDS = 1 << 16
"""Words that are learned at a time."""
_DIGITS = re.compile(r"[0-9]+")

Encode = Callable[[Sequence[str]], list[list[int]]]
"""Word pieces of each text; those that the model does not know are left out."""


@dataclass(eq=False)
class Meanings:
    """Codes of sentences by one model: what its pieces project to, in shape (pieces, 64), and the words seen so far; for one thread at a time, others wait."""

    encode: Encode
    pieces: npt.NDArray[np.int32]
    digest: str
    _table: Table = field(init=False)
    _known: int = field(init=False)
    _asked: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        """Know no word yet."""
        self._forget()

    def codes(self, texts: pa.Array) -> Keys:
        """Codes of the first and last sentences of each text, in shape (n, 8), 0 where there are fewer."""
        out = np.zeros((len(texts), sentences.CODES), np.uint64)
        content, left = Content(*buffers(texts)), np.arange(len(texts))
        new = New(np.empty(NEW_WORDS, np.uint64), np.empty((NEW_WORDS, 2), np.int64))
        with self._asked:
            while len(left):
                count, done = sentences.codes(content, left, self._table, out, new)
                if count:
                    self._learn(content.bytes, New(new.keys[:count], new.spans[:count]))
                left = left[~done]
        return out

    def _forget(self) -> None:
        room = power_of_two(2 * MOST_WORDS)
        sums = np.zeros((NEW_WORDS, sentences.BITS), np.int32)
        self._table, self._known = Table(np.zeros(room, np.uint64), np.zeros(room, np.int32), sums), 0

    def _learn(self, content: npt.NDArray[np.uint8], new: New) -> None:
        keys, first = np.unique(new.keys, return_index=True)
        if self._known + len(keys) > MOST_WORDS:
            self._forget()
        words = [content[begin:end].tobytes().decode("utf-8", "replace") for begin, end in new.spans[first]]
        sums = projected([as_keyed(word) for word in words], self.encode, self.pieces)
        after = self._known + len(sums)
        if after > len(self._table.sums):
            longer = np.zeros((power_of_two(after), sentences.BITS), np.int32)
            longer[: self._known] = self._table.sums[: self._known]
            self._table = self._table._replace(sums=longer)
        self._table.sums[self._known : after] = sums
        rows = np.where(sums.any(axis=1), np.arange(self._known, after), -1).astype(np.int32)
        sentences.enter(keys, rows, self._table)
        self._known = after


def as_keyed(word: str) -> str:
    """The word as its key has it: ASCII letters in lower case, a run of digits as one 0."""
    folded = word.lower() if word.isascii() else "".join(c.lower() if c.isascii() else c for c in word)
    return _DIGITS.sub("0", folded)


def projected(words: Sequence[str], encode: Encode, pieces: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The sum of the projections of each word's pieces, 0 where it has none."""
    found = encode(words)
    counts = np.array([len(ids) for ids in found], np.int64)
    sums = np.zeros((len(words), pieces.shape[1]), np.int32)
    filled = counts > 0
    if filled.any():
        starts = np.cumsum(counts)[filled] - counts[filled]
        sums[filled] = np.add.reduceat(pieces[np.concatenate([ids for ids in found if ids])], starts, axis=0)
    return sums


def open_meanings(folder: str | Path) -> Meanings:
    """The model in that folder.

    Raises `UsageError` without the extra that reads such folders, and `InputError` if the folder holds no model.
    """
    folder = Path(folder)
    try:
        from safetensors.numpy import load_file  # noqa: PLC0415  an optional dependency
        from tokenizers import Tokenizer  # noqa: PLC0415  as above
    except ImportError as error:
        raise UsageError(
            f"A model of meanings was named, {folder}, and {error.name} is not installed, which reads it. "
            "Install it with: pip install 'stillwatch[semantic]'"
        ) from error
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(_refused(folder, f"it holds no {' and no '.join(missing)}"))
    try:
        tensors = load_file(folder / FILES[0])
        tokenizer = Tokenizer.from_file(str(folder / FILES[1]))
    except Exception as error:
        raise InputError(_refused(folder, f"it cannot be read: {error}")) from error
    return Meanings(_encoder(tokenizer), _pieces(tensors, tokenizer, folder), _digest(folder))


def _digest(folder: Path) -> str:
    """A digest of what was read of the folder, so that a result names the model that it rests on."""
    return (
        "sha256:"
        + sha256(b"".join(sha256((folder / name).read_bytes()).digest() for name in FILES)).hexdigest()
    )


def _refused(folder: Path, why: str) -> str:
    return (
        f"The setting signals.meaning_model names {folder} as a model of meanings, but {why}. Name a folder on this machine "
        f"with {', '.join(FILES)}, as model2vec writes it, or leave the setting out."
    )


def _encoder(tokenizer: Any) -> Encode:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    unknown = {tokenizer.token_to_id(token) for token in ("[UNK]", "<unk>", "[PAD]", "<pad>")}

    def encode(words: Sequence[str]) -> list[list[int]]:
        found = tokenizer.encode_batch_fast(list(words), add_special_tokens=False)
        return [[piece for piece in one.ids if piece not in unknown] for one in found]

    return encode


def _pieces(tensors: dict[str, Any], tokenizer: Any, folder: Path) -> npt.NDArray[np.int32]:
    """What each word piece adds to the 64 sums of a sentence, scaled so that the largest is `STEPS`."""
    vectors = tensors.get("embeddings", tensors.get("embedding.weight"))
    if vectors is None or vectors.ndim != 2:
        found = ", ".join(sorted(tensors)) or "nothing"
        raise InputError(_refused(folder, f"{FILES[0]} holds {found} and no table named embeddings"))
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    rows = np.asarray(tensors.get("mapping", np.arange(len(vectors))), np.int64)
    weights = np.asarray(tensors.get("weights", np.ones(len(rows))), np.float64)
    if len(rows) < size or len(weights) < size or rows.max(initial=-1) >= len(vectors):
        raise InputError(
            _refused(
                folder, f"{FILES[1]} names {size:,} word pieces and {FILES[0]} holds vectors of {len(rows):,}"
            )
        )
    shown = np.asarray(vectors, np.float64) @ directions(vectors.shape[1])
    shown = shown[rows] * weights[: len(rows), None]
    largest = np.abs(shown).max(initial=0.0)
    if not np.isfinite(largest) or largest == 0:
        raise InputError(_refused(folder, f"{FILES[0]} holds vectors that are all 0 or not finite"))
    steps: npt.NDArray[np.int32] = np.rint(shown * (STEPS / largest)).astype(np.int32)
    return steps


def directions(dimensions: int) -> npt.NDArray[np.float64]:
    """64 fixed directions of +1 and -1, in shape (dimensions, 64), the same everywhere."""
    place = np.arange(1, dimensions * sentences.BITS + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        h = place * MIX_A
        h = (h ^ (h >> np.uint64(30))) * MIX_B
        h = (h ^ (h >> np.uint64(27))) * MIX_A
    return np.where(h >> np.uint64(63) == 0, 1.0, -1.0).reshape(dimensions, sentences.BITS)
