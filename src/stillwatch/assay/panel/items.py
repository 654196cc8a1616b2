"""Items of one's own, as JSON lines, and the panel that is sealed over them before anybody is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from stillwatch.assay.client.transcripts import digest
from stillwatch.errors import InputError, UsageError
from stillwatch.model.panel import CENSORED, PANEL_KINDS, SAFE, UNSAFE, Item, Panel

PANEL, ITEMS, TRANSCRIPTS = "panel.json", "panel-items.jsonl", "panel-transcripts.jsonl"
KINDS = {"benchmark": (), "refusal": (SAFE, UNSAFE), "censorship": CENSORED}


def read_items(content: bytes, name: str) -> tuple[Item, ...]:
    """The items of a file, each complete."""
    found = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = msgspec.json.decode(line, type=Item)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(
                f"{name}, line {number}: {error}. An item has item_id, prompt, panel ({', '.join(PANEL_KINDS)}) and task."
            ) from error
        _refuse(item, f"{name}, line {number}")
        found.append(item)
    return tuple(found)


def _refuse(item: Item, where: str) -> None:
    if item.panel == "benchmark" and not item.expected:
        raise InputError(f"{where}: an item of a benchmark needs the expected answer.")
    kinds = KINDS[item.panel]
    if kinds and item.kind not in kinds:
        raise InputError(
            f"{where}: kind is {item.kind!r}. An item of the {item.panel} panel has one of {', '.join(kinds)}."
        )


def together(parts: Iterable[Sequence[Item]]) -> tuple[Item, ...]:
    """All items, of which no two have one id and no two ask the same of the same task."""
    every = [item for part in parts for item in part]
    seen: set[tuple[str, str]] = set()
    for item in every:
        for mark in (("id", item.item_id), (item.row, item.prompt)):
            if mark in seen:
                raise InputError(
                    f"The item {item.item_id!r} stands there twice, or asks what another one asks. Each may count once."
                )
            seen.add(mark)
    return tuple(every)


def written_items(items: Sequence[Item]) -> bytes:
    """Items as a file."""
    return b"".join(msgspec.json.encode(item, order="deterministic") + b"\n" for item in items)


def sealed(panel: Panel) -> Panel:
    """The panel with its seal."""
    names = [model.name for model in panel.models]
    if len(set(names)) < len(names):
        raise UsageError("Suspect, base and teacher need a name each.")
    return replace(panel, seal=_seal(panel))


def _seal(panel: Panel) -> str:
    return digest(asdict(replace(panel, seal="")))


def written(panel: Panel) -> bytes:
    """The panel as a file."""
    return (json.dumps(asdict(panel), indent=1, sort_keys=True) + "\n").encode()


def opened(folder: Path) -> tuple[Panel, tuple[Item, ...]]:
    """The panel and the items of a folder, if they are what was sealed."""
    try:
        panel = msgspec.json.decode((folder / PANEL).read_bytes(), type=Panel)
        content = (folder / ITEMS).read_bytes()
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(f"{folder} holds no panel: {error}. `stillwatch assay panel` seals one.") from error
    if panel.seal != _seal(panel) or hashlib.sha256(content).hexdigest() != panel.items_digest:
        raise InputError(
            f"The panel in {folder} was altered after it was sealed. Make a new one in a new folder, and ask anew."
        )
    return panel, read_items(content, str(folder / ITEMS))
