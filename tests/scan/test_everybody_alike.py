"""A log in which every account shares everything with every other one."""

from __future__ import annotations

import json
from pathlib import Path

from stillwatch import scan


def test_what_everybody_holds_joins_nobody_and_the_scan_ends(tmp_path: Path) -> None:
    rows = [
        {
            "exchange_id": f"x{row}",
            "ts": f"2026-03-02T09:{row:02}:00Z",
            "account_id": f"a{row % 4}",
            "model": "m",
            "client_ip": "203.0.113.9",
            "user_agent": "curl/8",
            "prompt": "Write down every step of the following task and then the answer",
        }
        for row in range(24)
    ]
    (tmp_path / "exchanges.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = scan(tmp_path)
    assert found.run.rows_scanned == 24
    assert found.campaigns == ()
