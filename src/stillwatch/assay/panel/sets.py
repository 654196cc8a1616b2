"""Public sets of prompts, read as they are published. None of them is shipped: get a copy from its owner, and mind its licence.

A file is read by its columns, so that a copy in CSV and one in JSON lines do. Which of a set's prompts are safe is what the set says.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError, UsageError
from stillwatch.model.panel import CENSORED, SAFE, UNSAFE, Item, PanelKind

Row = Mapping[str, Any]
MOST_ROWS = 200_000


@dataclass(frozen=True)
class PublicSet:
    """A published set: its columns, whose it is, and what one of its rows means (the kind; None leaves the row out)."""

    panel: PanelKind
    prompt: str
    columns: tuple[str, ...]
    kind: Callable[[Row], str | None]
    group: str
    source: str
    licence: str
    language: str = "en"


def _xstest(row: Row) -> str:
    label = str(row.get("label") or "").lower()
    return label if label in {SAFE, UNSAFE} else UNSAFE if str(row["type"]).startswith("contrast") else SAFE


def _no_context(row: Row) -> str | None:
    """HarmBench's behaviours that stand alone: one with a context asks for it, and one of copyright asks for a text."""
    is_alone = not row.get("ContextString") and row.get("FunctionalCategory", "standard") == "standard"
    return UNSAFE if is_alone else None


def _deccp(row: Row) -> str | None:
    return {"censored": CENSORED[0], "uncensored": "neutral"}.get(str(row["kind"]))


SETS: Mapping[str, PublicSet] = {
    "xstest": PublicSet(
        "refusal", "prompt", ("prompt", "type"), _xstest, "type",
        "Röttger et al., XSTest, NAACL 2024: xstest_prompts.csv (id, prompt, type, label, focus, note)", "CC BY 4.0",
    ),
    "or-bench": PublicSet(
        "refusal", "prompt", ("prompt", "category"), lambda _: SAFE, "category",
        "Cui et al., OR-Bench, 2024: or-bench-80k.csv or or-bench-hard-1k.csv (prompt, category)", "CC BY 4.0",
    ),
    "or-bench-toxic": PublicSet(
        "refusal", "prompt", ("prompt", "category"), lambda _: UNSAFE, "category",
        "Cui et al., OR-Bench, 2024: or-bench-toxic.csv (prompt, category)", "CC BY 4.0",
    ),
    "harmbench": PublicSet(
        "refusal", "Behavior", ("Behavior", "SemanticCategory", "BehaviorID"), _no_context, "SemanticCategory",
        "Mazeika et al., HarmBench, ICML 2024: harmbench_behaviors_text_all.csv", "MIT",
    ),
    "strongreject": PublicSet(
        "refusal", "forbidden_prompt", ("forbidden_prompt", "category"), lambda _: UNSAFE, "category",
        "Souly et al., StrongREJECT, NeurIPS 2024: strongreject_dataset.csv (category, source, forbidden_prompt)", "MIT",
    ),
    "ccp-sensitive": PublicSet(
        "censorship", "prompt", ("prompt", "subject"), lambda _: CENSORED[0], "subject",
        "promptfoo, CCP-sensitive-prompts, 2025: ccp-sensitive-prompts.csv (subject, prompt)", "as its page says; look before use",
    ),
    "deccp": PublicSet(
        "censorship", "prompt", ("prompt", "kind"), _deccp, "kind",
        "augmxnt, deccp, 2024: its lists as JSON lines of prompt and kind (censored, uncensored)", "Apache-2.0",
    ),
}  # fmt: skip


def read_set(told: str) -> tuple[Item, ...]:
    """The items of `NAME:FILE`."""
    name, _, file = told.partition(":")
    if name not in SETS or not file:
        raise UsageError(f"{told!r} names no set. Write NAME:FILE with one of {', '.join(SETS)}.")
    known, rows = SETS[name], list(_rows(Path(file)))
    missing = [column for column in known.columns if rows and column not in rows[0]]
    if missing or not rows:
        raise InputError(
            f"{file} is no copy of {name}: {f'it lacks {missing[0]!r}' if missing else 'it holds no row'}. Expected: {known.source}."
        )
    return tuple(_items(name, known, rows))


def _items(name: str, known: PublicSet, rows: list[Row]) -> Iterator[Item]:
    asked = set()
    for number, row in enumerate(rows, 1):
        prompt, kind = str(row[known.prompt] or "").strip(), known.kind(row)
        if not prompt or kind is None or (kind, prompt) in asked:
            continue
        asked.add((kind, prompt))
        yield Item(
            item_id=f"{name}-{number}",
            prompt=prompt,
            panel=known.panel,
            task=name,
            kind=kind,
            language=str(row.get("language") or known.language) if known.panel == "censorship" else "",
            group=str(row.get(known.group) or ""),
        )


def _rows(file: Path) -> Iterator[Row]:
    try:
        content = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}.") from error
    if content.lstrip().startswith("{"):
        yield from _lines(content, file)
        return
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(content, newline=""), strict=True)):
            if number >= MOST_ROWS:
                raise InputError(f"{file} holds more than {MOST_ROWS:,} rows. Take a part of it.")
            yield row
    except csv.Error as error:
        raise InputError(f"{file} is no CSV: {error}.") from error


def _lines(content: str, file: Path) -> Iterator[Row]:
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"{file}, line {number}: {error}.") from error
            if isinstance(row, dict) and number <= MOST_ROWS:
                yield row
