"""What stands beside the made findings of `large_dossier`: a log of their exchanges, actors that were compared, a casebook."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.attribute.scanned import signed
from stillwatch.casebook import cases
from stillwatch.casebook.door import kept
from stillwatch.casebook.store import Casebook
from stillwatch.model.attributed import (
    Attributed,
    Candidate,
    Compared,
    FamilyOfActor,
    Gate,
    Mark,
    OwnRelease,
    Ranked,
    Row,
)
from stillwatch.model.finding import Findings
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL

FIRST, DAYS = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), 90
BLOCKED_EACH, MAIL_EACH = 7, 50
ACTORS, FAMILIES, PIECES = 4, 6, 30
PROMPT = (
    "Solve task {n} step by step, explain why each step is right, and grade your own answer from 1 to 10. "
)


def log(folder: Path, findings: Findings) -> Path:
    """Each exchange of the findings with a time and a prompt, one account in seven blocked, two models."""
    folder.mkdir()
    ids = findings.exchanges["exchange_id"].to_pylist()
    accounts = findings.accounts["account_id"].to_pylist()
    minutes = np.random.default_rng(len(ids)).integers(0, DAYS * 24 * 60, len(ids)).tolist()
    rows: dict[str, list[object]] = {
        "exchange_id": ids,
        "ts": [FIRST + dt.timedelta(minutes=m) for m in minutes],
        "account_id": [name[2:].rpartition("_")[0] for name in ids],
        "model": ["model-2" if m > DAYS * 12 * 60 else "model-1" for m in minutes],
        "prompt": [
            PROMPT.format(n=n) * 4 + (f"Mail user{n}@corp.example." if n % MAIL_EACH == 0 else "")
            for n in range(len(ids))
        ],
    }
    _write(folder / "exchanges.parquet", rows, EXCHANGE.arrow)
    blocked = [
        FIRST + dt.timedelta(days=n % DAYS) if n % BLOCKED_EACH == 0 else None for n in range(len(accounts))
    ]
    _write(folder / "accounts.parquet", {"account_id": accounts, "banned_at": blocked}, ACCOUNT.arrow)
    released = [FIRST - dt.timedelta(days=30), FIRST + dt.timedelta(days=DAYS // 2)]
    _write(folder / "models.parquet", {"model": ["model-1", "model-2"], "released_at": released}, MODEL.arrow)
    (folder / "SIMULATED").write_text("made by benchmarks/large_log.py\n", "utf-8")
    return folder


def _write(path: Path, columns: dict[str, list[object]], schema: pa.Schema) -> None:
    many = len(next(iter(columns.values())))
    arrays = [
        pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(many, f.type) for f in schema
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def with_actors(findings: Findings) -> Findings:
    """The findings with four actors compared, a matrix of thirty pieces, and no actor named."""
    marks: tuple[Mark, ...] = ("consistent", "inconsistent", *["neutral"] * 5)  # type: ignore[assignment]
    one = Attributed(
        campaign_id=findings.campaigns[0].campaign_id,
        level="L0",
        unknown=0.4,
        candidates=tuple(_candidate(i, len(findings.accounts)) for i in range(ACTORS)),
        gates=tuple(
            Gate(level, f"condition {i} of it", is_met=False, found="not found")
            for level in ("L1", "L2", "L3a", "L3b")
            for i in range(3)
        ),
        matrix=tuple(Row(f"piece of evidence {i} on a family", marks) for i in range(PIECES)),
        ranked=tuple(Ranked(f"H{i}", f"hypothesis {i}", i) for i in range(1, 8)),
        missing=("a payment", "hours of work"),
        calendar=tuple(
            OwnRelease(f"actor-{i}", f"product {i}", FIRST.date() + dt.timedelta(days=9 * i), "made", "F6")
            for i in range(ACTORS)
        ),
    )
    return replace(
        findings,
        attributed=(one,),
        run=replace(findings.run, inputs={**findings.run.inputs, "actors": "0" * 64}),
    )


def _candidate(number: int, accounts: int) -> Candidate:
    likely = round(0.3 / 2**number, 3)
    compared = Compared(
        "ja4", "t13d1516h2", "made", "F6", accounts // 2, 40, 0.5, 0.001, is_shown=True, nats=2.0
    )
    families = tuple(
        FamilyOfActor(
            f"family {i}", 2.0, 1.0, is_hard_to_fake=i == 0, counts=True, why="", compared=(compared,) * 3
        )
        for i in range(FAMILIES)
    )
    return Candidate(
        f"actor-{number}",
        "commercial lab",
        likely,
        likely / 2,
        likely * 2,
        likely / 3,
        likely * 3,
        4.0,
        families,
        0,
    )


def casebook(place: Path, findings: Findings) -> Findings:
    """The findings as a casebook knows them that has kept them, with twenty decisions, each reviewed."""
    with kept(findings, place, signed) as told:
        pass
    name = told.campaigns[0].campaign_id
    book = Casebook(str(place))
    for number in range(20):
        with book.writing() as connection:
            made = cases.decide(
                connection, name, "confirmed", who="Analyst One", reason=f"read {number}", days=90
            )
            cases.review(connection, name, decision=made, who="Analyst Two", agrees=True, reason="read too")
    book.close()
    return told
