"""What was said and what came true, bin by bin: the table behind a reliability diagram.

Source: DeGroot and Fienberg, The Comparison and Evaluation of Forecasters, The Statistician, 1983.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.scoring.calibration import BINS
from stillwatch.scoring.confidence import belongs, members
from stillwatch.scoring.rates import Flags, Numbers
from stillwatch.scoring.reported import Reported
from stillwatch.scoring.truth import Truth


def score_reliability(truth: Truth, reported: Reported) -> dict[str, list[dict[str, Any]]]:
    """Of distillation findings: their members' `membership`, their exchanges' `extraction`; empty bins are left out."""
    claimed = members(truth, reported)
    said, came_true = _of_exchanges(truth, reported)
    return {
        "membership": reliability(reported.membership[claimed], belongs(truth, reported)[claimed]),
        "extraction": reliability(said, came_true),
    }


def reliability(probability: Numbers, outcome: Flags) -> list[dict[str, Any]]:
    """For each of ten equal bins: where it starts, how many fell into it, the mean said and the share that came true."""
    place = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    return [
        {
            "from": at / BINS,
            "number": int(mine.sum()),
            "said": float(probability[mine].mean()),
            "came_true": float(outcome[mine].mean()),
        }
        for at in range(BINS)
        if (mine := place == at).any()
    ]


def _of_exchanges(truth: Truth, reported: Reported) -> tuple[Numbers, Flags]:
    table = reported.exchanges
    if table is None or not {"exchange_id", "campaign_id", "extraction"} <= set(table.column_names):
        return np.zeros(0), np.zeros(0, np.bool_)
    findings = pa.array([c.campaign_id for c in reported.distillation], pa.string())
    told = table.filter(pc.is_in(table["campaign_id"].cast(pa.string()), value_set=findings))
    try:
        said = pc.fill_null(told["extraction"].cast(pa.float64()), 0.0).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.zeros(0), np.zeros(0, np.bool_)
    actual = truth.extraction["exchange_id"].cast(pa.string())
    came_true = pc.is_in(told["exchange_id"].cast(pa.string()), value_set=actual)
    return np.clip(said, 0.0, 1.0), came_true.to_numpy()
