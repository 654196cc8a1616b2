"""Secrets that people paste into prompts, and models into answers, masked before anything is written.

Known shapes only: keys of model providers and clouds, tokens of code hosts, chat and payment services, JSON Web Tokens,
bearer tokens, private keys. Each becomes `[secret:KIND]` and is counted by kind. A secret without a known shape stays: a
password cannot be told from a word. What looks like a key and is none, such as an example in a manual, is masked too.
Texts in which none of the marks of a secret stands are not looked at further.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.sources.check import text_buffers

COLUMNS = ("system_prompt", "prompt", "response")
"""Columns in which secrets are looked for."""

_B64 = r"[A-Za-z0-9_-]"
_MIXED = rf"(?={_B64}*[0-9])(?={_B64}*[A-Za-z])"
KINDS: tuple[tuple[str, str], ...] = (
    (
        "private_key",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,30}-----|\Z)",
    ),
    ("anthropic", rf"sk-ant-{_MIXED}{_B64}{{20,}}"),
    ("openrouter", rf"sk-or-{_MIXED}{_B64}{{20,}}"),
    ("openai", rf"sk-{_MIXED}{_B64}{{20,}}"),
    ("aws", r"(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    ("github", r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})"),
    ("gitlab", rf"glpat-{_B64}{{20,}}"),
    ("slack", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("google", rf"AIza{_B64}{{35}}"),
    ("huggingface", r"hf_[A-Za-z0-9]{30,}"),
    ("stripe", r"(?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{24,}"),
    ("npm", r"npm_[A-Za-z0-9]{36}"),
    ("pypi", rf"pypi-{_B64}{{40,}}"),
    ("sendgrid", rf"SG\.{_B64}{{16,}}\.{_B64}{{16,}}"),
    ("jwt", rf"eyJ{_B64}{{8,}}\.eyJ{_B64}{{8,}}\.{_B64}*"),
    ("bearer", r"(?<=[Bb]earer )(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{20,}=*"),
)
"""Kinds of secrets and their shapes; of two that fit at one place the first counts."""

_MARKS = (
    *("PRIVATE KEY", "sk-", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"),
    *("xox", "AIza", "hf_", "sk_", "rk_", "whsec_", "npm_", "pypi-", "SG.", "eyJ", "earer "),
)
_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<{kind}>{shape})" for kind, shape in KINDS) + ")", re.DOTALL
)


def is_secret(text: str) -> bool:
    """Whether the whole text is a secret of a known shape."""
    return any(mark in text for mark in _MARKS) and _SECRET.fullmatch(text) is not None


def without_secrets(text: str, counts: Counter[str], times: int = 1) -> str:
    """The text with its secrets masked; each adds `times` to the count of its kind."""

    def mask(found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        counts[kind] += times
        return f"[secret:{kind}]"

    return _SECRET.sub(mask, text)


def masked_value(value: object) -> object:
    """A value of JSON with the secrets in all its texts masked, for a row that is shown as it was found."""
    if isinstance(value, str):
        return without_secrets(value, Counter()) if any(mark in value for mark in _MARKS) else value
    if isinstance(value, list):
        return [masked_value(one) for one in value]
    if isinstance(value, dict):
        return {masked_value(name): masked_value(one) for name, one in value.items()}
    return value


def masked(batch: pa.RecordBatch, counts: Counter[str], columns: Sequence[str] = COLUMNS) -> pa.RecordBatch:
    """The batch with the secrets in its texts masked; `counts` gets how many rows' secrets by kind."""
    for place, name in enumerate(batch.schema.names):
        if name in columns:
            column = batch.column(place)
            changed = (
                _of_encoded(column, counts) if pa.types.is_dictionary(column.type) else _of(column, counts)
            )
            if changed is not column:
                batch = batch.set_column(place, name, changed)
    return batch


def _of(column: pa.Array, counts: Counter[str], times: NDArray[np.int64] | None = None) -> pa.Array:
    """The texts; those that hold a mark are looked at one by one."""
    if column.type != pa.string():
        plain = column.cast(pa.string())
        changed = _of(plain, counts, times)
        return column if changed is plain else changed.cast(column.type)
    marked = _marked(column)
    if not len(marked):
        return column
    texts = column.take(pa.array(marked)).to_pylist()
    often = [1] * len(texts) if times is None else times[marked].tolist()
    clean = [without_secrets(text, counts, count) for text, count in zip(texts, often, strict=True)]
    if clean == texts:
        return column
    mask = np.zeros(len(column), np.bool_)
    mask[marked] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(clean, column.type))


def _of_encoded(column: pa.DictionaryArray, counts: Counter[str]) -> pa.DictionaryArray:
    """Each distinct text once, counted as often as rows hold it."""
    rows = np.asarray(column.indices.drop_null(), np.int64)
    values = _of(column.dictionary, counts, np.bincount(rows, minlength=len(column.dictionary)))
    return column if values is column.dictionary else pa.DictionaryArray.from_arrays(column.indices, values)


def _marked(column: pa.Array) -> NDArray[np.int64]:
    """The rows in which a mark of a secret stands: all bytes of a column are searched at once, mark by mark."""
    offsets, content = text_buffers(column.fill_null("") if column.null_count else column)
    whole = content.tobytes()
    places: list[int] = []
    for mark in _MARKS:
        at = whole.find(mark.encode())
        while at >= 0:
            row = int(np.searchsorted(offsets, at, side="right")) - 1
            places.append(row)
            at = whole.find(mark.encode(), int(offsets[row + 1]))
    return np.unique(np.array(places, np.int64))
