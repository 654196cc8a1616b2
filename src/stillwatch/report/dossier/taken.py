"""A findings folder, and the log if it is at hand → the pack of one campaign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.errors import InputError
from stillwatch.model.finding import Campaign, CapabilityShare
from stillwatch.model.pack import PACK_MEMBER, Extent, Pack, Record
from stillwatch.model.tables import EXCHANGE_FINDING
from stillwatch.report.dossier.from_log import Examples, Place, from_log
from stillwatch.report.dossier.inputs import digest_of
from stillwatch.report.false_alarms import beside_innocents
from stillwatch.report.files import Filed, read
from stillwatch.report.told import of_campaign

TABLES = ("findings.json", "accounts.parquet", "evidence.parquet", "exchanges.parquet")


class FindingsFolder:
    """A findings folder, opened once for all of its dossiers."""

    def __init__(self, folder: Path) -> None:
        """Read the folder; its large table is looked into when a campaign is taken."""
        self.folder, self.filed = folder, read(folder)
        if not (folder / "exchanges.parquet").is_file():
            raise InputError(
                f"{folder} holds no exchanges.parquet. Give the folder that `stillwatch scan --out` wrote."
            )
        if self.filed.campaigns and not self.filed.told:
            raise InputError(
                f"{folder} was written by an older version: it does not tell what a dossier draws. Scan again."
            )
        self.campaigns = _campaigns(self.filed, folder)
        self.sources = {name: digest_of(folder / name) for name in TABLES}

    def take(self, campaign: Campaign, record: Record, place: Place | None, examples: Examples) -> Pack:
        """All of one campaign."""
        name, filed = campaign.campaign_id, self.filed
        rows = pq.read_table(
            self.folder / "exchanges.parquet", filters=pc.field("campaign_id") == name, partitioning=None
        )
        rows = rows.select(EXCHANGE_FINDING.names).cast(EXCHANGE_FINDING).sort_by("exchange_id")
        members = _members(of_campaign(name, filed.accounts))
        is_harvest = campaign.verdict == "distillation"
        weighed = _weighed(rows, is_harvest=is_harvest)
        log = None
        if place is not None:
            shown = examples if is_harvest else replace(examples, most=0)
            log, members = from_log(place, weighed, members, shown)
            if log.wanted and not log.found:
                raise InputError(
                    f"{place.log} holds none of the {log.wanted:,} exchanges of {name}. Give the log that was scanned."
                )
        return Pack(
            run=_of_members(filed.run, members),
            campaign=campaign,
            told=filed.told[name],
            beside_innocents=beside_innocents(filed.false_alarms, name),
            attributed=self.attributed(name),
            extent=replace(extent(weighed), digest=rows_digest(rows)),
            sources=self.sources,
            members=members,
            evidence=of_campaign(name, filed.evidence),
            log=log,
            record=record,
        )

    def attributed(self, name: str) -> Mapping[str, Any] | None:
        """What the scan says of actors behind a campaign, as the file holds it."""
        document = msgspec.json.decode((self.folder / "findings.json").read_bytes())
        found = [one for one in document.get("attributed", ()) if one.get("campaign_id") == name]
        return found[0] if found else None


def extent(rows: pa.Table) -> Extent:
    """How far a finding reaches into the exchanges, and a digest of exactly which those are."""
    by = rows.group_by("capability").aggregate([("extraction", "sum")]).to_pylist()
    total = sum(r["extraction_sum"] for r in by)
    shares = [
        CapabilityShare(r["capability"], r["extraction_sum"] / total, round(r["extraction_sum"]))
        for r in by
        if total
    ]
    return Extent(
        rows=rows.num_rows,
        belonging=round(float(total), 6),
        digest=rows_digest(rows),
        capabilities=tuple(sorted(shares, key=lambda s: (-s.share, s.capability))),
    )


def _weighed(rows: pa.Table, *, is_harvest: bool) -> pa.Table:
    """The rows with how far each belongs; all that the accounts of a finding ask does, if it is no harvest."""
    belongs = pc.fill_null(rows["extraction"], 0.0) if is_harvest else pa.array(np.ones(len(rows)))
    return rows.set_column(rows.schema.get_field_index("extraction"), "extraction", belongs)


def rows_digest(rows: pa.Table) -> str:
    """SHA-256 of the exchanges in the order of their ids, with capability and probability, whatever the campaign is called."""
    found = hashlib.sha256()
    for batch in rows.sort_by("exchange_id").to_batches(max_chunksize=100_000):
        for name in ("exchange_id", "capability"):
            for text in batch[name].to_pylist():
                found.update(f"{text}\n".encode())
        found.update(np.asarray(batch["extraction"], "<f8").tobytes())
    return found.hexdigest()


def _of_members(run: Mapping[str, Any], members: pa.Table) -> Mapping[str, Any]:
    """What the scan was made of; of the accounts that people had confirmed, only those that the dossier is about."""
    if "confirmed" not in run:
        return run
    mine = set(members["account_id"].to_pylist())
    return {**run, "confirmed": {name: day for name, day in run["confirmed"].items() if name in mine}}


def _members(accounts: pa.Table) -> pa.Table:
    nothing = {name: pa.nulls(accounts.num_rows) for name in ("standing", "exchanges", "belonging")}
    columns = {name: accounts[name] for name in ("account_id", "membership", "verdict")}
    return pa.table({**columns, **nothing}).cast(PACK_MEMBER).sort_by("account_id")


def _campaigns(filed: Filed, folder: Path) -> tuple[Campaign, ...]:
    try:
        return msgspec.convert(filed.campaigns, tuple[Campaign, ...], strict=False)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{folder / 'findings.json'} holds a campaign of another making: {error}. Scan again."
        ) from error
