"""Where a lesson stands, kept on disk: a run that was cut goes on there and comes to the same weights (extra `[assay]`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stillwatch.errors import InputError

EVERY = 100


@dataclass(frozen=True)
class Checkpoint:
    """A file for model, optimiser and step; `told` hears how many steps of how many are done."""

    file: Path
    told: Callable[[int, int], None] = lambda _done, _total: None
    every: int = EVERY

    def restored(self, model: Any, optimiser: Any) -> int:
        """Put model and optimiser where they stood, and tell how many steps were done: none without a file."""
        if not self.file.exists():
            return 0
        try:
            kept = torch.load(self.file, weights_only=True)
            model.load_state_dict(kept["model"])
            optimiser.load_state_dict(kept["optimiser"])
            return int(kept["step"])
        except Exception as error:  # what torch raises on a broken file depends on where it is broken
            raise InputError(
                f"{self.file} is no lesson that could go on: {error}. Run with --start-over."
            ) from error

    def after(self, step: int, total: int, model: Any, optimiser: Any) -> None:
        """A step was done: tell it, and now and then write it down, beside the old file first."""
        self.told(step, total)
        if step % self.every == 0 or step == total:
            fresh = self.file.with_name(f".{self.file.name}.new")
            torch.save(
                {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, fresh
            )
            fresh.replace(self.file)
