"""Clusters as the relations that cluster signals read."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.judge.groups import member_exchange, member_table

OPENINGS = ("SELECT ts FROM member_exchange WHERE opens",)


def rows(groups: list[list[int]], principal: list[int]) -> list[tuple[int, int]]:
    table = member_table([np.array(g, np.int64) for g in groups], np.array(principal, np.int64))
    return sorted(zip(table["cluster"].to_pylist(), table["account"].to_pylist(), strict=True))


def test_a_cluster_has_all_accounts_of_its_parties() -> None:
    assert rows([[0, 2], [1]], [0, 1, 0, 2, 1]) == [(0, 0), (0, 2), (0, 3), (1, 1), (1, 4)]


def test_one_account_may_stand_in_two_groups() -> None:
    assert rows([[0], [0]], [0]) == [(0, 0), (1, 0)]


def test_no_group_has_no_members() -> None:
    assert rows([], [0, 1]) == []
    assert rows([[]], [0, 1]) == []
    assert rows([], []) == []


def log(accounts: list[int]) -> pa.Table:
    """Requests of these accounts, one after the other, in no conversation."""
    return pa.table(
        {
            "account": pa.array(accounts, pa.int32()),
            "ts": pa.array(range(1, len(accounts) + 1), pa.int64()),
            "conversation": pa.array([0] * len(accounts), pa.uint64()),
            "turns": pa.array([None] * len(accounts), pa.int32()),
        }
    )


def test_of_a_log_only_what_queries_name_is_copied() -> None:
    wide = log([0]).append_column("prompt", pa.array([7], pa.uint64())).append_column("tools", pa.array([7]))
    member = pa.table({"account": pa.array([0], pa.int32()), "cluster": pa.array([0], pa.int32())})
    got = member_exchange(wide, member, ["SELECT prompt FROM member_exchange"])
    assert got.column_names == ["account", "prompt", "cluster"]


def test_requests_of_members_keep_their_order_and_get_their_cluster() -> None:
    exchange = log([2, 0, 1, 3, 2])
    member = pa.table(
        {"account": pa.array([1, 2, 4], pa.int32()), "cluster": pa.array([0, 1, 1], pa.int32())}
    )
    got = member_exchange(exchange, member, OPENINGS)
    assert got.select(["account", "ts", "cluster", "opens"]).to_pydict() == {
        "account": [2, 1, 2],
        "ts": [1, 3, 5],
        "cluster": [1, 0, 1],
        "opens": [True, True, True],
    }


def test_without_members_or_requests_there_are_no_requests_of_members() -> None:
    exchange = log([0, 1])
    member = pa.table({"account": pa.array([1], pa.int32()), "cluster": pa.array([0], pa.int32())})
    assert member_exchange(exchange, member.slice(0, 0), OPENINGS).num_rows == 0
    assert member_exchange(exchange.slice(0, 0), member, OPENINGS).num_rows == 0
