"""Groups of accounts as the relations that cluster-level signals read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.judge.conversation import ALONE, COLUMNS, opens
from stillwatch.judge.gather import at_rows, rows_at
from stillwatch.model.tables import KEYED
from stillwatch.weigh.holding import Integers
from stillwatch.weigh.incidence import Int32s


def member_table(groups: Sequence[Integers], principal: Integers) -> pa.Table:
    """The relation `member`: every account of every group's principals, `cluster` counted from 0."""
    order = np.argsort(principal, kind="stable")
    starts = np.searchsorted(principal[order], np.arange(int(principal.max()) + 2 if len(principal) else 1))
    account, cluster = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for number, members in enumerate(groups):
        mine = np.concatenate([order[starts[m] : starts[m + 1]] for m in members] or [np.zeros(0, np.int64)])
        account.append(mine.astype(np.int32))
        cluster.append(np.full(len(mine), number, np.int32))
    return pa.table({"account": np.concatenate(account), "cluster": np.concatenate(cluster)})


def member_exchange(
    exchange: pa.Table, member: pa.Table, queries: Iterable[str], rows: Integers | None = None
) -> pa.Table:
    """The relation `member_exchange`: the requests of members in their order, each with its account's only cluster.

    Only columns that a query names are copied, of all requests or those at `rows`, which are in order; `opens` says which
    open a conversation. Where members are few, `rows` that hold theirs alone save looking at everybody's.
    """
    read = set(re.findall(r"\w+", " ".join(queries)))
    needed = COLUMNS if "opens" in read else COLUMNS[:1]
    asked = exchange.select([c for c in exchange.column_names if c in needed or c in read])
    account = asked["account"].to_numpy() if rows is None else at_rows(asked["account"], rows)
    of_row = _clusters(member, account)
    if rows is None or np.any(of_row < 0):
        inside = np.flatnonzero(of_row >= 0)
        rows, of_row, account = inside if rows is None else rows[inside], of_row[inside], account[inside]
    others = rows_at(asked.drop_columns(["account"]), rows)
    names = ["account", *others.column_names, "cluster"]
    mine = pa.table([pa.array(account), *others.columns, pa.array(of_row)], names=names)
    return mine.append_column("opens", pa.array(opens(mine))) if "opens" in read else mine


def _clusters(member: pa.Table, account: Int32s) -> Int32s:
    """The cluster of each of these accounts, -1 of those in none."""
    ours = member["account"].to_numpy()
    cluster = np.full(max(int(account.max(initial=-1)), int(ours.max(initial=-1))) + 1, -1, np.int32)
    cluster[ours] = member["cluster"].to_numpy()
    of_account: Int32s = cluster[account]
    return of_account


def member_exchange_query(*, chosen: bool) -> str:
    """The same relation as a query, for exchanges that lie elsewhere; of all, or those of the relation `chosen` by their places."""
    columns = ", ".join(f"e.{column.name}" for column in KEYED.columns)
    return f"""
        SELECT {columns}, m.cluster,
            coalesce(e.turns, 0) BETWEEN 1 AND {ALONE} OR CASE
                WHEN e.conversation <> 0 THEN e.ts = min(e.ts) OVER (PARTITION BY e.account, e.conversation)
                ELSE coalesce(e.turns, 0) = 0
            END AS opens
        FROM exchange AS e JOIN member AS m ON m.account = e.account
        {"JOIN chosen AS c ON c.file_number = e.file_number AND c.line = e.line" if chosen else ""}
    """


def only(member: pa.Table, clusters: Sequence[int]) -> pa.Table:
    """The members of these clusters alone."""
    return member.filter(pc.is_in(member["cluster"], value_set=pa.array(clusters, pa.int32())))
