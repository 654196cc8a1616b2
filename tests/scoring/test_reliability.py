from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stillwatch.scoring import score
from stillwatch.scoring.reliability import reliability

Writer = Callable[..., Path]


def test_a_bin_tells_what_was_said_and_what_came_true() -> None:
    rows = reliability(np.array([0.12, 0.18, 0.95, 1.0]), np.array([True, False, True, True]))
    assert rows == [
        {"from": 0.1, "number": 2, "said": pytest.approx(0.15), "came_true": 0.5},
        {"from": 0.9, "number": 2, "said": pytest.approx(0.975), "came_true": 1.0},
    ]


def test_members_and_exchanges_of_findings_are_told(truth: Path, write_findings: Writer) -> None:
    found = score(truth, write_findings({"b1": ("UDC-1", 0.45, "campaign")}))["reliability"]
    assert found["membership"] == [
        {"from": 0.4, "number": 1, "said": 0.45, "came_true": 0.0},
        {"from": 0.9, "number": 5, "said": 1.0, "came_true": 1.0},
    ]
    assert found["extraction"] == [
        {"from": 0.1, "number": 2, "said": 0.1, "came_true": 0.0},
        {"from": 0.9, "number": 10, "said": 0.9, "came_true": 1.0},
    ]


def test_exchanges_of_a_relay_finding_claim_no_extraction(truth: Path, write_findings: Writer) -> None:
    assert score(truth, write_findings(campaigns=[]))["reliability"]["extraction"] == []
