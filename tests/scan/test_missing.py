"""Less than the contract offers: no text, no network, no accounts table, no rows, nothing but what is required."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.model.tables import ACCOUNT, EXCHANGE
from stillwatch.scan import scan
from tests.scan.conftest import Scanned
from tests.scan.logs import copied

TEXT = ("system_prompt", "prompt", "response")
NETWORK = ("client_ip", "ja4", "header_profile")
CLIENT = (*NETWORK, "user_agent", "sdk")

Worlds = Callable[[str], Scanned]


def without(*columns: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.drop_columns(list(columns))


def skipped(document: dict[str, object]) -> dict[str, str]:
    run = document["run"]
    assert isinstance(run, dict)
    return {item["signal"]: item["reason"] for item in run["signals_skipped"]}


def scanned_without(scanned: Scanned, columns: tuple[str, ...], place: Path) -> dict[str, object]:
    log = copied(scanned.log, place / "log", without(*columns))
    if "client_ip" in columns:
        (log / "networks.parquet").unlink()
    scan(log, out=place / "out")
    document: dict[str, object] = json.loads((place / "out" / "findings.json").read_text("ascii"))
    return document


@pytest.mark.parametrize("columns", [TEXT, NETWORK, CLIENT], ids=["text", "network", "network and client"])
def test_without_columns_nobody_is_accused_in_a_clean_world(
    clean: Scanned, columns: tuple[str, ...], tmp_path: Path
) -> None:
    document = scanned_without(clean, columns, tmp_path)
    assert [c for c in document["campaigns"] if c["verdict"] == "distillation"] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("columns", "signal", "named"),
    [(TEXT, "shared_template", "prompt"), (TEXT, "system_prompt", "system_prompt"), (NETWORK, "shared_address", "client_ip"),
     (NETWORK, "tls_client", "ja4"), (NETWORK, "header_profile", "header_profile")],
)  # fmt: skip
def test_a_signal_that_cannot_run_is_named_with_what_it_misses(
    clean: Scanned, columns: tuple[str, ...], signal: str, named: str, tmp_path: Path
) -> None:
    document = scanned_without(clean, columns, tmp_path)
    assert named in skipped(document)[signal]
    assert signal in (tmp_path / "out" / "report.html").read_text("utf-8").replace(" ", "_")


def test_the_shape_of_requests_stands_in_for_prompts_that_are_not_there(
    clean: Scanned, tmp_path: Path
) -> None:
    assert "request_shape" not in {*clean.document["run"]["signals_computed"], *skipped(clean.document)}
    document = scanned_without(clean, TEXT, tmp_path)
    assert "request_shape" in document["run"]["signals_computed"]  # type: ignore[index]


@pytest.mark.parametrize("world", ["no-content", "no-network"])
def test_worlds_that_lack_columns_are_scanned(worlds: Worlds, world: str) -> None:
    scanned = worlds(world)
    assert scanned.document["run"]["counts"]["rejected"] == 0
    assert skipped(scanned.document)
    assert "authorised" in scanned.table("accounts")["verdict"].to_pylist()


def test_a_log_without_a_table_of_accounts_is_scanned(mixed: Scanned, tmp_path: Path) -> None:
    log = copied(mixed.log, tmp_path / "log")
    (log / "accounts.parquet").unlink()
    findings = scan(log, out=tmp_path / "out")
    asked = set(
        pq.read_table(mixed.log / "exchanges.parquet", columns=["account_id"])["account_id"].to_pylist()
    )
    assert set(findings.accounts["account_id"].to_pylist()) == asked
    assert {"payment_instrument", "signup_device"} <= {s.signal for s in findings.run.signals_skipped}


def test_a_log_without_models_and_networks_is_scanned(mixed: Scanned, tmp_path: Path) -> None:
    log = copied(mixed.log, tmp_path / "log")
    for name in ("models", "networks"):
        (log / f"{name}.parquet").unlink()
    findings = scan(log, out=tmp_path / "out")
    assert "release_pivot" in {s.signal for s in findings.run.signals_skipped}


def test_nulls_in_every_optional_column_accuse_nobody(clean: Scanned, tmp_path: Path) -> None:
    log = copied(clean.log, tmp_path / "log", only_required)
    accounts = pq.read_table(clean.log / "accounts.parquet")
    pq.write_table(emptied(accounts, ("account_id",)), log / "accounts.parquet")
    findings = scan(log, out=tmp_path / "out")
    assert findings.of_verdict("distillation") == ()
    assert findings.run.rows_scanned == clean.findings.run.rows_scanned


def test_columns_that_hold_nothing_and_columns_that_are_missing_find_the_same(
    clean: Scanned, tmp_path: Path
) -> None:
    scan(copied(clean.log, tmp_path / "null", only_required), out=tmp_path / "one")
    scan(copied(clean.log, tmp_path / "less", lambda t: t.select(EXCHANGE.required)), out=tmp_path / "two")
    assert (tmp_path / "one" / "findings.json").read_bytes() == (
        tmp_path / "two" / "findings.json"
    ).read_bytes()


def only_required(table: pa.Table) -> pa.Table:
    return emptied(table, EXCHANGE.required)


def emptied(table: pa.Table, kept: tuple[str, ...]) -> pa.Table:
    columns = {
        f.name: table[f.name] if f.name in kept else pa.nulls(table.num_rows, f.type) for f in table.schema
    }
    return pa.table(columns, schema=table.schema)


def test_an_empty_log_is_scanned_and_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    pq.write_table(EXCHANGE.arrow.empty_table(), tmp_path / "log" / "exchanges.parquet")
    findings = scan(tmp_path / "log", out=tmp_path / "out")
    assert findings.campaigns == ()
    assert findings.accounts.num_rows == findings.run.rows_read == 0
    assert len(list((tmp_path / "out").iterdir())) == 6


def test_a_log_of_accounts_that_asked_nothing_clears_them_all(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    pq.write_table(EXCHANGE.arrow.empty_table(), tmp_path / "log" / "exchanges.parquet")
    accounts = pa.Table.from_pylist([{"account_id": "a"}, {"account_id": "b"}], schema=ACCOUNT.arrow)
    pq.write_table(accounts, tmp_path / "log" / "accounts.parquet")
    findings = scan(tmp_path / "log", out=tmp_path / "out")
    assert findings.accounts["account_id"].to_pylist() == ["a", "b"]
    assert set(findings.accounts["verdict"].to_pylist()) == {"clear"}


def test_a_log_of_one_row_is_scanned(clean: Scanned, tmp_path: Path) -> None:
    log = copied(clean.log, tmp_path / "log", lambda table: table.slice(0, 1))
    findings = scan(log, out=tmp_path / "out")
    assert (findings.run.rows_scanned, findings.campaigns) == (1, ())


def test_one_row_with_nothing_but_what_is_required_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(
        '{"exchange_id": "e", "ts": "2026-09-01T00:00:00Z", "account_id": "a", "model": "m"}\n', "utf-8"
    )
    findings = scan(tmp_path / "log.jsonl", out=tmp_path / "out")
    assert findings.accounts.to_pylist()[0] | {"risk": 0.0} == {
        "account_id": "a",
        "campaign_id": None,
        "membership": 0.0,
        "risk": 0.0,
        "verdict": "clear",
    }


def test_accounts_without_exchanges_are_cleared(mixed: Scanned, tmp_path: Path) -> None:
    accounts = pq.read_table(mixed.log / "accounts.parquet")
    asleep = accounts["account_id"][0].as_py()
    log = copied(mixed.log, tmp_path / "log", lambda t: t.filter(pc.not_equal(t["account_id"], asleep)))
    findings = scan(log, out=tmp_path / "out")
    assert asleep in findings.accounts["account_id"].to_pylist()
