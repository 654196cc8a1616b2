"""A pack as files, and back: three JSON documents, two tables, and the queries that were asked of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import InputError
from stillwatch.model.dossier import Told
from stillwatch.model.finding import Campaign
from stillwatch.model.pack import PACK_MEMBER, Extent, FromLog, Pack, Record
from stillwatch.model.tables import EVIDENCE
from stillwatch.registry import discover
from stillwatch.report.files import write_table
from stillwatch.report.result import stable_json
from stillwatch.signals._base import Signal

FINDING, LOG, RECORD = "finding.json", "log.json", "record.json"
MEMBERS, PIECES, QUERIES = "members.parquet", "evidence.parquet", "queries.sql"
BUNDLE = "bundle.json"


@dataclass(frozen=True)
class _Finding:
    """`finding.json`: what the findings folder held of the campaign, beside its tables."""

    run: dict[str, Any]
    campaign: Campaign
    told: Told
    beside_innocents: tuple[str, ...]
    attributed: dict[str, Any] | None
    extent: Extent
    sources: dict[str, str]


def files_of(pack: Pack) -> dict[str, bytes]:
    """The pack's files: the same pack, the same bytes."""
    finding = _Finding(
        dict(pack.run),
        pack.campaign,
        pack.told,
        pack.beside_innocents,
        None if pack.attributed is None else dict(pack.attributed),
        pack.extent,
        dict(pack.sources),
    )
    return {
        FINDING: _json(finding),
        LOG: _json(pack.log),
        RECORD: _json(pack.record),
        MEMBERS: _table(pack.members, PACK_MEMBER),
        PIECES: _table(pack.evidence, EVIDENCE),
        QUERIES: queries(pack.run.get("signals_computed", ())).encode(),
        **({} if pack.bundle is None else {BUNDLE: pack.bundle}),
    }


def pack_of(files: Mapping[str, bytes]) -> Pack:
    """The pack that those files hold; anything else is refused with what is wrong in it."""
    finding = _read(files, FINDING, _Finding)
    return Pack(
        run=finding.run,
        campaign=finding.campaign,
        told=finding.told,
        beside_innocents=finding.beside_innocents,
        attributed=finding.attributed,
        extent=finding.extent,
        sources=finding.sources,
        members=_read_table(files, MEMBERS, PACK_MEMBER),
        evidence=_read_table(files, PIECES, EVIDENCE),
        log=_read(files, LOG, FromLog | None),
        record=_read(files, RECORD, Record),
        bundle=files.get(BUNDLE),
    )


def queries(names: Any) -> str:
    """What each signal asked of the log, in SQL, as this version asks it."""
    known = discover("signals", Signal)
    parts = [
        f"-- {name}\n{known[name].query.strip()};\n" for name in sorted(map(str, names)) if name in known
    ]
    return "\n".join(parts)


def _json(value: Any) -> bytes:
    return stable_json(value).encode("ascii")


def _table(table: pa.Table, schema: pa.Schema) -> bytes:
    written = BytesIO()
    write_table(table, schema, written)
    return written.getvalue()


def _read(files: Mapping[str, bytes], name: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(_held(files, name), type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"{name} of the dossier cannot be read: {error}.") from error


def _read_table(files: Mapping[str, bytes], name: str, schema: pa.Schema) -> pa.Table:
    try:
        return pq.read_table(BytesIO(_held(files, name)), partitioning=None).select(schema.names).cast(schema)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise InputError(f"{name} of the dossier cannot be read: {error}.") from error


def _held(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise InputError(f"The dossier holds no {name}, without which it cannot be told again.")
    return files[name]
