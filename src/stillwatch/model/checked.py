"""What came of checking something that was sealed: a dossier, or a student's folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["same", "altered", "missing", "added", "not checked"]


@dataclass(frozen=True)
class Check:
    """One thing that was checked, what came of it, and how."""

    name: str
    outcome: Outcome
    told: str

    @property
    def is_bad(self) -> bool:
        """Whether it speaks against what was checked."""
        return self.outcome in {"altered", "missing", "added"}
