"""A labelled world of ten accounts and twelve exchanges, and findings about it, as small as they can be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROLES = {
    "a1": ("campaign", "sync-1", "campaign"),
    "a2": ("campaign", "sync-1", "campaign"),
    "a3": ("campaign", "sync-1", "campaign"),
    "a4": ("campaign", "slow-2", "campaign"),
    "a5": ("campaign", "slow-2", "campaign"),
    "b1": ("benign", None, "university_class"),
    "b2": ("benign", None, "individual"),
    "r1": ("relay", None, "gray_relay"),
    "u1": ("authorised", None, "eval_lab"),
    "f1": ("framing", None, "framing"),
}
CAMPAIGNS = [
    {
        "id": "sync-1",
        "archetype": "synchronised",
        "actor": "Acme",
        "actor_class": "commercial lab",
        "attributable": "L3b",
        "accounts_active": 3,
        "exchanges_extraction": 6,
        "capabilities": {"coding": 6},
    },
    {
        "id": "slow-2",
        "archetype": "slow",
        "actor": None,
        "actor_class": "unknown",
        "attributable": None,
        "accounts_active": 2,
        "exchanges_extraction": 4,
        "capabilities": {"reasoning": 4},
    },
]

Writer = Callable[..., Path]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    folder = tmp_path / "world.truth"
    folder.mkdir()
    columns = list(zip(*ROLES.values(), strict=True))
    accounts = {
        "account_id": list(ROLES),
        "role": columns[0],
        "campaign": columns[1],
        "lookalike": columns[2],
    }
    pq.write_table(pa.table(accounts), folder / "accounts.parquet")
    exchanges = {
        "exchange_id": [f"e{number}" for number in range(12)],
        "extraction": [True] * 10 + [False] * 2,
        "capability": ["coding"] * 6 + ["reasoning"] * 4 + ["other"] * 2,
    }
    pq.write_table(pa.table(exchanges), folder / "exchanges.parquet")
    write_json(folder / "campaigns.json", {"campaigns": CAMPAIGNS})
    return folder


def write_json(path: Path, content: dict[str, Any]) -> None:
    meta = {"scenario": "tiny", "seed": 7, "exchanges": 12, "framing": {"framed": "Acme"}}
    path.write_text(json.dumps(meta | content), encoding="utf-8")


def campaign(name: str, *, accounts: int, exchanges: int, capability: str) -> dict[str, Any]:
    return {
        "campaign_id": name,
        "verdict": "distillation",
        "coordination": {},
        "distillation": {},
        "attribution": [],
        "accounts": {"low": accounts, "best": accounts, "high": accounts},
        "exchanges": {"low": exchanges, "best": exchanges, "high": exchanges},
        "capabilities": [{"capability": capability, "share": 1.0, "exchanges": exchanges}],
    }


def perfect_campaigns() -> list[dict[str, Any]]:
    named = {"actor": "ACME", "level": "L3b", "probability": 0.9, "confidence": "high"}
    return [
        campaign("UDC-1", accounts=3, exchanges=6, capability="coding") | {"attribution": [named]},
        campaign("UDC-2", accounts=2, exchanges=4, capability="reasoning"),
    ]


PERFECT_ACCOUNTS = {
    "a1": ("UDC-1", 1.0, "campaign"),
    "a2": ("UDC-1", 1.0, "campaign"),
    "a3": ("UDC-1", 1.0, "campaign"),
    "a4": ("UDC-2", 1.0, "campaign"),
    "a5": ("UDC-2", 1.0, "campaign"),
    "b1": (None, 0.0, "clear"),
    "b2": (None, 0.0, "clear"),
    "r1": (None, 0.0, "relay"),
    "u1": (None, 0.0, "authorised"),
    "f1": (None, 0.0, "clear"),
}


@pytest.fixture
def write_findings(tmp_path: Path) -> Writer:
    """Write findings that are perfect but for the accounts and campaigns given."""

    def write(
        accounts: dict[str, tuple[str | None, float, str]] | None = None,
        campaigns: list[dict[str, Any]] | None = None,
        extraction: list[float] | None = None,
    ) -> Path:
        folder = tmp_path / "findings"
        folder.mkdir()
        rows = PERFECT_ACCOUNTS | (accounts or {})
        write_json(
            folder / "findings.json",
            {"campaigns": perfect_campaigns() if campaigns is None else campaigns},
        )
        columns = list(zip(*rows.values(), strict=True))
        table = {
            "account_id": pa.array(rows),
            "campaign_id": pa.array(columns[0], pa.string()),
            "membership": pa.array(columns[1]),
            "risk": pa.array(columns[1]),
            "verdict": pa.array(columns[2]),
        }
        pq.write_table(pa.table(table), folder / "accounts.parquet")
        claimed = {
            "exchange_id": [f"e{number}" for number in range(12)],
            "campaign_id": ["UDC-1"] * 6 + ["UDC-2"] * 6,
            "capability": ["coding"] * 6 + ["reasoning"] * 6,
            "extraction": extraction or [0.9] * 10 + [0.1] * 2,
        }
        pq.write_table(pa.table(claimed), folder / "exchanges.parquet")
        text = {"campaign_id": pa.string(), "family": pa.string(), "signal": pa.string()}
        text |= {"subject": pa.string(), "value": pa.float64(), "base_rate": pa.float64()}
        text |= {"log10_bayes_factor": pa.float64(), "text": pa.string()}
        pq.write_table(pa.schema(text).empty_table(), folder / "evidence.parquet")
        for name in ("report.html", "rejected.jsonl"):
            (folder / name).touch()
        return folder

    return write
