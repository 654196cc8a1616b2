from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
import zstandard

from stillwatch.errors import InputError
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, NETWORK
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from tests.sources.logs import exchange, jsonl, parquet, scan


def lines_of(*rows) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("exchanges.jsonl", bytes),
        ("exchanges.jsonl.gz", gzip.compress),
        ("exchanges.jsonl.zst", zstandard.compress),
        ("exchanges/part-1.jsonl", bytes),
        ("exchanges/part-1.jsonl.gz", gzip.compress),
        ("exchanges/part-1.jsonl.zst", zstandard.compress),
    ],
)
def test_every_form_of_the_folder_is_found(tmp_path, name, pack):
    path = tmp_path / "log" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(pack(lines_of(exchange(1), exchange(2))))
    got = scan(tmp_path / "log")
    assert got.ids == ["x1", "x2"]
    assert got.input.digests == {name: hashlib.sha256(path.read_bytes()).hexdigest()}


def test_parts_are_read_in_name_order_and_the_later_duplicate_is_rejected(tmp_path):
    jsonl(tmp_path / "log/exchanges/b.jsonl", exchange(1, model="second"), exchange(2))
    jsonl(tmp_path / "log/exchanges/a.jsonl", exchange(1, model="first"), exchange(3))
    got = scan(tmp_path / "log")
    assert [(row["exchange_id"], row["model"]) for row in got.rows] == [
        ("x1", "first"),
        ("x3", "m"),
        ("x2", "m"),
    ]
    assert [(r["file"], r["line"], r["reason"]) for r in got.rejected] == [
        ("exchanges/b.jsonl", 1, "duplicate exchange_id")
    ]


def test_parts_with_different_columns_are_brought_together(tmp_path):
    parquet(tmp_path / "log/exchanges/a.parquet", prompt=pa.array(["p"] * 3))
    parquet(
        tmp_path / "log/exchanges/b.parquet",
        exchange_id=pa.array(["y1", "y2", "y3"]),
        turns=pa.array([1, 2, 3]),
    )
    got = scan(tmp_path / "log")
    assert got.table.column_names == ["exchange_id", "ts", "account_id", "model", "prompt", "turns"]
    assert got.table["prompt"].null_count == got.table["turns"].null_count == 3
    assert got.input.columns == set(got.table.column_names)


def test_a_folder_without_exchanges_says_what_it_holds_and_what_was_looked_for(tmp_path):
    (tmp_path / "requests.log").write_text("x")
    with pytest.raises(InputError, match=r"requests\.log") as caught:
        open_input(tmp_path)
    assert "exchanges.parquet" in str(caught.value)
    assert ".zst" in str(caught.value)


def test_an_empty_folder_and_a_missing_path_are_refused(tmp_path):
    with pytest.raises(InputError, match="it is empty"):
        open_input(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        open_input(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "second", ["exchanges.jsonl", "exchanges.parquet.csv", "exchanges/a.parquet", "exchanges.csv.gz"]
)
def test_two_forms_of_one_table_are_ambiguous(tmp_path, second):
    parquet(tmp_path / "exchanges.parquet")
    (tmp_path / second).parent.mkdir(exist_ok=True)
    shutil.copy(tmp_path / "exchanges.parquet", tmp_path / second)
    if second == "exchanges.parquet.csv":
        assert scan(tmp_path).ids == ["x1", "x2", "x3"]
        return
    with pytest.raises(InputError, match="more than one form"):
        open_input(tmp_path)


def test_two_formats_among_the_parts_are_ambiguous(tmp_path):
    parquet(tmp_path / "exchanges/a.parquet")
    jsonl(tmp_path / "exchanges/b.jsonl", exchange())
    with pytest.raises(InputError, match=r"exchanges/a\.parquet, exchanges/b\.jsonl"):
        open_input(tmp_path)


def test_other_files_among_the_parts_are_noted_and_hidden_ones_are_not(tmp_path):
    parquet(tmp_path / "log/exchanges/a.parquet")
    for name in ("README.txt", ".crc", "_SUCCESS"):
        (tmp_path / "log/exchanges" / name).write_text("x")
    assert scan(tmp_path / "log").input.notes == (
        "exchanges/README.txt: not read, its suffix names no format",
    )


def test_a_table_in_a_form_that_cannot_be_read_is_noted(tmp_path):
    parquet(tmp_path / "log/exchanges.parquet")
    (tmp_path / "log/networks.mmdb").write_bytes(b"x")
    assert scan(tmp_path / "log").input.notes == ("networks.mmdb: not read, its suffix names no format",)


def test_one_log_file_with_the_other_tables_named(tmp_path):
    log = jsonl(tmp_path / "here/today.jsonl", exchange())
    accounts = jsonl(tmp_path / "there/people.jsonl", {"account_id": "a1", "plan": "pro"})
    got = scan(log, accounts=accounts)
    assert got.input.digests.keys() == {"today.jsonl", "people.jsonl"}
    assert got.input.accounts(Reject()).to_pylist()[0]["plan"] == "pro"


def test_a_table_named_on_its_own_stands_in_for_the_one_in_the_folder(tmp_path):
    parquet(tmp_path / "log/exchanges.parquet")
    jsonl(tmp_path / "log/accounts.jsonl", {"account_id": "inside"})
    other = jsonl(tmp_path / "accounts.jsonl", {"account_id": "outside"})
    got = scan(tmp_path / "log", "accounts", accounts=other)
    assert [row["account_id"] for row in got.rows] == ["outside"]


def test_a_log_file_of_unknown_suffix_is_recognised_by_its_content(tmp_path):
    rows = lines_of(exchange())
    for number, content in enumerate(
        [rows, b"\xef\xbb\xbf" + rows, parquet(tmp_path / "p.parquet").read_bytes()]
    ):
        path = tmp_path / f"{number}.log"
        path.write_bytes(content)
        assert scan(path).ids[0] == "x1"
    (tmp_path / "c.log").write_text("exchange_id,ts,account_id,model\nx1,2026-01-01T00:00:00Z,a,m\n")
    assert scan(tmp_path / "c.log").ids == ["x1"]


def test_a_log_file_in_no_known_format_is_refused(tmp_path):
    (tmp_path / "a.log").write_bytes(b"\x00\x01 hello")
    with pytest.raises(InputError, match=r"no format that can be read.*\.parquet"):
        open_input(tmp_path / "a.log")


def test_links_and_dots_in_paths_are_followed(tmp_path):
    parquet(tmp_path / "real/exchanges.parquet")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert scan(tmp_path / "link").ids == scan(tmp_path / "real" / ".." / "link").ids == ["x1", "x2", "x3"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other/exchanges.parquet").symlink_to(tmp_path / "real/exchanges.parquet")
    assert scan(tmp_path / "other").ids == ["x1", "x2", "x3"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_an_input_error(tmp_path):
    path = jsonl(tmp_path / "exchanges.jsonl", exchange())
    path.chmod(0)
    with pytest.raises(InputError, match=r"exchanges\.jsonl"):
        open_input(tmp_path)


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_packed_file_that_breaks_off_gives_the_rows_before_and_is_told(tmp_path, suffix, pack, damage):
    generator = np.random.default_rng(0)
    rows = [exchange(n, prompt=generator.bytes(20).hex()) for n in range(30_000)]
    packed = bytearray(pack(lines_of(*rows)))
    half = len(packed) // 2
    packed[half:] = b"" if damage == "cut" else b"\xff" * (len(packed) - half)
    jsonl(tmp_path / "log/exchanges/b.jsonl", exchange(30_001))
    (tmp_path / f"log/exchanges/a.jsonl{suffix}").write_bytes(packed)
    got = scan(tmp_path / "log", failing=True)
    assert got.ids[:-1] == [row["exchange_id"] for row in rows[: len(got.ids) - 1]]
    assert 5_000 < len(got.ids) < 25_000
    assert got.ids[-1] == "x30001"
    assert len(got.rejected) <= 2
    assert list(got.input.failures) == [f"exchanges/a.jsonl{suffix}"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_packed_files_of_several_parts_are_read_to_the_end(tmp_path, pack):
    suffix = ".gz" if pack is gzip.compress else ".zst"
    path = tmp_path / f"exchanges.jsonl{suffix}"
    path.write_bytes(b"".join(pack(lines_of(exchange(n))) for n in range(5)))
    assert scan(path).ids == [f"x{n}" for n in range(5)]


def test_simulated_logs_are_known_by_their_mark(tmp_path):
    parquet(tmp_path / "exchanges.parquet")
    assert not open_input(tmp_path).simulated
    (tmp_path / "SIMULATED").write_text("")
    assert open_input(tmp_path).simulated


def test_absent_tables_are_empty_and_complete(tmp_path):
    opened = open_input(parquet(tmp_path / "exchanges.parquet"))
    for name, table in (("accounts", ACCOUNT), ("networks", NETWORK), ("models", MODEL)):
        got = getattr(opened, name)(Reject())
        assert got.num_rows == 0
        assert got.schema == table.arrow
        assert name not in opened.present


def test_present_tells_tables_and_columns_before_and_after_reading(tmp_path):
    parquet(tmp_path / "exchanges.parquet", prompt=pa.array([None, "p", None]), turns=pa.nulls(3, pa.int32()))
    jsonl(tmp_path / "accounts.jsonl", {"account_id": "a", "plan": "pro"})
    opened = open_input(tmp_path)
    assert opened.present["exchanges"] == {"exchange_id", "ts", "account_id", "model", "prompt", "turns"}
    list(opened.exchanges(Reject()))
    opened.accounts(Reject())
    assert opened.present["exchanges"] == {"exchange_id", "ts", "account_id", "model", "prompt"}
    assert opened.present["accounts"] == {"account_id", "plan"}


def test_reading_again_counts_again_from_zero(tmp_path):
    opened = open_input(jsonl(tmp_path / "exchanges.jsonl", exchange(1, beside=1), exchange(1)))
    for _ in range(2):
        reject = Reject()
        assert sum(batch.num_rows for batch in opened.exchanges(reject)) == 1
        assert (reject.count, opened.rows_read["exchanges"]) == (1, 2)
        assert opened.unknown_columns == {"exchanges.beside": 1}


def test_accounts_twice_or_without_id_are_rejected_and_counted_apart(tmp_path):
    parquet(tmp_path / "exchanges.parquet")
    jsonl(
        tmp_path / "accounts.jsonl",
        {"account_id": "a1", "created_at": "2026-01-01T00:00:00Z", "programmes": ["research"]},
        {"account_id": "a1"},
        {"plan": "pro"},
        {"account_id": "a2", "created_at": "yesterday"},
    )
    got = scan(tmp_path, "accounts")
    assert got.reasons == {
        2: "duplicate account_id",
        3: "no account_id",
        4: "no ISO 8601 time with a zone: created_at",
    }
    assert got.rows[0]["created_at"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert got.table.schema == ACCOUNT.arrow


def test_networks_that_are_no_address_ranges_are_rejected(tmp_path):
    parquet(tmp_path / "exchanges.parquet")
    ranges = [
        "10.0.0.0/8",
        "2001:db8::/32",
        "10.0.0.1",
        "10.1.2.3/8",
        "10.0.0.0/33",
        "x",
        "10.0.0.0/8",
        "1.2.3/8",
        "::1%eth0/64",
    ]
    jsonl(
        tmp_path / "networks.jsonl",
        *({"cidr": text, "asn": 2**32 - 1} for text in ranges),
        {"cidr": "::/0", "asn": -1},
    )
    got = scan(tmp_path, "networks")
    assert [row["cidr"] for row in got.rows] == ranges[:4]
    assert got.reasons[5] == got.reasons[6] == got.reasons[8] == "no address range in cidr"
    assert got.reasons[7] == "duplicate cidr"
    assert got.reasons[10] == "number out of range: asn"


def test_models_need_a_release_time(tmp_path):
    parquet(tmp_path / "exchanges.parquet")
    jsonl(tmp_path / "models.jsonl", {"model": "m", "released_at": "2026-01-01T00:00:00Z"}, {"model": "n"})
    got = scan(tmp_path, "models")
    assert got.table.schema == MODEL.arrow
    assert got.reasons == {2: "no released_at"}


def test_exchange_batches_have_one_schema_of_contract_types(tmp_path):
    opened = open_input(jsonl(tmp_path / "exchanges.jsonl", exchange()))
    schemas = {batch.schema for batch in opened.exchanges(Reject())}
    assert schemas == {EXCHANGE.arrow}


@pytest.mark.parametrize("status", ["active", "suspended", "banned", "200", "0"])
def test_the_status_of_an_account_is_a_word_and_has_no_range_as_that_of_an_exchange_has(tmp_path, status):
    log = jsonl(tmp_path / "log/exchanges.jsonl", exchange(1, status=200)).parent
    jsonl(log / "accounts.jsonl", {"account_id": "a1", "status": status})
    got = scan(log, "accounts")
    assert [(row["account_id"], row["status"]) for row in got.rows] == [("a1", status)]


def test_one_input_followed_by_another_has_the_rows_of_both_and_rejects_a_second_id(tmp_path):
    jsonl(tmp_path / "one" / "exchanges.jsonl", exchange(1), exchange(2))
    jsonl(tmp_path / "two" / "exchanges.jsonl", exchange(2), exchange(3, prompt="p"))
    joined = open_input(tmp_path / "one").followed_by(open_input(tmp_path / "two"))
    with Reject() as reject:
        ids = [i for batch in joined.exchanges(reject) for i in batch.column("exchange_id").to_pylist()]
    assert (ids, reject.count) == (["x1", "x2", "x3"], 1)
    assert "prompt" in joined.present["exchanges"]
