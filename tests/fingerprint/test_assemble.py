from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.codes import plain_table
from stillwatch.model.tables import KEYED, KEYED_ACCOUNT
from tests.fingerprint.strategies import logs
from tests.fingerprint.written import batch, by_id, gathered, people

FIXED = "read the problem and then explain every single step of your reasoning in detail before you answer"


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
