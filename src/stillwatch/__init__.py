"""Find model distillation campaigns in the logs of a language-model provider.

import stillwatch

findings = stillwatch.scan("logs/")
findings.campaigns
"""

from stillwatch.bench.rehearse import rehearse
from stillwatch.errors import StillwatchError
from stillwatch.model.finding import Campaign, Findings
from stillwatch.scan import scan
from stillwatch.settings import Settings, load

__all__ = ["Campaign", "Findings", "Settings", "StillwatchError", "load", "rehearse", "scan"]
