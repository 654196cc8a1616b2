"""A model of meanings written by hand: every word of some texts, and which of them mean the same.

It stands for a trained model where a case must say itself what is a paraphrase. Words that are named as synonyms have one
vector; any two others have vectors that have nothing to do with each other. Needs the extra `semantic`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa

from stillwatch.signals._base import Signal

UNKNOWN = "[UNK]"
BYTES = 64


@contextmanager
def model_for(
    signal: Signal, exchanges: pa.Table, synonyms: Sequence[Sequence[str]] = ()
) -> Iterator[Path | None]:
    """The folder of a model of these prompts while the context lasts; None for a signal that needs none."""
    if signal.setting != "meaning_model":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="stillwatch-meaning-") as folder:
        write_model(Path(folder), exchanges["prompt"].to_pylist(), synonyms)
        yield Path(folder)


def write_model(folder: Path, texts: Iterable[str | None], synonyms: Sequence[Sequence[str]] = ()) -> None:
    """Write a folder as a trained model has it; `synonyms` are groups of words, each in lower case."""
    from safetensors.numpy import save_file  # noqa: PLC0415  an optional dependency
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415  as above

    meaning = {word: group[0] for group in synonyms for word in group}
    words = sorted({word for text in texts for word in _words(text or "")} | set(meaning))
    vectors = [_vector(meaning.get(word, word)) for word in words]
    places = {UNKNOWN: 0, **{word: place for place, word in enumerate(words, start=1)}}
    tokenizer = Tokenizer(models.WordLevel(places, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.stack([np.zeros(8 * BYTES, np.float32), *vectors])
    save_file({"embeddings": table}, folder / "model.safetensors")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub("[0-9]+", "0", text.lower()))


def _vector(meaning: str) -> np.typing.NDArray[np.float32]:
    """A vector of +1 and -1 that belongs to that meaning alone."""
    bits = np.unpackbits(np.frombuffer(blake2b(meaning.encode(), digest_size=BYTES).digest(), np.uint8))
    return 2.0 * bits.astype(np.float32) - 1.0
