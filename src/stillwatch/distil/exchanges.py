"""What a student is taught from: pairs of prompt and answer, from any log that can be read, or prompts to ask a teacher.

Only rows that name the teacher as their model count. Secrets of known shapes are masked: a student must not learn them by heart.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from stillwatch.errors import InputError
from stillwatch.model.tables import EXCHANGE, TableSchema
from stillwatch.sources.check import broken_rows
from stillwatch.sources.files import one_file, sources
from stillwatch.sources.privacy.secrets import without_secrets

_READ = TableSchema(EXCHANGE.name, tuple(replace(column, required=False) for column in EXCHANGE.columns))
_NAMES = ("model", "prompt", "response", "status")
_ERRORS = 400


@dataclass(frozen=True)
class Pair:
    """A prompt and the teacher's answer to it."""

    prompt: str
    answer: str


class Taken(NamedTuple):
    """Pairs, and how many rows were left out by reason."""

    pairs: tuple[Pair, ...]
    left_out: Mapping[str, int]


def file_digest(file: Path) -> str:
    """SHA-256 of a file of any size."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error


def read_pairs(file: Path, teacher: str) -> Taken:
    """The exchanges of a file that the teacher answered. A file in which no row names a model is all the teacher's."""
    left_out: Counter[str] = Counter()
    rows = list(_rows(file, left_out))
    models = {row["model"] for row in rows} - {None}
    pairs = []
    for row in rows:
        if models and row["model"] != teacher:
            left_out["of another model"] += 1
        elif (row["status"] or 0) >= _ERRORS or not row["response"]:
            left_out["without an answer"] += 1
        elif not row["prompt"]:
            left_out["without a prompt"] += 1
        else:
            pairs.append(Pair(row["prompt"], row["response"]))
    if not pairs:
        named = f" The models named there: {', '.join(sorted(models)[:6])}." if models else ""
        raise InputError(
            f"{file} holds no answer of {teacher!r}.{named} Name a file with its exchanges: --teacher {teacher}=FILE."
        )
    return cleaned(Taken(tuple(pairs), left_out))


def cleaned(taken: Taken) -> Taken:
    """The same without secrets; how many were masked is told."""
    counts = Counter(taken.left_out)
    pairs = tuple(Pair(_clean(pair.prompt, counts), _clean(pair.answer, counts)) for pair in taken.pairs)
    return Taken(pairs, dict(sorted(counts.items())))


def read_prompts(file: Path) -> tuple[str, ...]:
    """The prompts of a file, each once, in the order of the file."""
    found = [_clean(row["prompt"], Counter()) for row in _rows(file, Counter()) if row["prompt"]]
    if not found:
        raise InputError(f'{file} holds no prompt. Write JSON lines as {{"prompt": "..."}}, or name a log.')
    return tuple(dict.fromkeys(found))


def written(pairs: Sequence[Pair], teacher: str) -> bytes:
    """Pairs as JSON lines of the contract, which `read_pairs` reads again."""
    lines = (json.dumps({"model": teacher, "prompt": pair.prompt, "response": pair.answer}) for pair in pairs)
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def prompts_digest(prompts: Sequence[str]) -> str:
    """One digest of all prompts, in order."""
    return hashlib.sha256(json.dumps(list(prompts)).encode("ascii")).hexdigest()


def _rows(file: Path, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """The four columns of each row that can be used. A file that breaks off is refused: nobody could say what was taught."""
    found = one_file(file, sources())
    for chunk in found.source.read(file, _READ).chunks():
        if chunk.failure:
            raise InputError(f"{file} breaks off: {chunk.failure}. Give a whole file.")
        if chunk.rejected:
            left_out["that break the contract"] += len(chunk.rejected)
        batch = chunk.batch.select([name for name in _NAMES if name in chunk.batch.schema.names])
        broken = broken_rows(batch, _READ)
        if broken:
            left_out["that break the contract"] += len(broken)
        whole = [number for number in range(batch.num_rows) if number not in broken]
        for row in batch.take(pa.array(whole, pa.int64())).to_pylist():
            yield dict.fromkeys(_NAMES) | row


def _clean(text: str, counts: Counter[str]) -> str:
    secrets: Counter[str] = Counter()
    clean = without_secrets(text, secrets)
    if secrets:
        counts["secrets masked"] += secrets.total()
    return clean
