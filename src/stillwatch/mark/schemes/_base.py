"""What a way to watermark is: a secret says of each token after its context how strongly it speaks for the mark.

A key is bytes: 32 random ones as `stillwatch mark plan` draws them, from which an adapter derives its own numbers, or the adapter's own configuration as
JSON, where somebody marks with it already. Decoys have the form of the key, so that under the null one key is as good as another.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stillwatch.errors import InputError

Ints = NDArray[np.int64]
Scores = NDArray[np.float32]
Values = NDArray[Any]
Processor = Callable[[Ints, Scores], Scores]
"""(tokens so far, rows x length; scores of the next token, rows x vocabulary) -> other scores."""
DRAWN_BYTES = 32


class Scheme(Protocol):
    """A way to watermark. Its values are any numbers, of which a marked text has more than chance under its own key."""

    name: str

    def window(self, key: bytes) -> int:
        """How many tokens before one decide what the key says of it."""
        ...

    def expected(self, key: bytes) -> float:
        """The mean value of a text that knows nothing of the key."""
        ...

    def values(self, keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> Values:
        """What each key says of each token after its context: contexts n x window, tokens n -> keys x n."""
        ...

    def decoys(self, key: bytes, count: int, random_seed: int) -> list[bytes]:
        """Keys of the same form that nobody used."""
        ...

    def processor(self, key: bytes, delta: float) -> Processor:
        """Marks a model's scores; `delta` is how strongly, where the way has a choice."""
        ...


def is_configuration(key: bytes) -> bool:
    """Whether a key is an adapter's own configuration, and no drawn secret."""
    return _object(key) is not None


def configuration(key: bytes, what: str) -> dict[str, Any]:
    """A configuration, read. What is wrong in it is told without repeating it: it is a secret."""
    told = _object(key)
    if told is None:
        raise InputError(f"The key of {what} is no JSON object. Give its configuration as it is served with.")
    return told


def _object(key: bytes) -> dict[str, Any] | None:
    """The object of a key. One in 256 drawn keys begins as JSON does, so that only a whole object is one."""
    if key[:1] != b"{":
        return None
    try:
        told = json.loads(key)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def number(key: bytes, told: str, bits: int) -> int:
    """A number that follows from a drawn key and a name, and shows nothing of either."""
    made = hmac.new(key, told.encode(), hashlib.sha256).digest()
    return int.from_bytes(made, "big") >> (8 * len(made) - bits)


def drawn(count: int, random_seed: int) -> list[bytes]:
    """Keys as `mark plan` draws them, that nobody used. They need not be secret, but must not depend on ours."""
    rng = np.random.default_rng([random_seed, 0xDEC0])
    return [rng.bytes(DRAWN_BYTES) for _ in range(count)]


def written(told: dict[str, Any]) -> bytes:
    """A configuration in one form, so that its commitment does not hang on spaces."""
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def whole(told: dict[str, Any], name: str, least: int, usual: int | None = None) -> int:
    """A whole number of a configuration."""
    value = told.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"The configuration needs {name} as a whole number of {least} or more.")
    return value
