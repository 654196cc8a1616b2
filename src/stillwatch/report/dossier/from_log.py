"""What the log adds to findings, where it is at hand: releases, blocks, the sweep day by day, what is on file of members."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.dossier import Release
from stillwatch.model.pack import (
    AGREEMENT,
    ORGANISATION,
    PACK_MEMBER,
    UNDECLARED,
    Block,
    FromLog,
    Sensitive,
    SweepDay,
)
from stillwatch.report.dossier.inputs import digests
from stillwatch.report.dossier.masked import LOOKED_AT, MAIL, masked_prompt, whole_prompt
from stillwatch.report.shown import shown
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.privacy.secrets import masked
from stillwatch.sources.rejected import Reject

SURE = 0.9
"""An exchange is an example only if it is at least so sure to be part of the finding."""
OPENING = 24
"""Of examples that begin with the same characters one is enough."""
CANDIDATES = 200
MOST_RELEASES = 40
MAIL_KIND = "prompts that hold a mail address"
SECRET_KIND = "secrets of a known shape"  # noqa: S105  it is the name of a count


@dataclass(frozen=True)
class Place:
    """Where the log lies, and tables that lie elsewhere."""

    log: Path
    accounts: Path | None = None
    models: Path | None = None
    log_format: str | None = None


@dataclass(frozen=True)
class Examples:
    """How many prompts are shown, and whether masked."""

    most: int = 6
    is_unmasked: bool = False


def from_log(place: Place, rows: pa.Table, members: pa.Table, examples: Examples) -> tuple[FromLog, pa.Table]:
    """What the log adds for one campaign: `rows` are its rows of `exchanges.parquet`; the members come back with their standing."""
    opened = open_input(place.log, accounts=place.accounts, models=place.models, log_format=place.log_format)
    reject = Reject()
    seen = _Seen(rows, examples)
    for batch in opened.exchanges(reject):
        seen.add(batch)
    accounts = opened.accounts(reject)
    mine = accounts.filter(pc.is_in(accounts["account_id"], members["account_id"].combine_chunks()))
    told = FromLog(
        wanted=rows.num_rows,
        found=seen.found,
        releases=_releases(opened, reject),
        blocks=_blocks(mine),
        sweep=seen.sweep(),
        sensitive=seen.sensitive(),
        examples=seen.examples(),
        is_unmasked=examples.is_unmasked,
        files=digests(place.log, place.accounts, place.models),
    )
    return told, _standing(members, mine, seen)


class _Seen:
    """The campaign's exchanges as the log is read, a batch at a time."""

    def __init__(self, rows: pa.Table, examples: Examples) -> None:
        self.rows = rows.combine_chunks()
        self.ids = self.rows["exchange_id"].combine_chunks()
        self.wish = examples
        self.found = 0
        self.parts: list[pa.Table] = []
        self.mails = 0
        self.secrets: Counter[str] = Counter()
        self.prompts: list[tuple[float, str, str]] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take from a batch what belongs to the campaign."""
        at = pc.index_in(batch["exchange_id"].cast(pa.string()), value_set=self.ids)
        mine = pc.is_valid(at)
        if not pc.any(mine).as_py():
            return
        batch, at = batch.filter(mine), at.filter(mine)
        self.found += batch.num_rows
        extraction = self.rows["extraction"].take(at)
        self.parts.append(
            pa.table(
                {
                    "account_id": batch["account_id"].cast(pa.string()),
                    "day": pc.cast(pc.floor_temporal(batch["ts"], unit="day"), pa.date32()),
                    "capability": self.rows["capability"].take(at),
                    "extraction": extraction,
                }
            )
        )
        if "prompt" in batch.schema.names:
            self._look_at(batch["prompt"].cast(pa.string()), batch["exchange_id"], extraction)

    def _look_at(self, prompts: pa.Array, ids: pa.Array, extraction: pa.ChunkedArray) -> None:
        self.mails += pc.sum(pc.match_substring_regex(prompts, MAIL)).as_py() or 0
        masked(pa.record_batch({"prompt": prompts}), self.secrets)
        self.prompts = heapq.nsmallest(CANDIDATES, [*self.prompts, *self._surest(prompts, ids, extraction)])

    def _surest(
        self, prompts: pa.Array, ids: pa.Array, extraction: pa.ChunkedArray
    ) -> list[tuple[float, str, str]]:
        """The surest of a batch; only these few become text of Python's."""
        sure = pc.and_(pc.greater_equal(extraction.combine_chunks(), SURE), pc.is_valid(prompts))
        table = pa.table({"extraction": extraction, "id": ids.cast(pa.string()), "prompt": prompts}).filter(
            sure
        )
        first = pc.sort_indices(table, [("extraction", "descending"), ("id", "ascending")])[:CANDIDATES]
        rows = table.take(first)
        texts = pc.utf8_slice_codeunits(rows["prompt"], 0, LOOKED_AT + 1).to_pylist()
        columns = zip(rows["extraction"].to_pylist(), rows["id"].to_pylist(), texts, strict=True)
        return [(-p, name, text) for p, name, text in columns if text.strip()]

    def all(self) -> pa.Table:
        """All that was taken."""
        schema = pa.schema(
            [
                ("account_id", pa.string()),
                ("day", pa.date32()),
                ("capability", pa.string()),
                ("extraction", pa.float64()),
            ]
        )
        return (
            pa.concat_tables([part.cast(schema) for part in self.parts])
            if self.parts
            else schema.empty_table()
        )

    def sweep(self) -> tuple[SweepDay, ...]:
        """What is expected to belong, by day and capability."""
        by = self.all().group_by(["day", "capability"]).aggregate([("extraction", "sum")])
        rows = [SweepDay(r["day"], r["capability"], round(r["extraction_sum"], 6)) for r in by.to_pylist()]
        return tuple(sorted(rows, key=lambda r: (r.day, r.capability)))

    def by_account(self) -> pa.Table:
        """Exchanges and what is expected to belong, by account."""
        return self.all().group_by("account_id").aggregate([("extraction", "count"), ("extraction", "sum")])

    def sensitive(self) -> tuple[Sensitive, ...]:
        """What may belong to third parties, counted."""
        found = {MAIL_KIND: self.mails, SECRET_KIND: self.secrets.total()}
        return tuple(Sensitive(kind, times) for kind, times in found.items() if times)

    def examples(self) -> tuple[str, ...]:
        """The surest prompts that begin differently."""
        show = whole_prompt if self.wish.is_unmasked else masked_prompt
        chosen: dict[str, str] = {}
        for _, _, text in self.prompts:
            fit = show(text)
            chosen.setdefault(fit[:OPENING], fit)
        return tuple(list(chosen.values())[: self.wish.most])


def _releases(opened: Input, reject: Reject) -> tuple[Release, ...]:
    rows = opened.models(reject).to_pylist()
    found = [Release(shown(r["model"], 40), r["released_at"].date()) for r in rows]
    return tuple(sorted(found, key=lambda r: (r.day, r.model))[-MOST_RELEASES:])


def _blocks(accounts: pa.Table) -> tuple[Block, ...]:
    days: dict[dt.date, int] = {}
    for time in accounts["banned_at"].drop_null().to_pylist():
        days[time.date()] = days.get(time.date(), 0) + 1
    return tuple(Block(day, n) for day, n in sorted(days.items()))


def _standing(members: pa.Table, accounts: pa.Table, seen: _Seen) -> pa.Table:
    on_file = {row["account_id"]: _on_file(row) for row in accounts.to_pylist()}
    counts = {row["account_id"]: row for row in seen.by_account().to_pylist()}
    return pa.Table.from_pylist(list(_with_standing(members, on_file, counts)), PACK_MEMBER)


def _with_standing(
    members: pa.Table, on_file: Mapping[str, str], counts: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for row in members.to_pylist():
        count = counts.get(row["account_id"], {})
        yield {
            **row,
            "standing": on_file.get(row["account_id"], UNDECLARED),
            "exchanges": count.get("extraction_count", 0),
            "belonging": round(count.get("extraction_sum", 0.0), 6),
        }


def _on_file(account: Mapping[str, Any]) -> str:
    if account["programmes"]:
        return AGREEMENT
    return ORGANISATION if account["org_domain"] else UNDECLARED
