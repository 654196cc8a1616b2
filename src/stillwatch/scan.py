"""One scan, in the order it happens: the only file that calls all stages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.engine.open import open_engine
from stillwatch.errors import PartialInputError
from stillwatch.fingerprint.assemble import Gather, Log
from stillwatch.fingerprint.door import keyed
from stillwatch.fingerprint.probes import BIT
from stillwatch.fingerprint.text import string_keys
from stillwatch.judge import campaign as telling
from stillwatch.judge.agreement import agreements
from stillwatch.judge.groups import member_table
from stillwatch.judge.purpose import purpose
from stillwatch.judge.tables import account_table, exchange_table
from stillwatch.judge.tell import evidence_table
from stillwatch.judge.traits import ties
from stillwatch.judge.verdict import judge
from stillwatch.link.cluster import Cluster, assign, link
from stillwatch.link.principal import principals
from stillwatch.model.finding import Findings, Manifest, SkippedSignal
from stillwatch.model.tables import CONTRACT_VERSION, TIE
from stillwatch.registry import discover
from stillwatch.report.files import write
from stillwatch.report.landing import landing
from stillwatch.settings import Settings
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import chosen, measure
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.rejected import Reject
from stillwatch.weigh.holding import Holding, Integers, holding

Progress = Callable[[str, int, int | None], None]
WANTED = ("reason", "tags", "rationale", "grade", "make", "pretext")
OUTSIDE_SAMPLE = 200_000


def scan(  # noqa: PLR0913
    path: str | Path,
    *,
    out: str | Path | None = None,
    accounts: str | Path | None = None,
    networks: str | Path | None = None,
    models: str | Path | None = None,
    actors: str | Path | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Scan a log and, if `out` is given, put the six files of the contract there in one step.

    `path` is a folder in the contract's layout or one log file; `accounts`, `networks` and `models` name tables that
    lie elsewhere. `progress` is called with the stage, the rows done and the rows in all (None if unknown). Raises
    `InputError` if nothing can be read, and `PartialInputError`, after writing, if only a part could be.
    """
    tell = progress or (lambda stage, done, total: None)
    with ExitStack() as stack:
        folder = stack.enter_context(landing(Path(out))) if out is not None else None
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stillwatch-scan-"))) if folder is None else folder
        log_input = open_input(Path(path), accounts=_path(accounts), networks=_path(networks), models=_path(models))
        reject = stack.enter_context(Reject(scratch / "rejected.jsonl"))
        engine = stack.enter_context(open_engine((settings or Settings()).engine))
        notes = ("An actors file was given; attribution is not part of this version, so every actor is unknown.",) if actors else ()
        findings = _Scan(log_input, reject, engine, settings or Settings(), tell).run(notes, scratch / "rejected.jsonl")
        if folder is not None:
            tell("writing the findings", 0, None)
            reject.close()
            write(findings, folder)
    findings = replace(findings, rejected=Path(out) / "rejected.jsonl" if out is not None else None)
    if log_input.failures:
        failed = "; ".join(f"{name}: {why}" for name, why in log_input.failures.items())
        raise PartialInputError(f"Only a part of {path} could be read, and the findings rest on that part. {failed}")
    return findings


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)


class _Scan:
    """The stages of one scan, and what they hand on."""

    def __init__(self, log_input: Input, reject: Reject, engine: DuckDBEngine, settings: Settings, tell: Progress) -> None:
        self.input, self.reject, self.engine, self.settings, self.tell = log_input, reject, engine, settings, tell
        self.signals: Mapping[str, Signal] = discover("signals", Signal)

    def run(self, notes: tuple[str, ...], rejected: Path) -> Findings:
        accounts = self.input.accounts(self.reject)
        log = self._read(accounts)
        models = self.input.models(self.reject)
        self.input.networks(self.reject)
        running, skipped = chosen(self.signals, self.input.present, self.settings.signals)
        holdings, principal = self._measure(log, models, running)
        self.tell("linking accounts", 0, None)
        clusters = link(list(holdings.values()), self.settings.link, self.settings.weigh) if holdings else []
        of_account = assign(clusters, int(principal.max()) + 1)[principal] if len(principal) else np.zeros(0, np.int64)
        self.tell("judging clusters", 0, None)
        return self._judged(log, accounts, holdings=holdings, principal=principal, clusters=clusters, of_account=of_account, running=running, skipped=skipped, notes=notes, rejected=rejected)

    def _read(self, accounts: pa.Table) -> Log:
        gather, done, total = Gather(), 0, self.input.rows
        for batch in self.input.exchanges(self.reject):
            gather.add(batch, keyed(batch))
            done += batch.num_rows
            self.tell("reading exchanges", done, total)
        return gather.finish(accounts)

    def _measure(self, log: Log, models: pa.Table, running: list[Signal]) -> tuple[dict[str, Holding], Integers]:
        self.tell("measuring signals", 0, None)
        self.engine.read("exchange", log.exchange)
        self.engine.read("account", log.account)
        released = {"model": string_keys(models["model"].combine_chunks()), "released": models["released_at"].cast(pa.int64())}
        self.engine.read("model_release", pa.table(released))
        principal = principals(log.account)
        by_name = {s.name: s for s in running}
        holdings = {
            name: holding(table, principal, signal=name, family=by_name[name].family)
            for name, table in measure(self.engine, running, "trait").items()
        }
        return {name: h for name, h in holdings.items() if len(h.keys)}, principal

    def _judged(
        self,
        log: Log,
        accounts: pa.Table,
        *,
        holdings: dict[str, Holding],
        principal: Integers,
        clusters: list[Cluster],
        of_account: Integers,
        running: list[Signal],
        skipped: list[SkippedSignal],
        notes: tuple[str, ...],
        rejected: Path,
    ) -> Findings:
        mine = [np.flatnonzero(of_account == number) for number in range(len(clusters))]
        parties = [np.unique(principal[m]) for m in mine]
        self.engine.read("member", member_table(parties, principal))
        wanted = sum(BIT[name] for name in WANTED)
        about = purpose(measure(self.engine, running, "cluster", wanted=wanted), clusters, [len(p) for p in parties])
        agreed = agreements(accounts, log.account_ids, principal)
        judged = judge(clusters, mine, principal, purpose=about, agreed=agreed, settings=self.settings.judge)
        account = log.exchange["account"].to_numpy()
        outside = np.flatnonzero(of_account[account] < 0) if len(account) else np.zeros(0, np.int64)
        step = max(1, len(outside) // OUTSIDE_SAMPLE)
        case = telling.Case(
            log=log,
            holdings=holdings,
            signals=self.signals,
            purpose=about,
            principal=principal,
            outside_rows=outside[::step],
            rows_of=telling.rows_of(account, len(log.account_ids)),
        )
        told = [telling.tell(campaign_id, j, case) for campaign_id, j in telling.number(judged, log)]
        return Findings(
            run=self._manifest(log, running, skipped, notes),
            campaigns=tuple(t.campaign for t in told),
            accounts=account_table(told, log, agreed=agreed, clusters=clusters, principal=principal),
            exchanges=exchange_table(told, log),
            evidence=evidence_table([row for t in told for row in t.evidence]),
            activity=telling.activity(told, log),
            births=telling.births(told, log),
            ties=self._ties(told, case),
            rejected=rejected,
        )

    def _ties(self, told: list[telling.Told], case: telling.Case) -> pa.Table:
        names = {s.name: case.log.names[s.column] for s in self.signals.values() if s.column in case.log.names}
        parts = [
            ties(
                t.campaign.campaign_id,
                t.judged.cluster,
                case.holdings,
                accounts=[(int(case.principal[a]), case.log.account_ids[a]) for a in t.judged.accounts.tolist()],
                names=names,
            )
            for t in told
        ]
        return pa.concat_tables(parts) if parts else TIE.empty_table()

    def _manifest(
        self, log: Log, running: list[Signal], skipped: list[SkippedSignal], notes: tuple[str, ...]
    ) -> Manifest:
        window = pc.min_max(log.exchange["ts"]).as_py() if log.exchange.num_rows else {"min": None, "max": None}
        settings = asdict(self.settings)
        del settings["engine"]
        return Manifest(
            version=version("stillwatch"),
            contract_version=CONTRACT_VERSION,
            seed=self.settings.link.seed,
            false_alarm_budget=self.settings.judge.false_alarm_budget,
            window_start=_time(window["min"]),
            window_end=_time(window["max"]),
            rows_read=self.input.rows_read["exchanges"],
            rows_scanned=log.exchange.num_rows,
            rows_rejected=self.reject.tables["exchanges"],
            unknown_columns=self.input.unknown_columns,
            accounts=len(log.account_ids),
            simulated=self.input.simulated,
            inputs={"exchanges": _digest(log)},
            signals_computed=tuple(sorted(s.name for s in running)),
            signals_skipped=tuple(skipped),
            settings=settings,
            notes=(*self.input.notes, *notes),
        )


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def _digest(log: Log) -> str:
    """A digest of the scanned rows' ids that does not depend on their order."""
    with np.errstate(over="ignore"):
        total = sum(int(np.sum(string_keys(chunk), dtype=np.uint64)) for chunk in log.exchange_ids.chunks) % 2**64
    return f"ids-sum64:{total:016x}"


