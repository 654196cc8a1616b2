"""Find out whether a dossier is what it was: by its digests, by telling it again from its tables, and by another scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.errors import InputError, StillwatchError
from stillwatch.model.attributed import ACTORS
from stillwatch.model.finding import Campaign
from stillwatch.model.pack import Pack
from stillwatch.model.tables import EVIDENCE, EXCHANGE_FINDING
from stillwatch.report.dossier.attributed_again import differing as differing_parts
from stillwatch.report.dossier.attributed_again import faults, told_of
from stillwatch.report.dossier.documents import documents, pack_digest
from stillwatch.report.dossier.inputs import differing, digests
from stillwatch.report.dossier.packed import QUERIES, pack_of, queries
from stillwatch.report.dossier.sealed import FORMAT, Seal, digest, opened
from stillwatch.report.dossier.taken import FindingsFolder, rows_digest
from stillwatch.report.told import of_campaign

Outcome = Literal["same", "altered", "missing", "added", "not checked"]
SET_BY_TEMPLATES = ("dossier.html", "one-page.html", "dossier.md")


@dataclass(frozen=True)
class Check:
    """One thing that was checked, what came of it, and how."""

    name: str
    outcome: Outcome
    told: str

    @property
    def is_bad(self) -> bool:
        """Whether it speaks against the dossier."""
        return self.outcome in {"altered", "missing", "added"}


@dataclass(frozen=True, eq=False)
class Opened:
    """A dossier.zip, read."""

    seal: Seal
    files: Mapping[str, bytes]

    @property
    def pack_files(self) -> dict[str, bytes]:
        """The files that the dossier is told from."""
        return {name: self.files[name] for name in self.seal.pack if name in self.files}


UNHEARD = Check(
    "scanned again",
    "not checked",
    "people's clearings or others' sightings count in it, which the log does not hold: give the casebook that held them with --casebook",
)
OF_PEOPLE = Check("prompts and record", "not checked", "what people show and write is not in the log")
NO_ACTORS = Check(
    "attribution, scanned again",
    "not checked",
    "what people keep of actors is not in the log: give the actors' file with --actors",
)


def read_zip(path: Path) -> Opened:
    """Open a dossier.zip; what is none is refused."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    seal, files = opened(content, str(path))
    if seal.format != FORMAT:
        raise InputError(f"{path} is of format {seal.format[:40]!r}; this version reads {FORMAT}.")
    return Opened(seal, files)


def checks(held: Opened) -> tuple[Check, ...]:
    """By digests, and then by telling the dossier again, if all that it is told from is as it was."""
    by_digest = tuple(_by_digest(held))
    altered = {check.name for check in by_digest if check.is_bad}
    if altered & set(held.seal.pack):
        return (*by_digest, Check("told again", "not checked", "what it is told from is not what it was"))
    return (*by_digest, *_told_again(held, altered))


def _by_digest(held: Opened) -> Iterator[Check]:
    sealed = {**held.seal.pack, **held.seal.documents}
    for name, expected in sorted(sealed.items()):
        if name not in held.files:
            yield Check(name, "missing", "named in the manifest, and not there")
        elif digest(held.files[name]) != expected:
            yield Check(
                name, "altered", f"SHA-256 {digest(held.files[name])[:16]}…, sealed as {expected[:16]}…"
            )
        else:
            yield Check(name, "same", f"SHA-256 {expected[:16]}…")
    for name in sorted(set(held.files) - set(sealed)):
        yield Check(name, "added", "there, and not named in the manifest")
    whole = pack_digest(held.pack_files)
    outcome: Outcome = "same" if whole == held.seal.pack_digest else "altered"
    yield Check("digest of the pack", outcome, whole)


def _told_again(held: Opened, altered: set[str]) -> Iterator[Check]:
    mine = version("stillwatch")
    if mine != held.seal.made_by:
        yield Check("told again", "not checked", f"made by version {held.seal.made_by}; this is {mine}")
        return
    try:
        told = documents(held.pack_files, frozenset({"html", "md", "json"}))
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StillwatchError) as error:
        yield Check("told again", "altered", f"no scan writes such tables: {error!r:.200}")
        return
    pack = pack_of(held.pack_files)
    yield from _follows(pack)
    asked = queries(pack.run.get("signals_computed", ())).encode()
    yield _told(QUERIES, is_same=asked == held.files[QUERIES], by="this version asks")
    for name in sorted(set(held.seal.documents) - altered):
        if name.endswith(".pdf"):
            yield Check(
                f"{name}, told again", "not checked", "its digest only: fonts differ between machines"
            )
        elif held.seal.templates is not None and name in SET_BY_TEMPLATES:
            yield Check(f"{name}, told again", "not checked", "set with an operator's own templates")
        else:
            yield _told(name, is_same=told.get(name) == held.files[name], by="the tables say")


def _follows(pack: Pack) -> Iterator[Check]:
    """Whether the statement on who is behind it follows from the tables of actors, if there are any."""
    told = told_of(pack)
    if told is not None:
        wrong = faults(pack, told)
        how = "; ".join(wrong) if wrong else "level, order and statement follow from its tables"
        yield Check("attribution, by its own tables", "altered" if wrong else "same", how)


def _told(name: str, *, is_same: bool, by: str) -> Check:
    how = f"{by} the same" if is_same else f"{by} something else than this file"
    return Check(f"{name}, told again", "same" if is_same else "altered", how)


def against(held: Opened, rescanned: Path, actors: Path | None = None) -> tuple[Check, ...]:
    """Compare the pack with another scan of the log: accounts, evidence, exchanges and figures of the same finding.

    `actors` is the file that was scanned with, if one was.
    """
    pack, found = pack_of(held.pack_files), FindingsFolder(rescanned)
    campaign = _same(pack, found)
    if campaign is None:
        return (Check("the finding", "missing", "the scan finds no group with these accounts"),)
    return (*_compared(pack, found, campaign), *_of_actors(pack, found, campaign, actors), OF_PEOPLE)


def needs_casebook(held: Opened) -> bool:
    """Whether others' sightings are among the evidence, or accounts were let out that people had cleared."""
    pack = pack_of(held.pack_files)
    return bool(pack.run.get("accounts_let_out")) or "sightings" in pack.evidence["signal"].to_pylist()


def same_log(held: Opened, *places: Path | None) -> Iterator[Check]:
    """Whether the files of the log are those that the dossier was told from, if it was told from any."""
    log = pack_of(held.pack_files).log
    if log is not None and log.files:
        other = differing(log.files, digests(*places))
        told = f"not as they were: {', '.join(other[:6])}" if other else "SHA-256 of each as recorded"
        yield Check("files of the log", "altered" if other else "same", told)


def _same(pack: Pack, found: FindingsFolder) -> Campaign | None:
    """The finding of the other scan that shares most accounts with this one; ids may differ where a casebook gave them."""
    mine = pa.array(pack.members["account_id"].to_pylist(), pa.string())
    accounts = found.filed.accounts
    theirs = (
        accounts.filter(pc.is_in(accounts["account_id"], mine))
        .group_by("campaign_id")
        .aggregate([([], "count_all")])
    )
    ranked = sorted(
        (-row["count_all"], row["campaign_id"])
        for row in theirs.to_pylist()
        if row["campaign_id"] is not None
    )
    return next((c for _, name in ranked[:1] for c in found.campaigns if c.campaign_id == name), None)


def _compared(pack: Pack, found: FindingsFolder, campaign: Campaign) -> Iterator[Check]:
    name = campaign.campaign_id
    columns = ["account_id", "membership", "verdict"]
    members = of_campaign(name, found.filed.accounts).select(columns).sort_by("account_id")
    yield _check("accounts", is_same=members.equals(pack.members.select(columns).sort_by("account_id")))
    theirs = _pieces(of_campaign(name, found.filed.evidence), name)
    yield _check("evidence", is_same=theirs == _pieces(pack.evidence, pack.campaign.campaign_id))
    rows = pq.read_table(
        found.folder / "exchanges.parquet", filters=pc.field("campaign_id") == name, partitioning=None
    )
    again = rows_digest(rows.select(EXCHANGE_FINDING.names).cast(EXCHANGE_FINDING))
    yield _check("exchanges", is_same=again == pack.extent.digest)
    yield _check("figures", is_same=_figures(campaign) == _figures(pack.campaign))
    yield _check("input", is_same=_inputs(found.filed.run) == _inputs(pack.run))


def _inputs(run: Mapping[str, Any]) -> dict[str, str]:
    """What the log was; the actors' file is compared apart."""
    return {name: value for name, value in run.get("inputs", {}).items() if name != ACTORS}


def _of_actors(pack: Pack, found: FindingsFolder, campaign: Campaign, actors: Path | None) -> Iterator[Check]:
    told = told_of(pack)
    if told is None:
        return
    if actors is None:
        yield NO_ACTORS
        return
    recorded, now = (run.get("inputs", {}).get(ACTORS) for run in (pack.run, found.filed.run))
    how = "SHA-256 as recorded" if recorded == now else "not the file that the scan had"
    yield Check("actors' file", "same" if recorded == now else "altered", how)
    other = differing_parts(told, found.attributed(campaign.campaign_id))
    how = f"the scan says something else of: {', '.join(other)}" if other else "the scan gives the same"
    yield Check("attribution, scanned again", "altered" if other else "same", how)


def _check(name: str, *, is_same: bool) -> Check:
    told = "the scan gives the same" if is_same else "the scan gives something else"
    return Check(f"{name}, scanned again", "same" if is_same else "altered", told)


def _pieces(evidence: pa.Table, name: str) -> list[str]:
    """The rows as text, without what the campaign is called."""
    columns = [c for c in EVIDENCE.names if c != "campaign_id"]
    rows = evidence.select(columns).to_pylist()
    return sorted(repr({**row, "subject": "" if row["subject"] == name else row["subject"]}) for row in rows)


def _figures(campaign: Campaign) -> tuple[object, ...]:
    return (
        campaign.verdict,
        campaign.coordination,
        campaign.distillation,
        campaign.accounts,
        campaign.exchanges,
        campaign.capabilities,
        campaign.techniques,
        campaign.models,
    )
