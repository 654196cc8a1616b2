"""Findings under lasting ids, and without what was cleared: every table and list that names a campaign, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.finding import FalseAlarms, Findings

F = TypeVar("F", bound=Findings)
TABLES = ("accounts", "exchanges", "evidence", "activity", "births", "ties")


def renamed(findings: F, names: Mapping[str, str]) -> F:
    """The same findings, with the campaigns called by other names."""
    tables = {name: _table(getattr(findings, name), names) for name in TABLES}
    return replace(
        findings,
        **tables,
        campaigns=tuple(replace(c, campaign_id=names[c.campaign_id]) for c in findings.campaigns),
        attributed=tuple(replace(a, campaign_id=names[a.campaign_id]) for a in findings.attributed),
        corroborated=tuple(replace(c, campaign_id=names[c.campaign_id]) for c in findings.corroborated),
        false_alarms=_false_alarms(findings.false_alarms, names),
    )


def without(findings: F, gone: AbstractSet[str]) -> F:
    """The findings without those campaigns: their accounts are in none, and nothing is told of them."""
    if not gone:
        return findings
    tables = {
        name: table.filter(pc.invert(pc.is_in(table["campaign_id"], pa.array(sorted(gone), pa.string()))))
        for name in TABLES
        if name != "accounts" and (table := getattr(findings, name)) is not None
    }
    return replace(
        findings,
        **tables,
        accounts=released(
            findings.accounts, pc.is_in(findings.accounts["campaign_id"], pa.array(sorted(gone), pa.string()))
        ),
        campaigns=tuple(c for c in findings.campaigns if c.campaign_id not in gone),
        attributed=tuple(a for a in findings.attributed if a.campaign_id not in gone),
        corroborated=tuple(c for c in findings.corroborated if c.campaign_id not in gone),
        false_alarms=_false_alarms(findings.false_alarms, {}, gone),
    )


def released(accounts: pa.Table, chosen: pa.ChunkedArray) -> pa.Table:
    """The table of accounts with the chosen ones in no campaign; what they may do otherwise is left as it is."""
    is_free = pc.fill_null(chosen, False)  # noqa: FBT003  pyarrow takes the value by place
    empty = {
        "campaign_id": pa.scalar(None, pa.string()),
        "membership": pa.scalar(0.0),
        "risk": pa.scalar(0.0),
        "verdict": pa.scalar("clear"),
    }
    columns = {
        name: pc.if_else(is_free, empty[name], accounts[name]) if name in empty else accounts[name]
        for name in accounts.schema.names
    }
    columns["verdict"] = pc.if_else(
        pc.equal(accounts["verdict"], "authorised"), accounts["verdict"], columns["verdict"]
    )
    return pa.table(columns).cast(accounts.schema)


def _table(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """A table with its campaigns renamed; evidence on a campaign as a whole names it as its subject too."""
    called = _mapped(table["campaign_id"], names)
    if "subject" in table.schema.names:
        is_whole = pc.equal(table["subject"], table["campaign_id"])
        table = _with(table, "subject", pc.if_else(is_whole, called, table["subject"]))
    return _with(table, "campaign_id", called)


def _with(table: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), values)


def _mapped(values: pa.ChunkedArray, names: Mapping[str, str]) -> pa.ChunkedArray:
    old = pa.array(list(names), pa.string())
    new = pa.array(list(names.values()), pa.string())
    at = pc.index_in(values, value_set=old)
    return pc.if_else(pc.is_valid(at), new.take(pc.fill_null(at, 0)), values) if len(old) else values


def _false_alarms(
    given: FalseAlarms | None, names: Mapping[str, str], gone: AbstractSet[str] = frozenset()
) -> FalseAlarms | None:
    """What was compared, under the same names; a group that is not reported any more has no name and no stability."""
    if given is None:
        return None

    def called(name: str | None) -> str | None:
        return None if name is None or name in gone else names.get(name, name)

    groups = tuple(
        replace(
            g, campaign_id=called(g.campaign_id), stability=None if g.campaign_id in gone else g.stability
        )
        for g in given.groups
    )
    sequence = given.sequence
    if sequence is not None:
        now = sequence.number
        followed = (
            replace(g, campaign_id=called(g.campaign_id)) if g.last_seen == now else g
            for g in sequence.groups
        )
        sequence = replace(sequence, groups=tuple(followed))
    return replace(given, groups=groups, sequence=sequence)
