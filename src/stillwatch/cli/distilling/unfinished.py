"""A run that was cut goes on: what it had is kept beside the place of its result, and is gone when the result is there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillwatch.errors import UsageError

SUFFIX = ".unfinished"
_BEGUN = "begun.json"
PRIVATE = 0o700


def unfinished(out: Path, parts: Mapping[str, Any], *, start_over: bool) -> Path:
    """The folder of a run to that place, new or as it was left. One that was begun otherwise is not mixed with this one."""
    folder = out.with_name(out.name + SUFFIX)
    if start_over:
        shutil.rmtree(folder, ignore_errors=True)
    told = json.loads(json.dumps(parts))
    if (folder / _BEGUN).exists():
        differing = _differing(folder / _BEGUN, told)
        if differing:
            raise UsageError(
                f"A run to {out} was begun with other {', '.join(differing)}, and is in {folder}. "
                "Give the same as then to go on with it, or --start-over."
            )
        return folder
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        (folder / _BEGUN).write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}. Name another place with --out."
        ) from error
    return folder


def _differing(file: Path, told: Mapping[str, Any]) -> list[str]:
    try:
        begun = json.loads(file.read_text("utf-8"))
        return sorted(name for name in set(begun) | set(told) if begun.get(name) != told.get(name))
    except (OSError, ValueError, TypeError):
        return ["notes, which cannot be read"]
