"""Account exports of LiteLLM and Stripe, merged: the first value counts, and nothing differs in silence."""

from __future__ import annotations

import json

import pyarrow as pa

from stillwatch.model.tables import ACCOUNT
from stillwatch.sources.joins.accounts import merged, read_accounts, unmatched
from stillwatch.sources.joins.exports import EXPORTED
from stillwatch.sources.privacy.key import Key

USER = {
    "user_id": "u-1", "user_email": "someone@Example.org", "user_role": "internal_user", "team_id": None,
    "created_at": "2026-01-02T03:04:05.006",
}  # fmt: skip
CUSTOMER = {
    "id": "cus_1", "object": "customer", "created": 1_767_323_045, "email": "other@mail.example", "phone": "+4930123456",
    "address": {"country": "DE"}, "metadata": {"account_id": "u-1"},
}  # fmt: skip
METHOD = {
    "id": "pm_1", "object": "payment_method", "customer": "cus_1", "type": "card",
    "card": {"fingerprint": "fp-1", "iin": "42424242", "country": "US"},
    "billing_details": {"address": {"country": "FR"}, "email": None},
}  # fmt: skip


def read(tmp_path, *records: object, key: Key | None = None):
    file = tmp_path / f"export-{len(list(tmp_path.iterdir()))}.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in records), "utf-8")
    return read_accounts(file, key=key)


def told(table: pa.Table) -> list[dict]:
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def test_users_teams_organisations_and_keys_of_nobody_are_accounts(tmp_path):
    team = {"team_id": "t-1", "team_alias": "Research", "blocked": True, "created_at": "2026-01-02T00:00:00"}
    organisation = {
        "organization_id": "o-1",
        "organization_alias": "House",
        "created_at": "2026-01-02T00:00:00Z",
    }
    owned = {"token": "h-1", "user_id": "u-1", "models": [], "created_at": "2026-02-02T00:00:00"}
    free = {
        "token": "h-2",
        "user_id": None,
        "models": [],
        "blocked": False,
        "created_at": "2026-02-02T00:00:00",
    }
    rows = told(read(tmp_path, USER, team, organisation, owned, free).table)
    assert [(row["account_id"], row.get("status"), "created_at" in row) for row in rows] == [
        ("u-1", None, True), ("t-1", "suspended", True), ("o-1", None, True), ("u-1", None, False), ("h-2", "active", True),
    ]  # fmt: skip
    assert rows[0]["email_domain"] == "example.org"
    assert rows[0]["created_at"].isoformat() == "2026-01-02T03:04:05.006000+00:00"


def test_payment_methods_are_told_under_the_account_of_their_customer(tmp_path):
    exports = {
        "methods": read(tmp_path, {"object": "list", "data": [METHOD]}).table,
        "customers": read(tmp_path, CUSTOMER).table,
        "users": read(tmp_path, USER).table,
    }
    accounts = merged(exports)
    assert accounts.table.schema == ACCOUNT.arrow
    row = told(accounts.table)[0]
    assert row | {"created_at": None} == {
        "account_id": "u-1", "created_at": None, "email_domain": "mail.example", "payment_fingerprint": "fp-1",
        "card_bin": "42424242", "phone_prefix": "+493012", "country": "FR",
    }  # fmt: skip
    assert accounts.conflicts == {"created_at": 1, "email_domain": 1, "country": 1}
    assert accounts.alone == {"methods": 0, "customers": 0, "users": 0}


def test_a_customer_whose_account_nobody_tells_is_its_own(tmp_path):
    accounts = merged(
        {
            "stripe": read(tmp_path, {**CUSTOMER, "metadata": {}}, METHOD).table,
            "users": read(tmp_path, USER).table,
        }
    )
    assert accounts.table.column("account_id").to_pylist() == ["cus_1", "u-1"]
    assert accounts.alone == {"stripe": 1, "users": 1}


def test_bank_debits_old_cards_and_charges_have_fingerprints_too(tmp_path):
    debit = {"object": "payment_method", "customer": "cus_1", "sepa_debit": {"fingerprint": "fp-2"}}
    card = {"object": "card", "customer": {"id": "cus_2"}, "fingerprint": "fp-3", "address_country": "IT"}
    charge = {
        "object": "charge",
        "customer": "cus_3",
        "payment_method_details": {"card": {"fingerprint": "fp-4"}},
    }
    rows = told(read(tmp_path, debit, card, charge).table)
    assert [(row["account_id"], row["payment_fingerprint"]) for row in rows] == [
        ("cus_1", "fp-2"), ("cus_2", "fp-3"), ("cus_3", "fp-4"),
    ]  # fmt: skip


def test_with_a_key_fingerprints_are_hashed(tmp_path):
    key = Key(b"0123456789abcdef")
    table = read(tmp_path, METHOD, {**METHOD, "customer": "cus_2"}, CUSTOMER, key=key).table
    assert table.column("payment_fingerprint").to_pylist() == [key.hashed("payment", "fp-1")] * 2 + [None]


def test_what_is_no_export_or_names_no_account_is_counted(tmp_path):
    read_in = read(
        tmp_path, {"hello": 1}, {"object": "customer"}, [METHOD, {"user_id": "", "user_email": "x"}], 7
    )
    assert read_in.without == {"no known export": 1, "no account_id": 2, "no JSON object": 1}
    assert read_in.table.num_rows == 1


def test_rows_in_the_contracts_columns_are_taken_as_they_are(tmp_path):
    row = {"account_id": "a", "created_at": "2026-01-02T03:04:05Z", "programmes": ["research"], "plan": "pro"}
    assert told(read(tmp_path, row).table)[0] | {"created_at": None} == {**row, "created_at": None}


def test_lists_can_differ(tmp_path):
    one = read(tmp_path, {"account_id": "a", "programmes": ["research"]}).table
    two = read(tmp_path, {"account_id": "a", "programmes": ["reseller"]}, {"account_id": "b"}).table
    accounts = merged({"one": one, "two": two})
    assert accounts.conflicts == {"programmes": 1}
    assert accounts.table.column("programmes").to_pylist() == [["research"], None]


def test_accounts_without_exchanges_and_the_other_way_round_are_counted(tmp_path):
    table = read(tmp_path, {"account_id": "a"}, {"account_id": "b"}).table
    found = unmatched(merged({"x": table}).table, pa.array(["b", "c", "d"]))
    assert (found.without_row, found.without_exchange) == (2, 1)


def test_no_export_gives_an_empty_table():
    assert merged({}).table.num_rows == 0
    assert merged({"x": EXPORTED.arrow.empty_table()}).alone == {"x": 0}
