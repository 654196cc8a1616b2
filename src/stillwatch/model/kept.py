"""What a scan took of what earlier ones had kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KeptFiles:
    """Files of the exchange table that were `taken` as kept or `read`; `remarks` tell of a file what was out of the ordinary."""

    taken: int
    read: int
    remarks: tuple[str, ...] = ()
