"""One scan, in the order it happens: the only file that calls all stages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa

from stillwatch.engine.open import Engine, open_engine, open_executors
from stillwatch.errors import PartialInputError
from stillwatch.fingerprint.assemble import Gather, Log
from stillwatch.fingerprint.door import keyed, keyed_models
from stillwatch.fingerprint.kept import InMemory, Kept, OnDisk
from stillwatch.fingerprint.probes import BIT
from stillwatch.judge.agreement import Agreements, agreements
from stillwatch.judge.campaign import number, tell
from stillwatch.judge.case import Case, RowsOf, Told, near, outside_rows, rows_of
from stillwatch.judge.days import activity, births
from stillwatch.judge.explained import PassedOver, explain, holders, passed_over
from stillwatch.judge.false_alarms import Groups, Reported, false_alarms
from stillwatch.judge.groups import member_exchange, member_exchange_query, member_table, only
from stillwatch.judge.pools import Group, divide, tenants
from stillwatch.judge.purpose import DECIDING, Purpose, purpose
from stillwatch.judge.references import packaged
from stillwatch.judge.sequence import Past
from stillwatch.judge.stability import stability
from stillwatch.judge.tables import account_table, exchange_table
from stillwatch.judge.tell import evidence_table
from stillwatch.judge.traits import tie_table
from stillwatch.judge.verdict import Judged, judge
from stillwatch.link.cluster import Cluster
from stillwatch.link.principal import principals
from stillwatch.link.search import assign, link
from stillwatch.model.finding import FalseAlarms, Findings, Manifest, SkippedSignal
from stillwatch.model.sequence import ScanSequence
from stillwatch.model.tables import CONTRACT_VERSION
from stillwatch.registry import discover
from stillwatch.report.files import read_sequence, write
from stillwatch.report.landing import landing
from stillwatch.report.notebook import ShownFindings
from stillwatch.settings import Settings
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import chosen, measure
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.rejected import Reject
from stillwatch.sources.spread.log import SpreadInput
from stillwatch.sources.spread.places import open_spread
from stillwatch.weigh.holding import Holding, Holdings, Integers, holding

Progress = Callable[[str, int, int | None], None]

REJECTED = "rejected.jsonl"
WANTED = ("reason", "tags", "rationale", "grade", "make", "pretext")
"""The probes that name training value; bound to `$wanted` of a query."""
NO_CHANCE = 0
"""The seed that a result names: nothing in a scan is drawn by chance."""
ACTORS = "An actors file was given; attribution is not part of this version, so every actor is unknown."


def scan(  # noqa: PLR0913  the door has as many words as the command, and the same
    path: str | Path,
    *,
    out: str | Path | None = None,
    accounts: str | Path | None = None,
    networks: str | Path | None = None,
    models: str | Path | None = None,
    actors: str | Path | None = None,
    since: str | Path | None = None,
    log_format: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Scan a log and, if `out` is given, put the six files of the contract there in one step.

    `path` is a folder in the contract's layout, a log file, or a folder of log files, in the format `log_format` if it is
    not to be recognised; `accounts`, `networks` and `models` name tables that lie elsewhere; `since` is the findings folder of the last scan of the same log. `progress` is called with
    the stage, the rows done and the rows in all (None if unknown).
    Raises `InputError` if nothing can be read, and `PartialInputError`, after writing, if only a part or
    no row could be.
    """
    chosen_settings, show = settings or Settings(), progress or _show_nothing
    with ExitStack() as stack:
        folder = None if out is None else stack.enter_context(landing(Path(out)))
        scratch = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stillwatch-scan-")))
        earlier = None if since is None else read_sequence(Path(since))
        tables = {"accounts": accounts, "networks": networks, "models": models}
        beside = {name: str(place) for name, place in tables.items() if place is not None}
        engine, log_input = _opened(str(path), beside, log_format, chosen_settings, stack)
        reject = stack.enter_context(Reject(scratch / REJECTED))
        notes = (ACTORS,) if actors else ()
        findings = scan_input(
            log_input,
            reject,
            settings=chosen_settings,
            progress=show,
            notes=notes,
            earlier=earlier,
            engine=engine,
        )
        if folder is not None:
            show("writing the findings", 0, None)
            reject.close()
            write(replace(findings, rejected=scratch / REJECTED), folder)
    if log_input.failures:
        failed = "; ".join(f"{name}: {why}" for name, why in log_input.failures.items())
        raise PartialInputError(
            f"Only a part of {path} could be read, and the findings rest on that part. {failed}"
        )
    if findings.run.rows_rejected and not findings.run.rows_scanned:
        raise PartialInputError(
            f"None of the {findings.run.rows_rejected:,} rows of {path} keeps the data contract: mostly "
            f"{reject.reasons.most_common(1)[0][0]}. {REJECTED} in the results names file, line and reason of each."
        )
    return findings if out is None else replace(findings, rejected=Path(out) / REJECTED)


def _opened(
    path: str, beside: Mapping[str, str], log_format: str | None, settings: Settings, stack: ExitStack
) -> tuple[Engine, Input]:
    """The engine that is asked for, until the stack closes it, and the log that it is to scan."""
    if settings.engine.name == "spark":
        executors = stack.enter_context(open_executors(settings.engine))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stillwatch-scan-")))
        return executors, open_spread(path, executors, beside, log_format=log_format, scratch=scratch)
    places = {name: Path(place) for name, place in beside.items()}
    log_input = open_input(Path(path), log_format=log_format, **places)
    return stack.enter_context(open_engine(settings.engine)), log_input


def scan_input(
    log_input: Input,
    reject: Reject,
    *,
    settings: Settings,
    progress: Progress | None = None,
    notes: tuple[str, ...] = (),
    earlier: ScanSequence | None = None,
    engine: Engine | None = None,
) -> ShownFindings:
    """Scan an input that is open already, and write nothing; rows that break the contract go to `reject`."""
    kept = InMemory() if settings.engine.memory is None else OnDisk()
    with open_engine(settings.engine) if engine is None else nullcontext(engine) as opened:
        return _Scan(log_input, reject, opened, settings, progress or _show_nothing, kept).run(notes, earlier)


def _show_nothing(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, eq=False)
class _Read:
    """What was read: two tables of the contract, and the log after the door."""

    accounts: pa.Table
    models: pa.Table
    log: Log


@dataclass(frozen=True, eq=False)
class _Measured:
    """Which signals ran and which did not, which accounts are one principal, and who holds which traits."""

    running: list[Signal]
    skipped: list[SkippedSignal]
    principal: Integers
    holdings: Mapping[str, Holding]


@dataclass(frozen=True, eq=False)
class _Linked:
    """Clusters, the accounts of each, and of each account the number of its cluster or -1."""

    clusters: list[Cluster]
    accounts: list[Integers]
    of_account: Integers


@dataclass(frozen=True, eq=False)
class _Verdicts:
    """The groups that were judged, those that earned a verdict, those that agreements kept from one, and what all are told from."""

    groups: list[Group]
    judged: list[Judged]
    passed: list[PassedOver]
    case: Case
    agreed: Agreements


@dataclass(frozen=True, eq=False)
class _Scan:
    """The stages of one scan; what one hands on to the next are the values above."""

    input: Input
    reject: Reject
    engine: Engine
    settings: Settings
    show: Progress
    kept: Kept

    def run(self, notes: tuple[str, ...], earlier: ScanSequence | None) -> ShownFindings:
        signals = discover("signals", Signal)
        read = self._read()
        past = Past(earlier, _time(read.log.extent.last))
        measured = self._measure(read, signals)
        linked = self._link(measured)
        read = self._near(read, linked)
        judged = self._judge(read, measured, linked, signals)
        told = [tell(campaign_id, j, judged.case) for campaign_id, j in number(judged.judged, read.log)]
        return ShownFindings(
            run=self._manifest(read.log, measured, notes),
            campaigns=tuple(t.campaign for t in told),
            accounts=account_table(told, read.log, agreed=judged.agreed, principal=measured.principal),
            exchanges=exchange_table(told, read.log),
            evidence=evidence_table([row for t in told for row in t.evidence]),
            activity=activity(told, read.log),
            births=births(told, read.log),
            ties=tie_table(told, judged.case),
            explained=explain(
                judged.passed, judged.case, holders(read.accounts, read.log.account_ids, measured.principal)
            ),
            false_alarms=self._false_alarms(measured, judged, told, past),
        )

    def _read(self) -> _Read:
        accounts = self.input.accounts(self.reject)
        if isinstance(self.input, SpreadInput):
            self.show("reading exchanges", 0, None)
            return self._beside(accounts, self.input.keyed(accounts, self.reject))
        gather, done, total = Gather(self.settings.signals.meaning_model, self.kept), 0, self.input.rows
        for batch in self.input.exchanges(self.reject):
            gather.add(batch, keyed(batch))
            done += batch.num_rows
            self.show("reading exchanges", done, total)
        log = gather.finish(accounts)
        self.engine.read("exchange", log.exchange)
        return self._beside(accounts, log)

    def _beside(self, accounts: pa.Table, log: Log) -> _Read:
        self.input.networks(self.reject)
        return _Read(accounts, self.input.models(self.reject), log)

    def _near(self, read: _Read, linked: _Linked) -> _Read:
        """Of a log that lies elsewhere, the exchanges that are looked at one by one are brought here."""
        if not isinstance(self.input, SpreadInput):
            return read
        self.show("bringing exchanges of clusters here", 0, None)
        requests = self.input.rows_by_account(len(read.log.account_ids))
        return replace(read, log=self.input.near(read.log, near(linked.of_account, requests)))

    def _measure(self, read: _Read, signals: Mapping[str, Signal]) -> _Measured:
        self.show("measuring signals", 0, None)
        running, skipped = chosen(signals, self.input.present, self.settings.signals)
        self.engine.read("account", read.log.account)
        self.engine.read("model_release", keyed_models(read.models))
        principal = principals(read.log.account)
        found = (
            holding(table, principal, signal=s.name, family=s.family)
            for s, table in measure(self.engine, running, "trait")
        )
        return _Measured(running, skipped, principal, {h.signal: h for h in found if len(h.keys)})

    def _link(self, measured: _Measured) -> _Linked:
        self.show("linking accounts", 0, None)
        holdings, principal = Holdings(measured.holdings.values()), measured.principal
        clusters = link(holdings, self.settings.link, self.settings.weigh) if holdings else []
        of_account = np.zeros(0, np.int64)
        if len(principal):
            of_account = assign(clusters, int(principal.max()) + 1)[principal]
        accounts = [np.flatnonzero(of_account == at) for at in range(len(clusters))]
        return _Linked(clusters, accounts, of_account)

    def _judge(
        self, read: _Read, measured: _Measured, linked: _Linked, signals: Mapping[str, Signal]
    ) -> _Verdicts:
        self.show("judging clusters", 0, None)
        principal, log = measured.principal, read.log
        of = rows_of(log.exchange["account"].to_numpy(), len(log.account_ids))
        groups, about = self._purpose(read, measured, linked, signals, of)
        clusters, accounts = [g.cluster for g in groups], [g.accounts for g in groups]
        agreed = agreements(read.accounts, log.account_ids, principal)
        rule = self.settings.judge
        judged = judge(clusters, accounts, principal, purpose=about, agreed=agreed, settings=rule)
        passed = passed_over(clusters, accounts, judged, purpose=about, agreed=agreed, settings=rule)
        told = sorted(j.number for j in judged)
        telling = [s for s in measured.running if s.name not in DECIDING]
        member = member_table([g.parties(principal) for g in groups], principal)
        heard = _rows([groups[n] for n in told], of) if any(groups[n].tenant for n in told) else None
        case = Case(
            log=log,
            holdings=measured.holdings,
            signals=signals,
            purpose=about.also(self._about(only(member, told), log.exchange, telling, heard)),
            principal=principal,
            outside_rows=outside_rows(log.exchange, linked.of_account),
            rows_of=of,
            tenants={n: g.tenant for n, g in enumerate(groups) if g.tenant is not None},
        )
        return _Verdicts(groups, judged, passed, case, agreed)

    def _false_alarms(
        self, measured: _Measured, judged: _Verdicts, told: list[Told], past: Past
    ) -> FalseAlarms:
        firm = stability(
            [t.judged.cluster for t in told],
            Holdings(measured.holdings.values()),
            self.settings.link,
            self.settings.weigh,
        )
        addresses = any("exchanges.client_ip" in signal.needs for signal in measured.running)
        return false_alarms(
            Groups(
                [g.cluster for g in judged.groups],
                [g.accounts for g in judged.groups],
                judged.case.purpose,
                addresses,
                judged.case.log.account_ids,
            ),
            judged.agreed,
            {t.judged.number: Reported(t.campaign.campaign_id, s) for t, s in zip(told, firm, strict=True)},
            references=packaged(),
            settings=self.settings.judge,
            past=past,
        )

    def _purpose(
        self, read: _Read, measured: _Measured, linked: _Linked, signals: Mapping[str, Signal], of: RowsOf
    ) -> tuple[list[Group], Purpose]:
        """Clusters and their purpose; a pool with a tenant that is plainly a harvest becomes two groups."""
        principal, exchange = measured.principal, read.log.exchange
        groups = [Group(c, a) for c, a in zip(linked.clusters, linked.accounts, strict=True)]
        parties = [g.parties(principal) for g in groups]
        deciding = [s for s in measured.running if s.name in DECIDING]
        about = self._about(member_table(parties, principal), exchange, deciding)

        def measure_parts(parts: Sequence[Group]) -> Mapping[str, pa.Table]:
            member = member_table([part.parties(principal) for part in parts], principal)
            return self._about(member, exchange, deciding, _rows(parts, of))

        whole = purpose(about, linked.clusters, [len(p) for p in parties])
        found = tenants(
            groups, whole, exchange, principal, rows_of=of, holdings=measured.holdings, signals=signals
        )
        requests = [of.count(a) for a in linked.accounts]
        return divide(groups, whole, found, principal=principal, requests=requests, measure=measure_parts)

    def _about(
        self, member: pa.Table, exchange: pa.Table, signals: list[Signal], rows: Integers | None = None
    ) -> Mapping[str, pa.Table]:
        """What those signals measure of clusters with these members."""
        self.engine.read("member", member)
        if isinstance(self.input, SpreadInput):
            self.input.members(member_exchange_query(chosen=rows is not None), rows)
        else:
            mine = member_exchange(exchange, member, [s.query for s in signals], rows)
            self.engine.read("member_exchange", mine)
        asked = measure(self.engine, signals, "cluster", wanted=sum(BIT[name] for name in WANTED))
        return {s.name: table for s, table in asked}

    def _manifest(self, log: Log, measured: _Measured, notes: tuple[str, ...]) -> Manifest:
        settings = asdict(self.settings)
        del settings["engine"], settings["signals"]["meaning_model"]
        return Manifest(
            version=version("stillwatch"),
            contract_version=CONTRACT_VERSION,
            seed=NO_CHANCE,
            false_alarm_budget=self.settings.judge.false_alarm_budget,
            window_start=_time(log.extent.first),
            window_end=_time(log.extent.last),
            rows_read=self.input.rows_read["exchanges"],
            rows_scanned=log.extent.rows,
            rows_rejected=self.reject.tables["exchanges"],
            unknown_columns=self.input.unknown_columns,
            accounts=len(log.account_ids),
            simulated=self.input.simulated,
            inputs={"exchanges": log.extent.digest, **log.models},
            signals_computed=tuple(sorted(s.name for s in measured.running)),
            signals_skipped=tuple(measured.skipped),
            settings=settings,
            notes=(*self.input.notes, *notes),
            excluded=self.input.excluded,
        )


def _rows(groups: Sequence[Group], of: RowsOf) -> Integers:
    """Positions of the exchanges that those groups are judged by, in order."""
    return np.sort(np.concatenate([np.zeros(0, np.int64), *(group.rows(of) for group in groups)]))


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
