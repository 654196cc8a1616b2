"""What the model reads of a request, in plain Python: places of words and word pairs, probes and properties.

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

from stillwatch.fingerprint.capability import BUCKETS, GIVEN, properties
from stillwatch.fingerprint.kernels import MIX_A, OUTER_WORDS, WEIGHT_SHIFT
from stillwatch.fingerprint.probes import BIT, word_key
from stillwatch.fingerprint.text import text_keys

WORD = re.compile(r"[\u3000-\U0010ffff]|[0-9A-Za-z\u0080-\u2fff]+")
key = functools.lru_cache(1 << 20)(word_key)


def places(text: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Rows of the weight table and what each counts: words and pairs with the word before at both ends, words alone between."""
    words = [key(word) for word in WORD.findall(text)]
    pairs = [(b + 3 * a) % 2**64 for a, b in zip([0, *words], words, strict=False)]
    begins, ends = OUTER_WORDS, max(OUTER_WORDS, len(words) - OUTER_WORDS)
    outer = [k for some in (words, pairs) for k in (*some[:begins], *some[ends:])]
    inner = words[begins:ends]
    rows = np.array([_place(k) for k in outer] + [BUCKETS + _place(k) for k in inner], np.int32)
    counts = np.repeat([max(1, len(outer) // 2), max(1, len(inner))], [len(outer), len(inner)])
    return rows, (1 / np.sqrt(counts)).astype(np.float32)


def _place(k: int) -> int:
    return (k * int(MIX_A) % 2**64) >> int(WEIGHT_SHIFT)


def matrix(examples: Sequence[dict[str, Any]]) -> sparse.csr_matrix:
    """One row per example: counts of places, each part's over the root of its words, then probes and properties."""
    prompts = [example["prompt"] or "" for example in examples]
    read = [places(prompt) for prompt in prompts]
    ends = np.cumsum([0] + [len(rows) for rows, _ in read])
    rows, values = (np.concatenate(parts) for parts in zip(*read, strict=True))
    text = sparse.csr_matrix((values, rows, ends), (len(read), 2 * BUCKETS))
    text.sum_duplicates()
    asks = text_keys(pa.array(prompts)).asks
    probes = np.stack([(asks & bit) != 0 for bit in BIT.values()], 1)
    number = lambda name, default: np.array([example.get(name) or default for example in examples], np.int64)  # noqa: E731
    given = properties(
        tools=number("tools", 0), images=number("images", 0), turns=number("turns", 1),
        json=np.array([bool(example.get("json")) for example in examples]),
    )  # fmt: skip
    held = np.stack([(given >> place) & 1 for place in range(len(GIVEN))], 1)
    return sparse.hstack([text, sparse.csr_matrix(np.hstack([probes, held]).astype(np.float32))], "csr")
