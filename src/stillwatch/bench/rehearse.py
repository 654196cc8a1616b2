"""A rehearsal, in the order it happens: scan the log, learn what it is like, plant and scan, again and again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from stillwatch.bench.design import Cell, Design
from stillwatch.bench.likeness import Likeness, account_columns
from stillwatch.bench.page import rehearsal_html
from stillwatch.bench.rehearsal import Baseline, Rehearsal, rehearsal_json
from stillwatch.bench.remarks import remarks
from stillwatch.bench.sample import sample
from stillwatch.bench.trial import Ground, named_accounts, tried
from stillwatch.errors import InputError, PartialInputError
from stillwatch.model.finding import Findings
from stillwatch.report.landing import landing
from stillwatch.scan import Progress, scan_input
from stillwatch.settings import Settings
from stillwatch.simulate.arrays import salt
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.rejected import Reject

RESULT = "rehearsal.json"
PAGE = "rehearsal.html"


def rehearse(  # noqa: PLR0913  the door has as many words as the command, and the same
    path: str | Path,
    *,
    out: str | Path | None = None,
    archetype: Sequence[str] = Design.archetype,
    stealth: Sequence[str] = Design.stealth,
    accounts: Sequence[int] = Design.accounts,
    rates: Sequence[float] = Design.rates,
    camouflage: float = Design.camouflage,
    repeats: int = Design.repeats,
    seed: int = Design.seed,
    accounts_table: str | Path | None = None,
    networks: str | Path | None = None,
    models: str | Path | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Rehearsal:
    """Plant simulated campaigns in a log, scan it with each, and tell how many are found.

    `accounts` are sizes of campaigns, `rates` exchanges per account and active day; every combination is tried
    `repeats` times, one campaign a scan. The log itself is only read. With `out`, `rehearsal.json` and
    `rehearsal.html` are put there in one step. Raises `UsageError` for a design that cannot be tried, `InputError`
    if nothing can be read, and `PartialInputError`, after writing, if only a part could be.
    """
    sizes, per_day = tuple(accounts), tuple(map(float, rates))
    design = Design(_names(archetype), _names(stealth), sizes, per_day, float(camouflage), repeats, seed)
    show: Progress = progress or (lambda _stage, _done, _total: None)
    with ExitStack() as stack:
        folder = None if out is None else stack.enter_context(landing(Path(out), RESULT))
        log = open_input(
            Path(path), accounts=_path(accounts_table), networks=_path(networks), models=_path(models)
        )
        with tempfile.TemporaryDirectory(prefix="stillwatch-rehearse-", dir=folder) as scratch:
            rehearsal = _rehearsed(log, design, settings or Settings(), Path(scratch), show)
        if folder is not None:
            (folder / RESULT).write_text(rehearsal_json(rehearsal), "ascii")
            (folder / PAGE).write_text(rehearsal_html(rehearsal), "utf-8")
    if log.failures:
        failed = "; ".join(f"{name}: {why}" for name, why in log.failures.items())
        raise PartialInputError(
            f"Only a part of {path} could be read, and the rehearsal rests on it. {failed}"
        )
    return rehearsal


def _rehearsed(log: Input, design: Design, settings: Settings, scratch: Path, show: Progress) -> Rehearsal:
    show("scanning the untouched log", 0, None)
    with Reject() as reject:
        untouched = scan_input(log, reject, settings=settings)
        _refuse_empty(untouched)
        show("learning what the log is like", 0, None)
        like = _likeness(log, untouched, reject)
    ground = Ground(log, like, named_accounts(untouched), settings, design.camouflage)
    trials = []
    for done, (cell, repeat) in enumerate(_order(design)):
        show("planting campaigns, one a scan", done, len(design))
        trials.append(tried(ground, cell, repeat=repeat, seed=_seed(design, cell, repeat), scratch=scratch))
    show("planting campaigns, one a scan", len(design), len(design))
    return Rehearsal(
        untouched.run, design, _baseline(untouched), tuple(trials), remarks(like, design, untouched)
    )


def _likeness(log: Input, untouched: Findings, reject: Reject) -> Likeness:
    """What the untouched log is like; accounts of any finding lend nothing to it."""
    findings = untouched.accounts
    accused = findings.filter(findings["campaign_id"].is_valid())["account_id"]
    present, accounts = log.present, log.accounts(reject)
    like = Likeness(
        sample=sample(log, pa.array(accused.to_pylist(), pa.string())),
        columns=present["exchanges"],
        account_columns=account_columns(accounts),
        all_accounts=accounts,
        networks=log.networks(reject),
        releases=log.models(reject),
    )
    if not like.sample.innocent.num_rows:
        raise InputError(
            "Every account of the log belongs to a finding, so none is left to learn ordinary traffic from. "
            "Rehearse on a log that also holds other customers."
        )
    return like


def _refuse_empty(untouched: Findings) -> None:
    run = untouched.run
    if not run.rows_scanned:
        raise InputError(
            f"The log holds no exchange that could be scanned: {run.rows_read} rows were read and "
            f"{run.rows_rejected} broke the contract. `stillwatch scan` writes them, with reasons, to rejected.jsonl."
        )


def _baseline(untouched: Findings) -> Baseline:
    counts = {
        verdict: len(untouched.of_verdict(verdict)) for verdict in ("distillation", "relay", "coordinated")
    }
    return Baseline(**counts, accounts_named=len(named_accounts(untouched)))


def _order(design: Design) -> Iterator[tuple[Cell, int]]:
    return ((cell, repeat) for cell in design.cells() for repeat in range(design.repeats))


def _seed(design: Design, cell: Cell, repeat: int) -> int:
    """A seed of its own for each trial, the same whatever else is tried beside it."""
    kind = (cell.archetype, cell.stealth, cell.rate, cell.accounts, design.camouflage)
    return salt("rehearse", design.seed, *kind, repeat) >> 1


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Names as a tuple, where a caller may have given one alone."""
    return (given,) if isinstance(given, str) else tuple(given)


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)
