"""What the model reads of a request, in plain Python: word and word-pair places, probes and properties.

The compiled pass of `stillwatch.fingerprint.kernels` sums weights at the same places; a test compares the two.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from stillwatch.fingerprint.capability import BUCKETS, properties
from stillwatch.fingerprint.kernels import MIX_A, WEIGHT_SHIFT
from stillwatch.fingerprint.probes import BIT, word_key
from stillwatch.fingerprint.text import text_keys

WORD = re.compile(r"[\u3000-\U0010ffff]|[0-9A-Za-z\u0080-\u2fff]+")
key = functools.lru_cache(1 << 20)(word_key)


def places(text: str) -> npt.NDArray[np.int32]:
    """Rows of the weight table, one per word and one per word with the word before it."""
    words = [key(word) for word in WORD.findall(text)]
    pairs = [(b + 3 * a) % 2**64 for a, b in zip([0, *words], words, strict=False)]
    return np.array([(k * int(MIX_A) % 2**64) >> int(WEIGHT_SHIFT) for k in words + pairs], np.int32)


def matrix(examples: Sequence[dict[str, Any]]) -> sparse.csr_matrix:
    """One row per example: counts of places over the root of the words, then probes and properties."""
    prompts = [example["prompt"] or "" for example in examples]
    rows = [places(prompt) for prompt in prompts]
    ends = np.cumsum([0] + [len(row) for row in rows])
    words = np.array([max(len(row) // 2, 1) for row in rows], np.float32)
    values = np.repeat(1 / np.sqrt(words), np.diff(ends)).astype(np.float32)
    text = sparse.csr_matrix((values, np.concatenate(rows), ends), (len(rows), BUCKETS))
    text.sum_duplicates()
    asks = text_keys(pa.array(prompts)).asks
    probes = np.stack([(asks & bit) != 0 for bit in BIT.values()], 1)
    number = lambda name, default: np.array([example.get(name) or default for example in examples], np.int64)  # noqa: E731
    given = properties(
        tools=number("tools", 0), images=number("images", 0), turns=number("turns", 1),
        json=np.array([bool(example.get("json")) for example in examples]),
    )  # fmt: skip
    return sparse.hstack([text, sparse.csr_matrix(np.hstack([probes, given]).astype(np.float32))], "csr")
