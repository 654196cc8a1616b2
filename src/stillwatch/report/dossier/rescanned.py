"""Compare a dossier with another scan of the log, part by part: whatever a pack holds is compared, or it is said that it was not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.model.attributed import ACTORS
from stillwatch.model.checked import Check, Outcome
from stillwatch.model.finding import Campaign
from stillwatch.model.pack import Pack
from stillwatch.report.dossier.attributed_again import differing as differing_parts
from stillwatch.report.dossier.attributed_again import told_of
from stillwatch.report.dossier.checked import Opened
from stillwatch.report.dossier.from_log import Examples, Place
from stillwatch.report.dossier.inputs import differing, digests
from stillwatch.report.dossier.packed import FINDING, LOG, MEMBERS, PIECES, files_of, pack_of
from stillwatch.report.dossier.taken import FindingsFolder
from stillwatch.report.false_alarms import OVER_SCANS
from stillwatch.sources.layout import SIMULATED

AGAIN = "scanned again"
SECTIONS = ("run", "campaign", "told", "extent")
"""Parts of `finding.json` that are compared key by key."""
ELSEWHERE = {"campaign.attribution", "attributed", "run.inputs.actors"}
"""Compared apart, since it takes the actors' file."""
LEFT_OUT: Mapping[str, str] = {
    "campaign.campaign_id": "a casebook gives names of its own",
    "run.version": "another version scanned",
    "sources": "the findings folder is not at hand; its files name campaigns and settings that are not told here",
}
"""What may differ though the log is the same, and why; where it is the same it is said to be."""
FROM_LOG = ("standing", "exchanges", "belonging")
"""Columns of the members that only the log can fill."""

UNHEARD = Check(
    AGAIN,
    "not checked",
    "people's clearings or others' sightings count in it, which the log does not hold: give the casebook that held them with --casebook",
)
OF_PEOPLE = Check("record", "not checked", "what people write, and a bundle that they add, is not in the log")
NO_ACTORS = Check(
    f"attribution, {AGAIN}",
    "not checked",
    "what people keep of actors is not in the log: give the actors' file with --actors",
)


@dataclass(frozen=True)
class Rescan:
    """Another scan of the log: its findings folder, the log, and the actors' file if one was given."""

    folder: Path
    place: Place | None = None
    actors: Path | None = None


def against(held: Opened, rescan: Rescan) -> tuple[Check, ...]:
    """Make the pack again from another scan, as `stillwatch dossier` makes it, and compare all of it."""
    pack, found = pack_of(held.pack_files), FindingsFolder(rescan.folder)
    campaign = _same(pack, found)
    if campaign is None:
        return (Check("the finding", "missing", "the scan finds no group with these accounts"),)
    again = _again(pack, found, campaign, rescan.place)
    mine, theirs = _parts(held.pack_files), _parts(files_of(again))
    return (
        *(_compared(name, mine, theirs) for name in sorted({*mine, *theirs} - ELSEWHERE)),
        *_of_actors(pack, again, rescan.actors),
        OF_PEOPLE,
    )


def needs_casebook(held: Opened) -> bool:
    """Whether others' sightings are among the evidence, or accounts were let out that people had cleared."""
    pack = pack_of(held.pack_files)
    return bool(pack.run.get("accounts_let_out")) or "sightings" in pack.evidence["signal"].to_pylist()


def same_log(held: Opened, log: Path, *beside: Path | None) -> Iterator[Check]:
    """Whether the log is marked as the dossier says, and its files are those that the dossier was told from, if it was told from any."""
    pack = pack_of(held.pack_files)
    marked, said = (log / SIMULATED).exists(), bool(pack.run.get("simulated"))
    how = f"the log is {_traffic(marked)}, the dossier says {_traffic(said)}"
    yield Check("simulated or real", "same" if marked == said else "altered", how)
    if pack.log is not None and pack.log.files:
        other = differing(pack.log.files, digests(log, *beside))
        told = f"not as they were: {', '.join(other[:6])}" if other else "SHA-256 of each as recorded"
        yield Check("files of the log", "altered" if other else "same", told)


def _traffic(is_simulated: bool) -> str:  # noqa: FBT001  it is the whole question
    return "simulated traffic" if is_simulated else "real traffic"


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


def _again(pack: Pack, found: FindingsFolder, campaign: Campaign, place: Place | None) -> Pack:
    """The pack of the other scan, with as many examples, and its evidence under the name that the campaign has here."""
    shown = Examples() if pack.log is None else Examples(len(pack.log.examples), pack.log.is_unmasked)
    again = found.take(campaign, pack.record, None if pack.log is None else place, shown)
    return replace(again, evidence=_renamed(again.evidence, campaign.campaign_id, pack.campaign.campaign_id))


def _renamed(evidence: pa.Table, name: str, mine: str) -> pa.Table:
    for column in ("campaign_id", "subject"):
        values = evidence[column]
        here = pc.if_else(pc.equal(values, name), pa.scalar(mine, values.type), values)
        evidence = evidence.set_column(evidence.schema.get_field_index(column), column, here)
    return evidence


def _parts(files: Mapping[str, bytes]) -> dict[str, Any]:
    """All that the files of a pack hold, by name: each key of the documents, each column of the tables."""
    finding, log = json.loads(files[FINDING]), json.loads(files[LOG])
    parts = {name: value for name, value in finding.items() if name not in SECTIONS}
    for section in SECTIONS:
        parts |= {f"{section}.{key}": value for key, value in finding[section].items()}
    parts |= {f"run.inputs.{key}": value for key, value in parts.pop("run.inputs").items()}
    parts |= {"log": None} if log is None else {f"log.{key}": value for key, value in log.items()}
    for name, file in (("members", MEMBERS), ("evidence", PIECES)):
        table = pq.read_table(BytesIO(files[file]), partitioning=None)
        parts |= {f"{name}.{column}": table[column].to_pylist() for column in table.column_names}
    return parts


def _compared(name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Check:
    here, there = mine.get(name), theirs.get(name)
    is_same = here == there and (name in mine) == (name in theirs)
    told: tuple[Outcome, str] = (
        ("same", "the scan gives the same") if is_same else ("altered", "the scan gives something else")
    )
    if not is_same and name in LEFT_OUT:
        told = ("not checked", LEFT_OUT[name])
    elif not is_same and "log" in theirs and _is_from_log(name):
        told = ("not checked", "the log was not read again")
    elif name == "beside_innocents":
        told = _beside(here or [], there or [])
    return Check(f"{name}, {AGAIN}", *told)


def _is_from_log(name: str) -> bool:
    return name.partition(".")[0] == "log" or name in {f"members.{column}" for column in FROM_LOG}


def _beside(here: list[str], there: list[str]) -> tuple[Outcome, str]:
    """The sentences on innocent clusters; what earlier scans of the log said is in none that is made for once."""
    now = [text for text in here if not text.startswith(OVER_SCANS)]
    if now != [text for text in there if not text.startswith(OVER_SCANS)]:
        return ("altered", "the scan gives something else")
    if now != here:
        return ("not checked", "it tells of earlier scans, which are not repeated; the rest is the same")
    return ("same", "the scan gives the same")


def _of_actors(pack: Pack, again: Pack, actors: Path | None) -> Iterator[Check]:
    told = told_of(pack)
    recorded, now = (one.run.get("inputs", {}).get(ACTORS) for one in (pack, again))
    if actors is None and (told is not None or recorded is not None):
        yield NO_ACTORS
        return
    if recorded is not None or now is not None:
        how = "SHA-256 as recorded" if recorded == now else "not the file that the scan had"
        yield Check("actors' file", "same" if recorded == now else "altered", how)
    if told is None:
        is_same = again.attributed is None and pack.campaign.attribution == again.campaign.attribution
        other: tuple[str, ...] = () if is_same else ("attribution",)
    else:
        other = differing_parts(told, again.attributed)
    how = f"the scan says something else of: {', '.join(other)}" if other else "the scan gives the same"
    yield Check(f"attribution, {AGAIN}", "altered" if other else "same", how)
