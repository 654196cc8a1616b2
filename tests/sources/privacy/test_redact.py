"""Keys that are never shown, ids and addresses that can still be joined, and nothing of them that can be read."""

from __future__ import annotations

import copy
import pickle
from ipaddress import ip_network

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.errors import UsageError
from stillwatch.fingerprint.text import address_keys
from stillwatch.model.tables import ACCOUNT, EXCHANGE
from stillwatch.sources.privacy.key import Key, key_from_environment, key_from_file
from stillwatch.sources.privacy.redact import PURPOSES, Redactor, pseudonym

SEEN_BY_NOBODY = "a key that nobody is to see"
KEY = Key(SEEN_BY_NOBODY.encode())
ADDRESSES = [
    "203.0.113.9", "203.0.113.9", "203.0.113.77", "203.0.112.9", "198.51.100.9", "::ffff:203.0.113.9",
    "2001:db8:1::9", "2001:db8:1:ffff::1", "2001:db8:2::9", "2001:DB8:1:0:0:0:0:9",
]  # fmt: skip


def batch(rows: list[dict], schema=EXCHANGE.arrow) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{**dict.fromkeys(schema.names), **row} for row in rows], schema=schema)


def same(keys: np.ndarray) -> np.ndarray:
    return keys[:, None] == keys[None, :]


def test_a_key_comes_from_a_file_or_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "key"
    file.write_text(f"{SEEN_BY_NOBODY}\n", "utf-8")
    monkeypatch.setenv("HOUSE_KEY", SEEN_BY_NOBODY)
    for key in (key_from_file(file), key_from_environment("HOUSE_KEY")):
        assert key.hashed("account", "acme") == KEY.hashed("account", "acme")


def test_a_key_is_never_shown(tmp_path, monkeypatch):
    file = tmp_path / "key"
    file.write_text("too short", "utf-8")
    monkeypatch.setenv("HOUSE_KEY", "too short")
    for make in (lambda: key_from_file(file), lambda: key_from_environment("HOUSE_KEY")):
        with pytest.raises(UsageError, match="has 9 bytes") as refused:
            make()
        assert "too short" not in str(refused.value)
    assert SEEN_BY_NOBODY not in f"{KEY!r} {KEY}"
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not written"):
            write(KEY)


def test_a_key_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        key_from_file(tmp_path / "none")
    with pytest.raises(UsageError, match="no variable NO_SUCH_KEY"):
        key_from_environment("NO_SUCH_KEY")


def test_ids_are_hashed_alike_in_all_tables_and_apart_by_purpose():
    redactor = Redactor(KEY)
    exchanges = redactor.redacted(batch([{"account_id": "acme", "session_id": "acme", "end_user_id": None}]))
    accounts = redactor.table(pa.Table.from_batches([batch([{"account_id": "acme"}], ACCOUNT.arrow)]))
    row, account = exchanges.to_pylist()[0], accounts.to_pylist()[0]
    assert row["account_id"] == account["account_id"] == KEY.hashed("account", "acme")
    assert row["session_id"] != row["account_id"]
    assert row["end_user_id"] is None


def test_nothing_of_what_is_hashed_is_left_and_the_rest_stays():
    row = {name: "203.0.113.9" for name in PURPOSES if name in EXCHANGE.arrow.names}
    before = batch([{**row, "exchange_id": "e-1", "user_agent": "curl", "model": "m"}])
    after = Redactor(KEY).redacted(before)
    assert after.schema == before.schema
    assert "203.0.113.9" not in str(after.to_pylist())
    assert [after.to_pylist()[0][name] for name in ("exchange_id", "user_agent", "model")] == [
        "e-1",
        "curl",
        "m",
    ]


def test_columns_can_be_kept_and_encoded_ones_stay_encoded():
    accounts = pa.array(["a", "b", "a", None]).dictionary_encode()
    before = pa.RecordBatch.from_arrays([accounts, pa.array(["s"] * 4)], ["account_id", "session_id"])
    after = Redactor(KEY, keep=frozenset({"session_id"})).redacted(before)
    assert after.schema == before.schema
    assert after.column("session_id").to_pylist() == ["s"] * 4
    hashed = after.column("account_id").to_pylist()
    assert hashed == [
        KEY.hashed("account", "a"),
        KEY.hashed("account", "b"),
        KEY.hashed("account", "a"),
        None,
    ]


def test_addresses_share_addresses_and_prefixes_exactly_as_before():
    after = Redactor(KEY).redacted(batch([{"client_ip": told} for told in ADDRESSES])).column("client_ip")
    for before_keys, after_keys in zip(address_keys(pa.array(ADDRESSES)), address_keys(after), strict=True):
        assert (after_keys != 0).all()
        assert (same(before_keys) == same(after_keys)).all()


def test_addresses_become_ones_that_nobody_owns():
    own = ip_network("fd00::/8")
    assert all(ip_network(pseudonym(KEY, told)).subnet_of(own) for told in [*ADDRESSES, "no address", ""])


def test_many_prefixes_do_not_meet():
    told = [f"{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}.1" for n in range(0, 1 << 24, 211)]
    _, prefixes = address_keys(pa.array([pseudonym(KEY, one) for one in told]))
    assert len(np.unique(prefixes)) == len(told)


def test_another_key_gives_other_hashes():
    other = Key(b"another key of the same house")
    assert pseudonym(other, "203.0.113.9") != pseudonym(KEY, "203.0.113.9")
    assert other.hashed("account", "acme") != KEY.hashed("account", "acme")


def test_what_is_remembered_is_bounded_and_changes_nothing():
    rows = [{"account_id": f"a-{n % 7}"} for n in range(50)]
    assert Redactor(KEY, remembered=2).redacted(batch(rows)) == Redactor(KEY).redacted(batch(rows))


def test_an_empty_table_stays_one():
    assert Redactor(KEY).table(ACCOUNT.arrow.empty_table()).schema == ACCOUNT.arrow
