"""Text to tokens and back, for small models: byte-level pairs, trained on the text at hand (extra `[assay]`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError, UsageError

EXTRA = "Small models need the packages torch and tokenizers: pip install 'stillwatch[assay]'."
VOCABULARY = 1024
END = 0


class Tokens:
    """A byte-level tokenizer. Every text has tokens, and tokens give back their text."""

    def __init__(self, made: Any) -> None:
        self._made = made
        self.size: int = made.get_vocab_size()

    @classmethod
    def trained(cls, texts: Iterable[str], size: int = VOCABULARY) -> Tokens:
        """Pairs of bytes by how often they stand together in the texts."""
        needed()
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415  an extra

        made = Tokenizer(models.BPE())
        made.pre_tokenizer, made.decoder = (
            pre_tokenizers.ByteLevel(add_prefix_space=False),
            decoders.ByteLevel(),
        )
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=["<end>"],
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        made.train_from_iterator(texts, trainer)
        return cls(made)

    @classmethod
    def opened(cls, file: Path) -> Tokens:
        """The tokenizer of a file."""
        needed()
        from tokenizers import Tokenizer  # noqa: PLC0415  an extra

        try:
            return cls(Tokenizer.from_file(str(file)))
        except Exception as error:  # the library raises Exception itself
            raise InputError(f"{file} is no tokenizer: {error}. Name the folder of a small model.") from error

    def save(self, file: Path) -> None:
        """Write it down."""
        self._made.save(str(file))

    def is_same(self, other: Tokens) -> bool:
        """Whether both turn every text into the same tokens."""
        return bool(self._made.to_str() == other._made.to_str())

    def of(self, text: str) -> list[int]:
        """The tokens of a text."""
        found: list[int] = self._made.encode(text).ids
        return found

    def of_each(self, texts: Sequence[str]) -> list[list[int]]:
        """The same for many texts."""
        return [encoded.ids for encoded in self._made.encode_batch(list(texts))]

    def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens; what is no whole character is replaced."""
        found: str = self._made.decode([int(token) for token in tokens])
        return found


def needed() -> None:
    """Refuse where the extra is missing."""
    if find_spec("torch") is None or find_spec("tokenizers") is None:
        raise UsageError(EXTRA)
