"""What a dossier of 20,000 accounts weighs, what it costs to make, and how soon a browser has it open.

    python benchmarks/large_dossier.py --out benchmarks/results/large-dossier.json

No scan made the findings: `many` writes them as a scan would, with evidence of five families and ties to shared traits for
each of 20,000 accounts, and ten listed exchanges each of 2.5 million. `large_log` makes a log of the listed ones with prompts, blocks
and releases, actors that were compared, with gates and a matrix, and a casebook, so that all parts are told. What a dossier costs depends on how many there are,
not on what they say. The browser is Chromium, headless, if it is installed: the time is that of its own clock, from the start
of the navigation to the end of the page's `load`, the best of five.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from large_log import casebook, log, with_actors
from machine import machine

from stillwatch.model.finding import (
    Campaign,
    CapabilityShare,
    Coordination,
    Distillation,
    Findings,
    Interval,
    Lookalike,
    Manifest,
)
from stillwatch.model.tables import ACCOUNT_FINDING, ACTIVITY, BIRTH, EVIDENCE, EXCHANGE_FINDING, TIE
from stillwatch.report.files import write

ACCOUNTS, EACH, LISTED, DAYS, TRAITS = 20_000, 126, 10, 90, 300
ID = "UDC-2026-001"
FAMILIES = (("pay", 6.0), ("net", 5.0), ("client", 8.0), ("template", 7.5), ("registration", 3.5))
CAPABILITIES = ("coding", "reasoning", "agentic", "other")
FIRST = dt.date(2026, 6, 1)
TIMED = (
    '<script>addEventListener("load",()=>setTimeout(()=>{document.body.dataset.ready='
    'performance.getEntriesByType("navigation")[0].loadEventEnd},0))</script></body>'
)
TRIES = 5


def many(accounts: int = ACCOUNTS) -> Findings:
    """One campaign of so many accounts, as a scan would write it."""
    ids = [f"acct_{i:06d}" for i in range(accounts)]
    draw = np.random.default_rng(accounts)
    membership = np.clip(draw.beta(9, 1, accounts), 0.05, 0.99)
    return Findings(
        run=_manifest(accounts),
        campaigns=(_campaign(accounts),),
        accounts=_table(
            ACCOUNT_FINDING,
            [(a, ID, m, m, "campaign") for a, m in zip(ids, membership.tolist(), strict=True)],
        ),
        exchanges=_table(
            EXCHANGE_FINDING,
            [(f"x_{a}_{i}", ID, CAPABILITIES[i % 4], 0.5 + 0.05 * i) for a in ids for i in range(LISTED)],
        ),
        evidence=_table(EVIDENCE, _evidence(ids)),
        activity=_table(ACTIVITY, _activity(accounts)),
        births=_table(BIRTH, [(ID, FIRST + dt.timedelta(days=d), accounts // 10) for d in range(0, 50, 5)]),
        ties=_table(
            TIE,
            [
                (ID, a, family, f"{family}_shared", f"{family} {int(t)}", bits)
                for family, bits in FAMILIES
                for a, t in zip(ids, draw.integers(0, TRAITS, accounts), strict=True)
            ],
        ),
    )


def _table(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    return pa.Table.from_arrays([pa.array(column) for column in zip(*rows, strict=True)], schema.names).cast(
        schema
    )


def _evidence(ids: Sequence[str]) -> list[tuple[Any, ...]]:
    whole = [
        (
            ID,
            family,
            f"{family}_shared",
            ID,
            0.9,
            0.01,
            bits * 0.30103,
            f"90% of members share a {family} trait.",
        )
        for family, bits in FAMILIES
    ]
    purpose = [(ID, "extraction", "framed_prompts", ID, 0.97, 0.3, 1.4, "97% of the prompts share a frame.")]
    return [
        *whole,
        *purpose,
        *(
            (ID, f, f"{f}_shared", a, b, 0.01, b * 0.30103, "The account fits.")
            for a in ids
            for f, b in FAMILIES
        ),
    ]


def _activity(accounts: int) -> list[tuple[Any, ...]]:
    a_day = accounts * EACH // DAYS
    return [
        (ID, FIRST + dt.timedelta(days=d), model, a_day // 2 if d > DAYS // 2 or model == "model-1" else 0)
        for d in range(DAYS)
        for model in ("model-1", "model-2")
    ]


def _campaign(accounts: int) -> Campaign:
    best = accounts * EACH
    return Campaign(
        campaign_id=ID,
        verdict="distillation",
        coordination=Coordination(0.99, 1e-9, 9.0),
        distillation=Distillation(0.97, 1.4),
        attribution=(),
        accounts=Interval(accounts * 9 // 10, accounts, accounts * 11 // 10),
        exchanges=Interval(best * 9 // 10, best, best * 11 // 10),
        first_seen="2026-06-01T00:00:00Z",
        last_seen="2026-08-29T23:00:00Z",
        capabilities=tuple(CapabilityShare(name, 0.25, best // 4) for name in CAPABILITIES),
        techniques=("SWT-H01", "SWT-V07"),
        models=("model-1", "model-2"),
        channels=("api",),
        lookalikes=(Lookalike("Class or hackathon", consistent=False, reason="the hours are flat"),),
    )


def _manifest(accounts: int) -> Manifest:
    rows = accounts * EACH * 10
    return Manifest(
        version="0",
        contract_version="1",
        seed=0,
        false_alarm_budget=0.05,
        window_start="2026-06-01T00:00:00Z",
        window_end="2026-08-29T23:59:59Z",
        rows_read=rows,
        rows_scanned=rows,
        rows_rejected=0,
        unknown_columns={},
        accounts=accounts * 50,
        simulated=True,
        inputs={"exchanges": "made by benchmarks/large_dossier.py"},
        signals_computed=(),
        signals_skipped=(),
        settings={},
    )


def main() -> None:
    """Make it, tell it, open it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        found = casebook(folder / "casebook.db", with_actors(many()))
        write(found, folder / "findings")
        log(folder / "log", found)
        costs = {kinds: _told(folder, kinds) for kinds in ("html,md,json,zip", "html,pdf")}
        _told(folder, "html,pdf,md,json,zip")
        made = folder / "html,pdf,md,json,zip" / ID
        result = {
            "command": "python benchmarks/large_dossier.py --out benchmarks/results/large-dossier.json",
            "machine": machine(),
            "accounts": ACCOUNTS,
            "exchanges": ACCOUNTS * EACH,
            "exchanges_in_log": ACCOUNTS * LISTED,
            "cpu_seconds": costs,
            "bytes": {path.name: path.stat().st_size for path in sorted(made.iterdir())},
            "milliseconds_to_open": _opened(made / "dossier.html"),
        }
    out.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))


def _told(folder: Path, kinds: str) -> float:
    """CPU seconds of the command, start of Python included: wall time moves with whatever else the machine does."""
    code = "from stillwatch.cli import main; main()"
    words = ["dossier", str(folder / "findings"), "--out", str(folder / kinds), "--formats", kinds, "--quiet"]
    words += ["--log", str(folder / "log"), "--casebook", str(folder / "casebook.db"), "--annex", "hr8283"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, *words], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)


def _opened(page: Path) -> float | None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        return None
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"))
    timed = page.with_name("timed.html")
    timed.write_text(text.replace("</body>", TIMED), "utf-8")
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", timed.as_uri()]
    found = []
    for _ in range(TRIES):
        run = subprocess.run(words, check=True, capture_output=True, text=True, timeout=120)
        found += [float(t) for t in re.findall(r'data-ready="([0-9.]+)"', run.stdout)]
    return min(found)


if __name__ == "__main__":
    main()
