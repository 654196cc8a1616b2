"""What `check` and `convert` say and write: of logs in files, folders, patterns, standard input and object stores."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from stillwatch.cli.main import stillwatch

LOG = Path(__file__).with_name("litellm.jsonl")
IDS = ["call-a1", "b2", "e5", "f6"]


def ids(out: Path) -> list[str]:
    return pq.read_table(out / "exchanges.parquet")["exchange_id"].to_pylist()


def test_a_log_becomes_the_contracts_table_and_every_record_is_accounted_for(runner, tmp_path):
    result = runner.invoke(stillwatch, ["convert", str(LOG), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0
    told = json.loads((tmp_path / "out" / "conversion.json").read_text())
    assert (told["read"], told["written"], sum(told["excluded"].values())) == (6, 4, 2)
    assert ids(tmp_path / "out") == IDS
    assert "excluded (no generation)" in result.output


def test_standard_input_is_read(runner, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOG.read_bytes())))
    result = runner.invoke(
        stillwatch, ["convert", "-", "--out", str(tmp_path / "out")], input=LOG.read_bytes()
    )
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "out") == IDS


@pytest.mark.parametrize(("packed", "pack"), [("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress)])
def test_a_folder_of_rotated_logs_is_read_in_order_and_what_is_no_log_is_named(
    runner, tmp_path, packed, pack
):
    folder = tmp_path / "logs"
    (folder / "2026").mkdir(parents=True)
    lines = LOG.read_bytes().splitlines(keepends=True)
    (folder / "2026" / f"a.log{packed}").write_bytes(pack(b"".join(lines[:3])))
    (folder / "2026" / f"b.log{packed}").write_bytes(pack(b"".join(lines[3:])))
    (folder / "notes.txt").write_text("no log\n")
    result = runner.invoke(stillwatch, ["convert", str(folder), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "out") == IDS
    notes = json.loads((tmp_path / "out" / "conversion.json").read_text())["notes"]
    assert notes == ["notes.txt: not read, its content is in no format that is known"]


def test_a_pattern_names_files_and_one_that_names_none_is_refused(runner, tmp_path):
    (tmp_path / "one.jsonl").write_bytes(LOG.read_bytes())
    pattern = str(tmp_path / "*.jsonl")
    assert runner.invoke(stillwatch, ["check", pattern]).exit_code == 0
    refused = runner.invoke(stillwatch, ["check", pattern, str(tmp_path / "*.nothing")])
    assert refused.exit_code == 2
    assert "*.nothing holds no log" in refused.stderr


def test_an_object_store_is_read_file_by_file_and_nothing_of_it_stays(runner, tmp_path):
    store = fsspec.filesystem("memory")
    lines = LOG.read_bytes().splitlines(keepends=True)
    store.pipe("/bucket/day-1.jsonl", b"".join(lines[:2]))
    store.pipe("/bucket/day-2.jsonl.gz", gzip.compress(b"".join(lines[2:])))
    result = runner.invoke(stillwatch, ["convert", "memory://bucket", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "out") == IDS
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == {
        "exchanges.parquet", "rejected.jsonl", "conversion.json",
    }  # fmt: skip


def test_a_log_is_written_in_another_programs_format_and_read_again(runner, tmp_path):
    there = tmp_path / "there"
    assert (
        runner.invoke(stillwatch, ["convert", str(LOG), "--to", "litellm", "--out", str(there)]).exit_code
        == 0
    )
    again = runner.invoke(
        stillwatch, ["convert", str(there / "exchanges.jsonl"), "--out", str(tmp_path / "out")]
    )
    assert again.exit_code == 0, again.output
    assert ids(tmp_path / "out") == IDS


def test_an_input_without_one_exchange_leaves_no_result(runner, tmp_path):
    log = tmp_path / "empty.jsonl"
    log.write_bytes(LOG.read_bytes().splitlines(keepends=True)[2])
    result = runner.invoke(stillwatch, ["convert", str(log), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "1 excluded (a call of the gateway itself)" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_log_that_breaks_off_is_written_as_far_as_it_goes_and_said_to_be_part(runner, tmp_path):
    log = tmp_path / "log.jsonl.gz"
    log.write_bytes(gzip.compress(LOG.read_bytes())[:-30])
    result = runner.invoke(
        stillwatch, ["convert", str(log), "--from", "litellm", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 3
    assert "breaks off" in result.stderr
    assert (tmp_path / "out" / "conversion.json").exists()


def test_an_unknown_format_is_refused_with_those_there_are(runner, tmp_path):
    result = runner.invoke(
        stillwatch, ["convert", str(LOG), "--from", "nothing", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2
    assert "litellm" in result.stderr


def test_check_tells_what_is_there_and_which_column_would_help_most(runner):
    result = runner.invoke(stillwatch, ["check", str(LOG)])
    assert result.exit_code == 0
    assert "4 exchanges of 6 records read; 0 rejected, 2 excluded." in result.output
    lacking = result.output.partition("lack a column")[2]
    assert lacking.splitlines()[2].startswith("exchanges.ja4")


def test_check_of_a_folder_in_the_contracts_layout_reads_all_its_tables(runner, tmp_path):
    made = runner.invoke(
        stillwatch, ["simulate", str(tmp_path / "w"), "--world", "clean", "--exchanges", "3000"]
    )
    assert made.exit_code == 0
    result = runner.invoke(stillwatch, ["check", str(tmp_path / "w")])
    assert result.exit_code == 0, result.output
    assert "accounts.created_at" in result.output
    assert "networks.asn" in result.output


def records(*rows: dict) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def converted(runner, tmp_path, *more: str, log: Path = LOG) -> tuple[Path, dict]:
    out = tmp_path / "out"
    result = runner.invoke(stillwatch, ["convert", str(log), "--out", str(out), *more])
    assert result.exit_code == 0, result.output + result.stderr
    return out, json.loads((out / "conversion.json").read_text())


def test_an_edge_log_fills_in_what_the_log_lacks_and_both_sides_are_counted(runner, tmp_path):
    edge = tmp_path / "edge.jsonl"
    edge.write_bytes(
        records(
            {"x-request-id": "b2", "ja4": "t13d1516h2_8daaf6152771_02713d6af862", "user-agent": "curl/8"},
            {
                "x-request-id": "call-a1",
                "ja4": "t13d0912h1_aaaaaaaaaaaa_bbbbbbbbbbbb",
                "client_ip": "198.51.100.1",
            },
            {"x-request-id": "of-nobody", "ja4": "t13d"},
        )
    )
    rest = tmp_path / "rest.jsonl"
    rest.write_bytes(records({"x-request-id": "e5", "ja4": "t13d"}))
    out, told = converted(runner, tmp_path, "--edge", str(edge), "--edge", str(rest))
    assert pq.read_table(out / "exchanges.parquet")["ja4"].to_pylist()[2] == "t13d"
    rows = {row["exchange_id"]: row for row in pq.read_table(out / "exchanges.parquet").to_pylist()}
    assert rows["b2"]["user_agent"] == "curl/8"
    assert rows["call-a1"]["client_ip"] == "203.0.113.9"
    assert rows["call-a1"]["ja4"] == "t13d0912h1_aaaaaaaaaaaa_bbbbbbbbbbbb"
    counted = told["joined"]["edge"]
    assert (counted["matched"], counted["exchanges without an edge row"]) == (3, 1)
    assert counted["edge rows without an exchange"] == 1


def test_account_exports_become_the_contracts_table_and_both_sides_are_counted(runner, tmp_path):
    users = tmp_path / "users.csv"
    users.write_text(
        "user_id,user_email,created_at,max_budget,spend\n"
        "user-17,somebody@example.org,2026-02-01T10:00:00+00:00,5,1\n"
        "user-99,nobody@example.net,2026-02-02T10:00:00+00:00,5,1\n"
    )
    out, told = converted(runner, tmp_path, "--accounts", str(users))
    table = pq.read_table(out / "accounts.parquet").to_pylist()
    assert [(row["account_id"], row["email_domain"]) for row in table] == [
        ("user-17", "example.org"),
        ("user-99", "example.net"),
    ]
    counted = told["joined"]["accounts"]
    assert counted["accounts of exchanges without a row"] == 2
    assert counted["rows of accounts without an exchange"] == 1


def test_lists_of_networks_are_told_of_the_addresses_that_asked(runner, tmp_path):
    (tmp_path / "vpn-2026-01-01.txt").write_text("203.0.113.0/24\n192.0.2.0/24\n")
    out, told = converted(runner, tmp_path, "--networks", f"vpn={tmp_path / 'vpn-2026-01-01.txt'}")
    rows = pq.read_table(out / "networks.parquet").to_pylist()
    assert [(row["cidr"], row["kind"]) for row in rows] == [("203.0.113.0/24", "vpn")]
    assert told["joined"]["networks"]["files"] == {"vpn-2026-01-01.txt": "2026-01-01"}


def test_a_house_format_is_read_by_its_mapping_file(runner, tmp_path):
    log, mapping = tmp_path / "house.jsonl", tmp_path / "mapping.toml"
    log.write_bytes(
        records(
            {"rid": "h1", "who": {"id": "a1"}, "at": 1772443246847, "req": {"model": "m", "messages": []}},
            {"rid": "h2", "who": {"id": "a2"}, "at": 1772443246848, "req": {"model": "m"}, "kind": "probe"},
        )
    )
    mapping.write_text(
        '[columns]\nexchange_id = "rid"\naccount_id = "who.id"\nts = {path = "at", unit = "ms"}\n'
        '[body]\nrequest = "req"\n[exclude]\n"a probe" = {path = "kind", equals = "probe"}\n'
    )
    out, told = converted(runner, tmp_path, "--map", str(mapping), log=log)
    assert ids(out) == ["h1"]
    assert told["excluded"] == {"a probe": 1}


def test_redaction_hashes_ids_and_addresses_the_same_way_everywhere_and_shows_no_row(runner, tmp_path):
    key, log = tmp_path / "key", tmp_path / "log.jsonl"
    key.write_text("a key of more than sixteen bytes")
    log.write_bytes(LOG.read_bytes() + LOG.read_bytes().splitlines(keepends=True)[0])
    out, told = converted(runner, tmp_path, "--redact", "--key-file", str(key), log=log)
    rows = pq.read_table(out / "exchanges.parquet").to_pylist()
    assert len({row["account_id"] for row in rows}) == 3
    assert not any("user-17" in path.read_bytes().decode("latin-1") for path in out.iterdir())
    assert not any("203.0.113.9" in path.read_bytes().decode("latin-1") for path in out.iterdir())
    assert told["rejected"] == {"duplicate exchange_id": 1}
    assert json.loads((out / "rejected.jsonl").read_text())["row"] is None


def test_without_text_words_are_hashed_and_equal_prompts_stay_equal(runner, tmp_path, monkeypatch):
    monkeypatch.setenv("STILLWATCH_REDACTION_KEY", "a key of more than sixteen bytes")
    out, _ = converted(runner, tmp_path, "--no-text")
    rows = pq.read_table(out / "exchanges.parquet").to_pylist()
    assert rows[0]["content_state"] == "hashed"
    assert "picture" not in (out / "exchanges.parquet").read_bytes().decode("latin-1")
    assert len(rows[0]["prompt"].split()) == 5


def test_a_key_is_needed_to_hash_and_networks_are_not_told_of_hashed_addresses(runner, tmp_path):
    base = ["convert", str(LOG), "--out", str(tmp_path / "out"), "--redact"]
    assert "STILLWATCH_REDACTION_KEY" in runner.invoke(stillwatch, base).stderr
    (tmp_path / "key").write_text("a key of more than sixteen bytes")
    refused = runner.invoke(
        stillwatch, [*base, "--key-file", str(tmp_path / "key"), "--networks", "vpn=x.txt"]
    )
    assert refused.exit_code == 2
    assert "leave out one of --networks and --redact" in refused.stderr


def test_secrets_in_prompts_are_masked_and_counted(runner, tmp_path):
    log = tmp_path / "log.jsonl"
    row = json.loads(LOG.read_bytes().splitlines()[1])
    secret = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    row["messages"] = [{"role": "user", "content": f"My token is {secret}, why is it refused?"}]
    log.write_bytes(records(row))
    out, told = converted(runner, tmp_path, log=log)
    prompt = pq.read_table(out / "exchanges.parquet")["prompt"][0].as_py()
    assert secret not in prompt
    assert sum(told["secrets masked"].values()) == 1
    log.write_bytes(records(row, {**row, "startTime": "nowhen"}, row))
    out, told = converted(runner, tmp_path, log=log)
    assert sum(told["rejected"].values()) == 2
    assert secret not in (out / "rejected.jsonl").read_text()
    kept, _ = converted(runner, tmp_path, "--keep-secrets", log=log)
    assert secret in pq.read_table(kept / "exchanges.parquet")["prompt"][0].as_py()


def test_ids_that_repeat_every_day_or_in_every_file_are_told_apart(runner, tmp_path):
    row = json.loads(LOG.read_bytes().splitlines()[0])
    log = tmp_path / "log.jsonl"
    log.write_bytes(records(row, {**row, "startTime": "2026-03-03 01:00:00"}))
    _, told = converted(runner, tmp_path, log=log)
    assert told["rejected"] == {"duplicate exchange_id": 1}
    out, _ = converted(runner, tmp_path, "--ids-repeat", "day", log=log)
    assert ids(out) == ["2026-03-02/call-a1", "2026-03-03/call-a1"]
    (tmp_path / "logs").mkdir()
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / "logs" / name).write_bytes(records(row))
    out, _ = converted(runner, tmp_path, "--ids-repeat", "file", log=tmp_path / "logs")
    assert ids(out) == ["one.jsonl/call-a1", "two.jsonl/call-a1"]


def test_why_nothing_could_be_read_is_told(runner, tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"a" * 20_000_000)
    result = runner.invoke(
        stillwatch, ["convert", str(log), "--from", "litellm", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2
    assert "log.jsonl: it holds neither JSON nor a table" in result.stderr
