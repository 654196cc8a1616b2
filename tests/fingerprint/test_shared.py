from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.kernels import ANCHORS
from stillwatch.fingerprint.shared import SHARED_BY, Cut, templates


def array(rows: list[list[int]]) -> np.ndarray:
    padded = [sorted(row) + [0] * (ANCHORS - len(row)) for row in rows]
    return np.array(padded, np.uint64).reshape(len(rows), ANCHORS)


def pick(rows: list[list[int]], accounts: list[int], cut: Cut = Cut()) -> list[int]:  # noqa: B008
    return templates([array(rows)], np.array(accounts, np.int32), None, cut).tolist()


def expected(rows: list[list[int]], accounts: list[int]) -> list[int]:
    """The same by plain sets."""
    holders = defaultdict(set)
    for row, account in zip(rows, accounts, strict=True):
        for anchor in row:
            holders[anchor].add(account)
    best = (max(sorted(row), key=lambda anchor: len(holders[anchor]), default=0) for row in rows)
    return [anchor if len(holders[anchor]) >= SHARED_BY else 0 for anchor in best]


def test_the_template_is_the_anchor_that_most_accounts_share():
    rows = [[5, 9], [5, 9], [5, 9], [9], [7]]
    assert pick(rows, [0, 1, 2, 3, 3]) == [9, 9, 9, 9, 0]


def test_two_accounts_share_no_template_however_often_they_ask():
    assert pick([[5]] * 100, [0, 1] * 50) == [0] * 100
    assert pick([[5]] * 101, [0, 1] * 50 + [2]) == [5] * 101


def test_of_equally_shared_anchors_all_requests_take_the_same():
    assert pick([[3, 8]] * 3, [0, 1, 2]) == [3] * 3


def test_no_anchors_and_no_rows_have_no_templates():
    assert pick([[], []], [0, 1]) == [0, 0]
    assert pick([], []) == []


anchor = st.integers(1, 12) | st.sampled_from([2**64 - 2, 2**63, 2**63 + 1])
requests = st.lists(
    st.tuples(st.lists(anchor, max_size=ANCHORS, unique=True), st.integers(0, 6)), max_size=40
)


@settings(deadline=None, max_examples=200)
@given(requests)
def test_templates_are_those_that_sets_would_give(rows):
    texts, accounts = [row for row, _ in rows], [account for _, account in rows]
    assert pick(texts, accounts) == expected(texts, accounts)
    assert pick(texts, accounts, Cut(anchors=8, parts=2)) == expected(texts, accounts)


@settings(deadline=None)
@given(requests, st.randoms(use_true_random=False))
def test_templates_do_not_depend_on_the_order_of_requests(rows, random):
    order = random.sample(range(len(rows)), len(rows))
    plain = pick([row for row, _ in rows], [account for _, account in rows])
    shuffled = pick([rows[at][0] for at in order], [rows[at][1] for at in order])
    assert shuffled == [plain[at] for at in order]


def test_many_distinct_anchors_are_kept_apart():
    rng = np.random.default_rng(7)
    keys = rng.integers(1, 2**64, (3000, ANCHORS), dtype=np.uint64)
    keys.sort(axis=1)
    got = templates(np.split(np.repeat(keys, 3, axis=0), 3), np.tile(np.arange(3, dtype=np.int32), 3000))
    assert got.reshape(3000, 3).tolist() == [[int(row[0])] * 3 for row in keys]
