"""What judging hands on to telling."""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.judge.agreement import Agreements
from stillwatch.judge.case import Case
from stillwatch.judge.explained import PassedOver
from stillwatch.judge.pools import Group
from stillwatch.judge.verdict import Judged


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The groups that were judged, those that earned a verdict, those that agreements kept from one, and what all are told from."""

    groups: list[Group]
    judged: list[Judged]
    passed: list[PassedOver]
    case: Case
    agreed: Agreements
