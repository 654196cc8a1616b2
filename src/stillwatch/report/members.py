"""How firmly the members of a campaign belong, and which of them hang by the thinnest thread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.dossier import Member, Membership
from stillwatch.report.shown import shown
from stillwatch.report.wording import count, of

MOST_LISTED = 8


def membership(members: pa.Table, ties: pa.Table, confirmed: Mapping[str, str]) -> Membership:
    """The members of one campaign, from its rows of the account table and its ties; `confirmed` are accounts that people had confirmed."""
    ordered = members.sort_by([("membership", "descending"), ("account_id", "ascending")])
    values = [min(max(v or 0.0, 0.0), 1.0) for v in ordered["membership"].to_pylist()]
    tenths = [0] * 10
    for value in values:
        tenths[min(int(value * 10), 9)] += 1
    strongest = min(MOST_LISTED, len(values))
    weakest = min(MOST_LISTED, len(values) - strongest)
    return Membership(
        members=len(values),
        tenths=tuple(tenths),
        strongest=_listed(ordered.slice(0, strongest), ties),
        weakest=_listed(ordered.slice(len(values) - weakest), ties),
        expected_innocent=math.fsum(1 - value for value in values),
        confirmed=sum(name in confirmed for name in ordered["account_id"].to_pylist()) if confirmed else 0,
    )


def _listed(members: pa.Table, ties: pa.Table) -> tuple[Member, ...]:
    ids = members["account_id"].to_pylist()
    mine = ties.filter(pc.is_in(ties["account_id"], pa.array(ids, pa.string())))
    families = _families(mine["account_id"].to_pylist(), mine["family"].to_pylist())
    rows = zip(ids, members["membership"].to_pylist(), strict=True)
    return tuple(Member(shown(i, 60), value or 0.0, families.get(i, ())) for i, value in rows)


def _families(accounts: Sequence[str], families: Sequence[str]) -> dict[str, tuple[str, ...]]:
    held: dict[str, set[str]] = {}
    for account, family in zip(accounts, families, strict=True):
        held.setdefault(account, set()).add(shown(family, 24))
    return {account: tuple(sorted(names)) for account, names in held.items()}


def not_belonging(membership: Membership) -> str:
    """How many members are expected not to belong, in a sentence."""
    expected, members = membership.expected_innocent, count(membership.members)
    if 0 < expected < 1:
        return f"Fewer than one member of {members} is expected not to belong."
    verb = "is" if round(expected) == 1 else "are"
    return f"About {of(round(expected), 'member')} of {members} {verb} expected not to belong."
