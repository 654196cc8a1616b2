"""Clusters as the relation that cluster signals read."""

from __future__ import annotations

import numpy as np

from stillwatch.judge.groups import member_table


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
