from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.assemble import SHARED_BY, templates
from stillwatch.fingerprint.codes import plain_table
from stillwatch.fingerprint.kernels import ANCHORS
from stillwatch.model.tables import KEYED, KEYED_ACCOUNT
from tests.fingerprint.strategies import logs
from tests.fingerprint.written import batch, by_id, gathered, people

FIXED = "read the problem and then explain every single step of your reasoning in detail before you answer"


def array(rows: list[list[int]]) -> np.ndarray:
    padded = [sorted(row) + [0] * (ANCHORS - len(row)) for row in rows]
    return np.array(padded, np.uint64).reshape(len(rows), ANCHORS)


def pick(rows: list[list[int]], accounts: list[int]) -> list[int]:
    return templates([array(rows)], np.array(accounts, np.int32)).tolist()


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


def test_a_fixed_text_around_a_changing_one_gives_one_template():
    slots = (
        "photosynthesis in plants",
        "inflation in the last century",
        "the number 17",
        "why is the sky blue",
    )
    rows = [{"account_id": f"a{at}", "prompt": f"{FIXED} {slot}"} for at, slot in enumerate(slots)]
    alone = {"account_id": "a9", "prompt": "how do i get a red stain out of my white shirt please"}
    got = gathered(batch(*rows, alone)).exchange.column("template").to_pylist()
    assert len(set(got[:4])) == 1
    assert (got[0] != 0, got[4]) == (True, 0)


def parts(rows: list[dict], random) -> list:
    """The rows in another order and in other batches."""
    rows = random.sample(rows, len(rows))
    cuts = sorted(random.sample(range(len(rows) + 1), min(2, len(rows))))
    return [batch(*rows[a:b]) for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


@settings(deadline=None)
@given(logs, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_size_of_batches_changes_the_log(rows, random):
    prompted = [row | {"prompt": FIXED + row["model"]} if at % 2 else row for at, row in enumerate(rows)]
    accounts = people({"account_id": "z"}, {"account_id": "a", "plan": "pro"})
    one = gathered(batch(*prompted), accounts=accounts)
    other = gathered(*parts(prompted, random), accounts=accounts)
    assert by_id(one) == by_id(other)
    assert one.account_ids == other.account_ids
    assert one.account.equals(other.account)
    assert one.names == other.names


def test_the_log_has_the_columns_and_types_of_its_tables():
    for log in (gathered(), gathered(batch()), gathered(batch({"prompt": "x"}, {}), batch(), batch({}))):
        assert plain_table(log.exchange).schema.equals(KEYED.arrow)
        assert log.account.schema.equals(KEYED_ACCOUNT.arrow)
        assert len(log.exchange_ids) == log.exchange.num_rows


def test_accounts_are_those_of_both_tables_in_the_order_of_their_ids():
    rows = batch({"account_id": "m"}, {"account_id": "b"}, {"account_id": "m"})
    log = gathered(
        rows, accounts=people({"account_id": "z", "plan": "pro"}, {"account_id": "b", "plan": "free"})
    )
    assert log.account_ids == ["b", "m", "z"]
    assert log.exchange.column("account").to_pylist() == [1, 0, 1]
    plans = log.account.column("plan").to_pylist()
    assert (plans[1], len(set(plans))) == (0, 3)
    assert log.account.column("account").to_pylist() == [0, 1, 2]


def test_an_account_that_only_asks_has_absent_traits():
    row = gathered(batch({"account_id": "m"})).account.to_pylist()[0]
    assert {value for name, value in row.items() if name not in ("account", "created", "banned")} == {0}
    assert (row["created"], row["banned"]) == (None, None)


@pytest.mark.parametrize("column", ["model", "user_agent"])
def test_names_give_back_what_a_key_stood_for(column):
    log = gathered(batch({column: "one"}, {column: "two"}), batch({column: "one"}))
    keys = log.exchange.column(column).to_pylist()
    assert [log.names[column][key] for key in keys] == ["one", "two", "one"]


def test_what_was_absent_has_no_name():
    assert gathered(batch({})).names["user_agent"] == {}
