"""The false-alarm budget: its definition, its check and the one line that turns it into a threshold.

The budget is the expected number of falsely reported distillation campaigns in one scan (docs/adr/0005).
"""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.errors import SettingsError


@dataclass(frozen=True)
class JudgeSettings:
    """How clusters become campaigns.

    false_alarm_budget: expected number of falsely reported distillation campaigns in one scan.
    """

    false_alarm_budget: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a budget without a meaning."""
        if not 0 < self.false_alarm_budget <= 1:
            raise SettingsError(
                f"judge.false_alarm_budget is {self.false_alarm_budget}; it is an expected number of false campaigns in a "
                "scan, give a number above 0 and at most 1"
            )
