from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from stillwatch.fingerprint.door import keyed, keyed_accounts, set_keys
from stillwatch.fingerprint.probes import BIT
from stillwatch.model.tables import CAPABILITIES, EXCHANGE, KEYED, KEYED_ACCOUNT
from tests.fingerprint.strategies import logs
from tests.fingerprint.written import batch, people

WHERE = ("a", "b", "c")


def key(name: str, **row) -> int | None:
    return keyed(batch(row)).column(name)[0].as_py()


@settings(deadline=None)
@given(logs)
def test_a_batch_has_the_keys_of_its_rows_one_by_one(rows):
    together = keyed(batch(*rows)).to_pylist()
    alone = [keyed(batch(row)).to_pylist()[0] for row in rows]
    assert together == alone


@settings(deadline=None)
@given(logs)
def test_a_slice_of_a_batch_has_the_keys_of_its_rows(rows):
    whole = batch(*rows)
    keys = keyed(whole).to_pylist()
    for start in range(whole.num_rows):
        assert keyed(whole.slice(start, 2)).to_pylist() == keys[start : start + 2]


def test_all_columns_that_depend_on_one_row_come_with_their_types():
    got = keyed(batch({"prompt": "hello"}, {})).schema
    alone = {"account", "template"}
    for spec in KEYED.columns:
        assert spec.name in alone or _of_values(got.field(spec.name).type) == spec.type, spec.name
    assert {"exchange_id", "account_id", "anchors"} <= set(got.names)


def _of_values(found: pa.DataType) -> pa.DataType:
    return found.value_type if pa.types.is_dictionary(found) else found


def test_text_and_addresses_do_not_pass():
    said = {
        spec.name: f"secret {spec.name}"
        for spec in EXCHANGE.columns
        if spec.type == pa.string() and not spec.required
    }
    got = keyed(batch(said | {"tools": ["secret tool"]}))
    assert "secret" not in str(got.drop_columns(["exchange_id", "account_id"]).to_pylist())


def test_a_row_of_nulls_has_absent_keys_and_null_numbers():
    row = keyed(batch({})).to_pylist()[0]
    keys = {spec.name for spec in KEYED.columns if spec.type == pa.uint64()} - {"model", "template"}
    assert {row[name] for name in keys} == {0}
    numbers = ("turns", "images", "input_tokens", "output_tokens", "status", "thinking", "words")
    assert {row[name] for name in numbers} == {None}
    assert (row["asks"], row["script"], CAPABILITIES[row["capability"]]) == (0, 0, "other")
    assert row["model"] != 0


def test_a_column_that_the_log_lacks_is_a_column_of_nulls():
    whole = batch({"model": "m"}, {"model": "n"})
    lean = whole.select(["exchange_id", "ts", "account_id", "model"])
    assert keyed(lean).to_pylist() == keyed(whole).to_pylist()


def test_no_rows_give_no_rows():
    assert keyed(batch()).num_rows == 0


def test_an_empty_prompt_has_no_words_and_a_missing_one_has_no_count():
    assert (key("words", prompt=""), key("words", prompt=None), key("words", prompt="a b")) == (0, None, 2)


def test_parameters_need_both_of_their_numbers():
    both = key("parameters", temperature=0.7, max_tokens=4096)
    assert both == key("parameters", temperature=0.7, max_tokens=4096) != 0
    others = [(0.7, 4097), (0.71, 4096), (0.0, 0), (0.0, 4096)]
    assert len({both, *(key("parameters", temperature=t, max_tokens=m) for t, m in others)}) == 5
    assert key("parameters", temperature=0.0, max_tokens=0) != 0
    assert key("parameters", temperature=0.7) == key("parameters", max_tokens=4096) == 0


def test_tools_are_a_set():
    assert key("tools", tools=["read", "grade"]) == key("tools", tools=["grade", "read"]) != 0
    distinct = [["read"], ["grade"], ["read", "grade"], ["readgrade"], ["read", "grade", "submit"]]
    assert len({key("tools", tools=tools) for tools in distinct} - {0}) == len(distinct)
    assert key("tools", tools=[]) == key("tools", tools=None) == 0


@pytest.mark.parametrize(
    "lists",
    [
        [[], ["a"], None, ["b", "a"], [], ["a", "b"]],
        [None, ["a"], ["b", "a"], ["a", "b"], None],
        [["a"], ["b", "a"], ["a", "b"], []],
        [[], None],
        [],
    ],
)
def test_empty_and_missing_lists_move_no_other_list(lists):
    array = pa.array(lists, pa.list_(pa.string()))
    alone = [int(set_keys(pa.array([each], pa.list_(pa.string())))[0]) for each in lists]
    assert set_keys(array).tolist() == alone
    assert set_keys(array.slice(1)).tolist() == alone[1:]


def test_a_list_that_is_null_but_has_hidden_items_is_absent():
    offsets, items = pa.array([0, 2, 3], pa.int32()), pa.array(["a", "b", "c"])
    lists = pa.ListArray.from_arrays(offsets, items, mask=pa.array([True, False]))
    assert set_keys(lists).tolist() == [0, *set_keys(pa.array([["c"]])).tolist()]


def test_digits_are_masked_in_system_prompts_and_kept_in_ids():
    assert (
        key("system", system_prompt="Today is day 14.") == key("system", system_prompt="today is day 2") != 0
    )
    assert key("api_key", api_key_id="k1") != key("api_key", api_key_id="k2")


def test_an_instruction_behind_system_prompts_that_differ_has_one_key():
    behind = "Write out all of your working, step by step."
    wholes = [f"Folder /{where}. {behind}" for where in WHERE]
    assert len({key("system", system_prompt=whole) for whole in wholes}) == len(WHERE)
    (ending,) = {key("system_ending", system_prompt=whole) for whole in wholes}
    assert ending != 0
    assert key("system_ending", system_prompt=f"{behind} Folder /a.") != ending
    assert key("system_ending", system_prompt="Be brief.") == 0
    assert key("system_ending", prompt=behind) == 0


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        ("You repair code.\n\nShow your reasoning before each action.\n", True),
        ("Show your reasoning before each action.", True),
        ("Think: your reasoning counts.\n \nNames of customers never leave this company.", False),
        ("You repair code.\n\nNames of customers never leave this company.", False),
        ("Show your reasoning. " + "Names of customers never leave this company. " * 12, False),
    ],
)
def test_what_the_last_paragraph_of_a_system_prompt_asks_for(prompt, asks):
    assert bool(key("told_last", system_prompt=prompt) & BIT["reason"]) is asks


def test_the_same_string_has_one_key_in_whatever_column_it_stands():
    assert (
        key("end_user", end_user_id="x")
        == key("conversation", session_id="x")
        == key("api_key", api_key_id="x")
    )


def test_accounts_have_keys_and_absent_ones_are_zero():
    table = people(
        {
            "account_id": "a",
            "created_at": 10**15,
            "card_bin": "424242",
            "phone_prefix": "+86",
            "signup_ip": "192.0.2.1",
        },
        {"account_id": "b"},
        {"account_id": "c", "created_at": 10**15, "card_bin": "424242", "banned_at": 10**15 + 1},
    )
    got = keyed_accounts(table)
    assert set(got.column_names) == {spec.name for spec in KEYED_ACCOUNT.columns} - {"account"}
    first, second, third = got.to_pylist()
    assert {value for name, value in second.items() if name not in ("created", "banned")} == {0}
    assert (second["created"], second["banned"], third["banned"]) == (None, None, 10**15 + 1)
    assert first["bin"] == third["bin"] != 0
    assert first["card_batch"] == third["card_batch"] != 0
    assert (first["signup_batch"] != 0, third["signup_batch"]) == (True, 0)
    assert first["signup_prefix"] == 1 << 62 | 0xC0000200


def test_sign_ups_of_one_day_and_cards_of_one_week_are_batches():
    day = 86_400_000_000
    rows = [
        {"account_id": str(at), "created_at": 7 * day * 100 + at * day, "card_bin": "1", "phone_prefix": "+1"}
        for at in range(9)
    ]
    got = keyed_accounts(people(*rows))
    assert len(np.unique(got.column("signup_batch"))) == 9
    cards = got.column("card_batch").to_pylist()
    assert (len(set(cards[:7])), len(set(cards[7:])), len(set(cards))) == (1, 1, 2)
