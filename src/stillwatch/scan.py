"""One scan, in the order it happens: the only file that calls all stages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from stillwatch.attribute.scanned import Attributor, signed
from stillwatch.casebook.door import Place, confirmed, kept
from stillwatch.engine.batches import together
from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.engine.open import Engine, open_engine
from stillwatch.fingerprint.assemble import Gather, Log
from stillwatch.fingerprint.door import keyed_models
from stillwatch.fingerprint.kept import Kept, kept_where
from stillwatch.fingerprint.limit import memory_limit
from stillwatch.fingerprint.memory import from_the_system
from stillwatch.fingerprint.probes import WANTED, mask
from stillwatch.judge.agreement import agreements
from stillwatch.judge.brought import Brought
from stillwatch.judge.campaign import tell_all
from stillwatch.judge.case import Case, RowsOf, Told, near, outside_rows, rows_of
from stillwatch.judge.explained import passed_over
from stillwatch.judge.false_alarms import Groups, Reported, among, false_alarms
from stillwatch.judge.groups import member_exchange_query, member_table, only
from stillwatch.judge.judged import Verdicts
from stillwatch.judge.lean import counting, lean
from stillwatch.judge.pools import Group, divide, judged_rows, tenants
from stillwatch.judge.portions import measured
from stillwatch.judge.purpose import DECIDING, Purpose, ordinary, purpose
from stillwatch.judge.references import packaged
from stillwatch.judge.sequence import Past
from stillwatch.judge.shown import shown
from stillwatch.judge.sighted import Outside, lifted
from stillwatch.judge.stability import stability
from stillwatch.judge.traits import names_by_signal
from stillwatch.judge.verdict import judge
from stillwatch.keep.door import Door
from stillwatch.keep.way import AtOnce, Way, way_of
from stillwatch.link.circles import in_one_hand, to_choose_from, who_asked
from stillwatch.link.pairs import in_common
from stillwatch.link.principal import principals
from stillwatch.link.search import Linked, linked
from stillwatch.model.finding import FalseAlarms, Findings, Manifest, SkippedSignal
from stillwatch.model.sequence import ScanSequence
from stillwatch.model.tables import CONTRACT_VERSION
from stillwatch.registry import discover
from stillwatch.report.files import read_sequence, write
from stillwatch.report.landing import landing
from stillwatch.report.notebook import ShownFindings
from stillwatch.settings import Settings
from stillwatch.share.heard import Heard
from stillwatch.share.heard import heard as hear
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import chosen, measure
from stillwatch.sources.actors.profiles import read_actors
from stillwatch.sources.layout import Input
from stillwatch.sources.opened import only_here, opened
from stillwatch.sources.rejected import REJECTED, Reject, complain_if_partial
from stillwatch.sources.spread.log import SpreadInput
from stillwatch.weigh.held import held
from stillwatch.weigh.holding import Holdings, Integers

Progress = Callable[[str, int, int | None], None]

NO_CHANCE = 0
"""The seed that a result names: nothing in a scan is drawn by chance."""


def scan(  # noqa: PLR0913  the door has as many words as the command, and the same
    path: str | Path,
    *,
    out: str | Path | None = None,
    accounts: str | Path | None = None,
    networks: str | Path | None = None,
    models: str | Path | None = None,
    actors: str | Path | None = None,
    since: str | Path | None = None,
    keep: str | Path | None = None,
    days: int | None = None,
    until: str | date | None = None,
    casebook: Place = None,
    circle_key: str | Path | None = None,
    log_format: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Scan a log and, if `out` is given, put the six files of the contract there in one step.

    `path` is a folder in the contract's layout, a log file, or a folder of log files, in the format `log_format` if it is
    not to be recognised; `accounts`, `networks` and `models` name tables that lie elsewhere; `since` is the findings folder of the last scan of the same log;
    `casebook` is a file or a URL where campaigns keep their ids and decisions and others' sightings count (or `run.confirmed` of a scan that is repeated), which `circle_key`, a file, lets be compared; `keep` is a folder for what comes out of the door of each file, so that the
    next scan reads new files alone. With `days` the last days of the log are scanned, up to `until` (2026-11-28), or else to the day of its latest exchange.
    `progress` is called with the stage, the rows done and the rows in all (None if unknown).
    Raises `InputError` if nothing can be read, and `PartialInputError`, after writing, if only a part or no row could be.
    """
    chosen_settings, show = settings or Settings(), progress or _show_nothing
    with from_the_system(spared=chosen_settings.engine.memory is not None), ExitStack() as stack:
        folder = None if out is None else stack.enter_context(landing(Path(out)))
        scratch = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stillwatch-scan-")))
        earlier = None if since is None else read_sequence(Path(since))
        tables = {"accounts": accounts, "networks": networks, "models": models}
        only_here(chosen_settings.engine, keep=keep, days=days, actors=actors)
        engine, log_input = opened(path, chosen_settings.engine, stack, log_format=log_format, tables=tables)
        reject = stack.enter_context(Reject(scratch / REJECTED))
        who = Attributor(*read_actors(Path(actors))) if actors else None
        way = way_of(path, out=out, keep=keep, days=days, until=until, settings=chosen_settings.keep)
        findings = scan_input(
            log_input,
            reject,
            settings=chosen_settings,
            progress=show,
            who=who,
            earlier=earlier,
            confirmed=confirmed(casebook, out=out),
            heard=hear(casebook, circle_key),
            way=way,
            engine=engine,
        )
        findings = stack.enter_context(kept(findings, casebook, signed))
        if folder is not None:
            show("writing the findings", 0, None)
            reject.close()
            write(replace(findings, rejected=scratch / REJECTED), folder, threads=engine.at_once)
    complain_if_partial(path, log_input.failures, reject, rows_scanned=findings.run.rows_scanned)
    return findings if out is None else replace(findings, rejected=Path(out) / REJECTED)


def scan_input(  # noqa: PLR0913  as above
    log_input: Input,
    reject: Reject,
    *,
    settings: Settings,
    progress: Progress | None = None,
    who: Attributor | None = None,
    earlier: ScanSequence | None = None,
    confirmed: Mapping[str, str] | None = None,
    heard: Heard | None = None,
    way: Way | None = None,
    engine: Engine | None = None,
) -> ShownFindings:
    """Scan an input that is open already, and write nothing; rows that break the contract go to `reject`."""
    columns = kept_where(is_bounded=settings.engine.memory is not None)
    show, who, way = progress or _show_nothing, who or Attributor(), way or AtOnce()
    with open_engine(settings.engine, memory_limit()) if engine is None else nullcontext(engine) as tables:
        one = _Scan(
            log_input, reject, tables, settings, show, columns, way, who, confirmed or {}, heard or Heard()
        )
        return one.run(earlier)


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
    holdings: Holdings


@dataclass(frozen=True, eq=False)
class _Scan:
    """The stages of one scan; what one hands on to the next are the values above."""

    input: Input
    reject: Reject
    engine: Engine
    settings: Settings
    show: Progress
    kept: Kept
    way: Way
    who: Attributor
    confirmed: Mapping[str, str]
    heard: Heard

    @property
    def _at_once(self) -> int:
        """How many look for rows of the log at a time: one where columns lie in files, whose pages two would take from each other."""
        return 1 if self.kept.in_files else self.engine.at_once

    def run(self, earlier: ScanSequence | None) -> ShownFindings:
        signals = discover("signals", Signal)
        read = self._read()
        past = Past(earlier, read.log.extent.end)
        measured = self._measure(read, signals)
        clusters = self._link(measured)
        read = self._near(read, clusters)
        outside = self.heard.on(read.log.extent.end, simulated=self.input.simulated)
        judged = self._judge(read, measured, clusters, signals, outside)
        told = tell_all(judged.judged, judged.case, threads=self.engine.at_once, in_files=self.kept.in_files)
        campaigns, attributed = self.who.of(
            told, judged.case, read.accounts, judged.agreed, day=read.log.extent.end
        )
        doubts = self._false_alarms(measured, judged, told, past)
        parts = shown(told, judged, read.accounts, measured.principal)
        return ShownFindings(
            run=self._manifest(read.log, measured, (*outside.notes, *among(doubts))),
            campaigns=campaigns,
            attributed=attributed,
            false_alarms=doubts,
            kept=self.way.told,
            **together(parts, threads=self._at_once),
        )

    def _read(self) -> _Read:
        accounts = self.input.accounts(self.reject)
        if isinstance(self.input, SpreadInput):
            return self._beside(accounts, self.input.keyed(accounts, self.reject))
        gather = Gather(self.settings.signals.meaning_model, self.kept)
        door = Door(gather, self.engine.at_once)
        for passed in self.way.passed(self.input, self.reject, door, self.show):
            gather.take(passed)
            self.who.mentions.see(passed.contract, passed.keyed)
        log = gather.finish(accounts)
        self.engine.read("exchange", log.exchange)
        return self._beside(accounts, log)

    def _beside(self, accounts: pa.Table, log: Log) -> _Read:
        self.who.networks = self.input.networks(self.reject)
        return _Read(accounts, self.input.models(self.reject), log)

    def _near(self, read: _Read, linked: Linked) -> _Read:
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
        here = None if isinstance(self.input, SpreadInput) else read.log.exchange
        holdings = held(running, principal, here, self.engine, threads=self.engine.at_once, counted_at_once=self._at_once)  # fmt: skip
        return _Measured(running, skipped, principal, holdings)

    def _link(self, measured: _Measured) -> Linked:
        self.show("linking accounts", 0, None)
        found = linked(measured.holdings, measured.principal, self.settings.link, self.settings.weigh)
        measured.holdings.rest()
        return found

    def _judge(
        self,
        read: _Read,
        measured: _Measured,
        linked: Linked,
        signals: Mapping[str, Signal],
        outside: Outside,
    ) -> Verdicts:
        self.show("judging clusters", 0, None)
        principal, log = measured.principal, read.log
        of = rows_of(log.exchange["account"].to_numpy(), len(log.account_ids))
        groups, about = self._purpose(read, measured, linked, signals, of)
        about = about.less(lean(groups, log.account_ids, self.confirmed, log.extent.end))
        clusters, accounts = [g.cluster for g in groups], [g.accounts for g in groups]
        agreed = agreements(read.accounts, log.account_ids, principal)
        rule, holdings, names = (
            self.settings.judge,
            measured.holdings.by_signal,
            names_by_signal(signals, log),
        )
        told_of = lifted(groups, about, outside, holdings=holdings, names=names, agreed=agreed, settings=rule)
        about, leads = told_of.purpose, told_of.leads
        judged = judge(
            clusters, accounts, principal, purpose=about, agreed=agreed, settings=rule, leads=leads, in_common=partial(in_common, measured.holdings),
        )  # fmt: skip
        passed = passed_over(clusters, accounts, judged, purpose=about, agreed=agreed, settings=rule)
        told = sorted(j.number for j in judged)
        telling = [s for s in measured.running if s.name not in DECIDING]
        member = member_table([g.parties(principal) for g in groups], principal)
        heard = judged_rows([groups[n] for n in told], of) if any(groups[n].tenant for n in told) else None
        case = Case(
            log=log,
            holdings=holdings,
            signals=signals,
            purpose=about.also(self._about(only(member, told), log, of, telling, heard)),
            principal=principal,
            outside_rows=outside_rows(log.exchange, linked.of_account),
            rows_of=of,
            tenants={n: g.tenant for n, g in enumerate(groups) if g.tenant is not None},
            spoken=told_of.spoken,
        )
        return Verdicts(groups, judged, passed, case, agreed)

    def _false_alarms(
        self, measured: _Measured, judged: Verdicts, told: list[Told], past: Past
    ) -> FalseAlarms:
        firm = stability(
            [t.judged.cluster for t in told],
            measured.holdings,
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
        self, read: _Read, measured: _Measured, linked: Linked, signals: Mapping[str, Signal], of: RowsOf
    ) -> tuple[list[Group], Purpose]:
        """Clusters and their purpose; a pool with a tenant that is plainly a harvest becomes two groups."""
        principal, holdings, log = measured.principal, measured.holdings, read.log
        groups = [Group(c, a) for c, a in zip(linked.clusters, linked.accounts, strict=True)]
        parties = [g.parties(principal) for g in groups]
        deciding = [s for s in measured.running if s.name in DECIDING]
        about = self._about(member_table(parties, principal), log, of, deciding)

        def measure_parts(parts: Sequence[Group]) -> Mapping[str, pa.Table]:
            member = member_table([part.parties(principal) for part in parts], principal)
            return self._about(member, log, of, deciding, judged_rows(parts, of))

        size = partial(in_one_hand, holdings, ordinary(who_asked(holdings)))
        everyone = to_choose_from(holdings)
        whole = purpose(about, linked.clusters, [*map(size, linked.clusters, parties)], everyone)
        found = tenants(
            groups, whole, Brought(log.exchange, of), principal, holdings=holdings.by_signal, signals=signals,
            threads=self.engine.at_once, in_files=self.kept.in_files,
        )  # fmt: skip
        return divide(
            groups, whole, found, principal=principal, requests=[of.count(a) for a in linked.accounts], measure=measure_parts, size=size, everyone=everyone,
        )  # fmt: skip

    def _about(
        self, member: pa.Table, log: Log, of: RowsOf, signals: list[Signal], rows: Integers | None = None
    ) -> Mapping[str, pa.Table]:
        """What those signals measure of clusters with these members."""
        wanted = mask(*WANTED)
        if isinstance(self.engine, DuckDBEngine):
            return measured(
                self.engine, log.exchange, member, signals, rows_of=of, rows=rows, at_once=self._at_once, wanted=wanted
            )  # fmt: skip
        assert isinstance(self.input, SpreadInput)  # noqa: S101  what executors hold is theirs to read
        self.engine.read("member", member)
        self.input.members(member_exchange_query(chosen=rows is not None), rows)
        return {s.name: table for s, table in measure(self.engine, signals, "cluster", wanted=wanted)}

    def _manifest(self, log: Log, measured: _Measured, heard: Sequence[str]) -> Manifest:
        settings = asdict(self.settings)
        del settings["engine"], settings["keep"], settings["signals"]["meaning_model"]
        return Manifest(
            version=version("stillwatch"),
            contract_version=CONTRACT_VERSION,
            seed=NO_CHANCE,
            false_alarm_budget=self.settings.judge.false_alarm_budget,
            window_start=log.extent.start,
            window_end=log.extent.end,
            rows_read=self.input.rows_read["exchanges"],
            rows_scanned=log.extent.rows,
            rows_rejected=self.reject.tables["exchanges"],
            unknown_columns=self.input.unknown_columns,
            accounts=len(log.account_ids),
            simulated=self.input.simulated,
            inputs={"exchanges": log.extent.digest, **log.models, **self.who.inputs},
            signals_computed=tuple(sorted(s.name for s in measured.running)),
            signals_skipped=tuple(measured.skipped),
            settings=settings,
            notes=(*self.input.notes, *self.who.said, *heard),
            excluded=self.input.excluded,
            confirmed=counting(self.confirmed, log.account_ids, log.extent.end),
        )
