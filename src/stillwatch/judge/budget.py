"""The false-alarm budget: its definition, its check and the one line that turns it into a threshold.

The budget is the expected number of falsely reported distillation campaigns in one scan (docs/adr/0005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.errors import SettingsError
from stillwatch.weigh.holding import Floats, Mask


@dataclass(frozen=True)
class JudgeSettings:
    """How clusters become campaigns.

    false_alarm_budget: expected number of falsely reported distillation campaigns in one scan.
    confirm_level: false discovery rate at which e-BH confirms campaigns beside innocent clusters; it decides no verdict.
    """

    false_alarm_budget: float = 0.05
    confirm_level: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a budget without a meaning."""
        if not 0 < self.false_alarm_budget <= 1:
            raise SettingsError(
                f"judge.false_alarm_budget is {self.false_alarm_budget}; it is an expected number of false campaigns "
                "in a scan, give a number above 0 and at most 1"
            )
        if not 0 < self.confirm_level < 1:
            raise SettingsError(
                f"judge.confirm_level is {self.confirm_level}; it is a share of false ones among what is confirmed, "
                "give a number above 0 and below 1"
            )


def within_budget(probability: Floats, settings: JudgeSettings) -> Mask:
    """Which clusters to report as distillation: the likeliest, while the expected number of false ones fits.

    The expected number of false campaigns among those reported is the sum of 1 - probability (Bayesian false
    discovery, Newton et al., 2004).
    """
    order = np.argsort(-probability, kind="stable")
    expected = np.cumsum(1.0 - probability[order])
    reported = np.zeros(len(probability), np.bool_)
    reported[order[expected <= settings.false_alarm_budget]] = True
    return reported
