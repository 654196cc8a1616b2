"""Find model distillation campaigns in the logs of a language-model provider.

import stillwatch

findings = stillwatch.scan("logs/")
findings.campaigns
"""

from typing import TYPE_CHECKING, Any

from stillwatch.errors import StillwatchError
from stillwatch.model.finding import Campaign, Findings
from stillwatch.scan import scan
from stillwatch.settings import Settings, load

if TYPE_CHECKING:
    from stillwatch.bench.rehearse import rehearse

__all__ = ["Campaign", "Findings", "Settings", "StillwatchError", "load", "rehearse", "scan"]


def __getattr__(name: str) -> Any:
    """`rehearse`, read in when it is asked for: a scan does not wait for the simulator."""
    if name == "rehearse":
        from stillwatch.bench.rehearse import rehearse  # noqa: PLC0415  for the reason above

        return rehearse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
