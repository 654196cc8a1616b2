"""How a student is taught, whoever teaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stillwatch.distil.authorisation import Way


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What decides a lesson beside models and data."""

    way: Way = "text"
    epochs: int = 3
    rate: float = 1e-3
    batch: int = 32
    seed: int = 0

    def told(self) -> Mapping[str, Any]:
        """As a statement tells it."""
        return asdict(self)
