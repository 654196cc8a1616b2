"""Where records lie that have to be found again from whatever folder a command is run in."""

from __future__ import annotations

import os
from pathlib import Path


def state_file(name: str) -> Path:
    """A file of ours in the folder for state of programs: $XDG_STATE_HOME, or ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "stillwatch" / name
