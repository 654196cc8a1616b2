"""The folder a scan leaves behind: six files that are the same bytes for the same findings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.engine.batches import in_order
from stillwatch.errors import InputError
from stillwatch.judge.order import in_order as ids_in_order
from stillwatch.judge.order import put
from stillwatch.model.attributed import Attributed
from stillwatch.model.corroborated import Corroboration
from stillwatch.model.dossier import Told
from stillwatch.model.finding import FalseAlarms, Findings, Trait
from stillwatch.model.sequence import ScanSequence
from stillwatch.model.tables import ACCOUNT_FINDING, EVIDENCE, EXCHANGE_FINDING
from stillwatch.report.html import render
from stillwatch.report.result import findings_json

ROWS_A_GROUP = 131_072
COMPRESSION_LEVEL = 3


@dataclass(frozen=True)
class Filed:
    """A findings folder, read back: the run and campaigns of `findings.json`, and two of its tables.

    `attributed` is empty where no actor was given. `traits` are those of each campaign, by its id. They and `false_alarms` are None in a folder that an
    older version wrote, and `told` is empty.
    """

    run: Mapping[str, Any]
    campaigns: tuple[Mapping[str, Any], ...]
    accounts: pa.Table
    evidence: pa.Table
    false_alarms: FalseAlarms | None = None
    attributed: tuple[Attributed, ...] = ()
    traits: Mapping[str, tuple[Trait, ...]] | None = None
    told: Mapping[str, Told] = field(default_factory=dict)
    corroborated: tuple[Corroboration, ...] = ()


def write(findings: Findings, folder: Path, *, threads: int = 1) -> None:
    """Write the six files of the contract into `folder`, which is created if it is missing, a few at once."""
    folder.mkdir(parents=True, exist_ok=True)
    files: Mapping[str, Callable[[Path], object]] = {
        "findings.json": lambda path: path.write_bytes(findings_json(findings).encode("ascii")),
        "accounts.parquet": partial(write_table, findings.accounts, ACCOUNT_FINDING),
        "exchanges.parquet": partial(write_table, findings.exchanges, EXCHANGE_FINDING),
        "evidence.parquet": partial(write_table, findings.evidence, EVIDENCE),
        "report.html": lambda path: path.write_bytes(render(findings).encode("utf-8")),
        "rejected.jsonl": partial(_write_rejected, findings.rejected),
    }
    jobs = [partial(one, folder / name) for name, one in files.items()]
    for _ in in_order(jobs, lambda job: job(), threads=threads, ahead=len(jobs)):
        pass


def write_table(table: pa.Table, schema: pa.Schema, path: Path | BytesIO) -> None:
    """Write a table so that equal rows give equal bytes, in whatever order and chunks they arrive."""
    ordered = _in_order(table.select(schema.names).cast(schema).replace_schema_metadata(None))
    pq.write_table(
        ordered.combine_chunks(),
        path,
        row_group_size=ROWS_A_GROUP,
        version="2.6",
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        store_schema=False,
    )


def read(folder: Path) -> Filed:
    """Read a findings folder back; anything else is refused with what is missing in it."""
    _refuse_unless_findings(folder)
    document = _read_document(folder / "findings.json")
    return Filed(
        run=document["run"],
        campaigns=tuple(document["campaigns"]),
        accounts=_read_table(folder / "accounts.parquet", ACCOUNT_FINDING),
        evidence=_read_table(folder / "evidence.parquet", EVIDENCE),
        false_alarms=_further(document, "false_alarms", FalseAlarms, folder / "findings.json"),
        attributed=_further(document, "attributed", tuple[Attributed, ...], folder / "findings.json") or (),
        traits=_traits(document, folder / "findings.json"),
        told=_further(document, "told", dict[str, Told], folder / "findings.json") or {},
        corroborated=_further(document, "corroborated", tuple[Corroboration, ...], folder / "findings.json")
        or (),
    )


def read_sequence(folder: Path) -> ScanSequence:
    """What a findings folder hands on to the next scan of the same log."""
    filed = read(folder)
    if filed.false_alarms is None or filed.false_alarms.sequence is None:
        raise InputError(
            f"{folder / 'findings.json'} tells no sequence of scans: an older version wrote it. "
            "Scan without --since, which begins one, and name that result the next time."
        )
    return filed.false_alarms.sequence


def _in_order(table: pa.Table) -> pa.Table:
    """Sorted by all columns; by the first alone where that decides the order, as it does among ids."""
    if _decides(table.column(0)):
        return table
    whole = table.combine_chunks()
    places = ids_in_order(whole.column(0).combine_chunks())
    by_first = pa.table([put(c.combine_chunks(), places) for c in whole.columns], schema=whole.schema)
    if _decides(by_first.column(0)):
        return by_first
    return table.sort_by([(name, "ascending") for name in table.column_names])


def _decides(column: pa.ChunkedArray) -> bool:
    """Whether each value is greater than the one before it."""
    return len(column) < 2 or pc.all(pc.less(column[:-1], column[1:]), skip_nulls=False).as_py() is True


def _write_rejected(rejected: Path | None, path: Path) -> None:
    if rejected is None or not rejected.exists():
        path.write_bytes(b"")
    elif rejected.resolve() != path.resolve():
        shutil.copyfile(rejected, path)


def _refuse_unless_findings(folder: Path) -> None:
    wanted = ("findings.json", "accounts.parquet", "evidence.parquet")
    if not folder.is_dir():
        message = f"There is no folder {folder}. Give the folder that `stillwatch scan --out` wrote."
        raise InputError(message)
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} is not a findings folder: it holds no {' and no '.join(missing)}. "
            "Give the folder that `stillwatch scan --out` wrote, or scan again."
        )


def _read_document(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}. Scan again to replace it.") from error
    if not isinstance(document, dict) or not isinstance(document.get("run"), dict):
        raise InputError(f"{path} holds no `run`, so it was not written by a scan. Scan again to replace it.")
    campaigns = document.get("campaigns")
    if not isinstance(campaigns, list) or not all(
        isinstance(c, dict) and "campaign_id" in c for c in campaigns
    ):
        message = (
            f"{path} holds no list of `campaigns`, so it was not written by a scan. Scan again to replace it."
        )
        raise InputError(message)
    return document


def _further(document: Mapping[str, Any], name: str, kind: Any, path: Path) -> Any:
    """A part that not every result has."""
    if name not in document:
        return None
    try:
        return msgspec.convert(document[name], kind)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{path} holds `{name}` of another making: {error}. Scan again to replace it."
        ) from error


def _traits(document: Mapping[str, Any], path: Path) -> Mapping[str, tuple[Trait, ...]] | None:
    if "traits" not in document:
        return None
    try:
        rows = msgspec.convert(document["traits"], tuple[dict[str, Any], ...])
        named = [(str(row.pop("campaign_id")), msgspec.convert(row, Trait)) for row in rows]
    except (msgspec.ValidationError, KeyError) as error:
        raise InputError(
            f"{path} holds `traits` of another making: {error}. Scan again to replace it."
        ) from error
    told: dict[str, tuple[Trait, ...]] = {}
    for campaign_id, trait in named:
        told[campaign_id] = (*told.get(campaign_id, ()), trait)
    return told


def _read_table(path: Path, schema: pa.Schema) -> pa.Table:
    try:
        return pq.read_table(path, partitioning=None).select(schema.names).cast(schema)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise InputError(
            f"{path} cannot be read: {error}. Expected columns: {', '.join(schema.names)}. "
            "Scan again to replace it."
        ) from error
