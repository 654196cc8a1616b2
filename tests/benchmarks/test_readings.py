"""What the capability model is trained on is what a scan reads of a request."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint.capability import weights
from stillwatch.fingerprint.door import keyed
from stillwatch.model.tables import EXCHANGE

FOLDER = Path(__file__).parents[2] / "benchmarks" / "capability"
PROMPTS = (
    "",
    "Sort 12 items, then 13!",
    "Translate into French: " + "the cat sat on the mat " * 30 + "and return nothing else",
    "逐步推理这个问题，并给出答案。",
    "Грейдер: " + "оцените ответ " * 40,
)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("scipy")
    monkeypatch.syspath_prepend(str(FOLDER))
    sys.modules.pop("readings", None)
    return importlib.import_module("readings")


def test_totals_of_what_was_read_for_training_name_what_a_scan_names(readings) -> None:
    examples = [
        {"prompt": prompt, "tools": tools, "turns": turns, "images": 0, "json": bool(tools)}
        for prompt in PROMPTS[1:]
        for tools, turns in ((0, 1), (5, 4))
    ]
    held = weights()
    coefficients = np.vstack([held.words * held.scale, held.flags])
    read = readings.matrix(examples)
    assert read.shape[1] >= len(coefficients)
    probes = read.shape[1] - len(coefficients)
    kept = [at for at in range(read.shape[1]) if not _is_new(at, len(held.words), len(held.flags), probes)]
    named = (read[:, kept] @ coefficients + held.start).argmax(axis=1)
    rows = [
        {
            "exchange_id": str(at), "ts": 0, "account_id": "a", "model": "m", "prompt": one["prompt"], "turns": one["turns"],
            "tools": [str(tool) for tool in range(one["tools"])], "response_format": "json_object" if one["json"] else None,
        }
        for at, one in enumerate(examples)
    ]  # fmt: skip
    (batch,) = pa.Table.from_pylist(rows, EXCHANGE.arrow).to_batches()
    assert named.tolist() == keyed(batch).column("capability").to_pylist()


def _is_new(column: int, words: int, flags: int, probes: int) -> bool:
    """Whether a column is of a probe that came after the weights were made: the properties stand behind all probes."""
    known = words + flags - 6
    return known <= column < known + probes
