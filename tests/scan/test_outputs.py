"""A scan of small simulated worlds: what it writes, what it counts, what it does not say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.model.tables import (
    ACCOUNT_FINDING,
    ACCOUNT_VERDICTS,
    CAPABILITIES,
    EVIDENCE,
    EXCHANGE_FINDING,
)
from stillwatch.scan import scan
from stillwatch.settings import load
from stillwatch.simulate.broken import UNKNOWN_COLUMN
from tests.contract import CAMPAIGN_KEYS
from tests.scan.conftest import Scanned

SCHEMAS = {"accounts": ACCOUNT_FINDING, "exchanges": EXCHANGE_FINDING, "evidence": EVIDENCE}

Worlds = Callable[[str], Scanned]


def test_a_scan_writes_the_six_files_of_the_contract_and_nothing_else(mixed: Scanned) -> None:
    names = {"accounts.parquet", "evidence.parquet", "exchanges.parquet", "findings.json", "rejected.jsonl"}
    assert {file.name for file in mixed.out.iterdir()} == names | {"report.html"}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("world", ["mixed", "clean"])
def test_tables_have_the_columns_and_types_of_the_contract(worlds: Worlds, world: str, name: str) -> None:
    assert worlds(world).table(name).schema.equals(SCHEMAS[name])


def test_a_blatant_campaign_is_found(easy: Scanned) -> None:
    assert easy.findings.of_verdict("distillation")


def test_every_campaign_has_what_the_contract_promises(easy: Scanned, mixed: Scanned) -> None:
    for campaign in [*easy.document["campaigns"], *mixed.document["campaigns"]]:
        assert set(campaign) >= CAMPAIGN_KEYS
        for counted in (campaign["accounts"], campaign["exchanges"]):
            assert 0 <= counted["low"] <= counted["best"] <= counted["high"]
        for sure in (campaign["coordination"]["probability"], campaign["distillation"]["probability"]):
            assert 0 <= sure <= 1
        assert {share["capability"] for share in campaign["capabilities"]} <= set(CAPABILITIES)
        assert re.fullmatch(r"UDC-\d{4}-\d{3,}", campaign["campaign_id"])


def test_shares_of_capabilities_add_up_to_one_or_little_less(easy: Scanned, mixed: Scanned) -> None:
    for campaign in [*easy.document["campaigns"], *mixed.document["campaigns"]]:
        assert 0.9 <= sum(share["share"] for share in campaign["capabilities"]) <= 1.0001


def test_every_account_of_the_input_has_one_row(mixed: Scanned) -> None:
    told = mixed.table("accounts")["account_id"].to_pylist()
    assert Counter(told) == Counter(pq.read_table(mixed.log / "accounts.parquet")["account_id"].to_pylist())


@pytest.mark.parametrize("world", ["easy", "mixed"])
def test_accounts_and_campaigns_agree(worlds: Worlds, world: str) -> None:
    scanned = worlds(world)
    accounts = scanned.table("accounts")
    assert set(accounts["verdict"].to_pylist()) <= set(ACCOUNT_VERDICTS)
    named = Counter(accounts["campaign_id"].drop_null().to_pylist())
    assert named == {c["campaign_id"]: c["accounts"]["best"] for c in scanned.document["campaigns"]}
    members = accounts.filter(pc.is_valid(accounts["campaign_id"]))
    others = accounts.filter(pc.is_null(accounts["campaign_id"]))
    assert pc.min_max(members["membership"]).as_py()["max"] <= 1
    assert set(others["membership"].to_pylist()) <= {0.0}


@pytest.mark.parametrize("world", ["easy", "mixed"])
def test_only_members_of_a_distillation_campaign_have_the_verdict_campaign(
    worlds: Worlds, world: str
) -> None:
    scanned = worlds(world)
    verdicts = {c["campaign_id"]: c["verdict"] for c in scanned.document["campaigns"]}
    for row in scanned.table("accounts").to_pylist():
        is_member = verdicts.get(row["campaign_id"]) == "distillation"
        assert (row["verdict"] == "campaign") == is_member


@pytest.mark.parametrize("world", ["easy", "mixed"])
def test_exchanges_of_a_finding_are_those_of_its_accounts(worlds: Worlds, world: str) -> None:
    scanned = worlds(world)
    member_of = {
        row["account_id"]: row["campaign_id"]
        for row in scanned.table("accounts").to_pylist()
        if row["campaign_id"]
    }
    log = pq.read_table(scanned.log / "exchanges.parquet", columns=["exchange_id", "account_id"]).to_pylist()
    asked = {row["exchange_id"]: member_of.get(row["account_id"]) for row in log}
    told = scanned.table("exchanges").to_pylist()
    assert {row["exchange_id"]: row["campaign_id"] for row in told} == {i: c for i, c in asked.items() if c}
    assert len(told) == len({row["exchange_id"] for row in told})
    assert all(0 <= row["extraction"] <= 1 and row["capability"] in CAPABILITIES for row in told)


def test_every_finding_has_evidence_and_all_evidence_a_finding(mixed: Scanned) -> None:
    evidence = mixed.table("evidence")
    assert set(evidence["campaign_id"].to_pylist()) == {c["campaign_id"] for c in mixed.document["campaigns"]}
    assert all(text and text.strip() for text in evidence["text"].to_pylist())


def test_counts_add_up(mixed: Scanned, dirty: Scanned) -> None:
    for scanned in (mixed, dirty):
        counts = scanned.document["run"]["counts"]
        assert counts["read"] == counts["scanned"] + counts["rejected"]


def test_every_planted_broken_row_is_rejected_with_its_file_line_and_reason(dirty: Scanned) -> None:
    planted = json.loads((dirty.truth / "broken.json").read_text("utf-8"))
    rejected = [json.loads(line) for line in (dirty.out / "rejected.jsonl").read_bytes().splitlines()]
    told = Counter((row["file"], row["line"]) for row in rejected)
    bad = [row for row in planted if row["kind"] != UNKNOWN_COLUMN]
    assert bad
    assert told == Counter((row["file"], row["line"]) for row in bad)
    assert all(row["reason"] and "row" in row for row in rejected)


def test_every_line_of_a_dirty_log_is_scanned_or_rejected(dirty: Scanned) -> None:
    lines = (dirty.log / "exchanges.jsonl").read_bytes().splitlines()
    counts = dirty.document["run"]["counts"]
    rejected = (dirty.out / "rejected.jsonl").read_bytes().splitlines()
    assert counts["read"] == len(lines)
    assert counts["rejected"] == len(rejected)


def test_the_findings_say_where_the_rejected_rows_lie(dirty: Scanned) -> None:
    assert dirty.findings.rejected == dirty.out / "rejected.jsonl"


def test_rows_with_an_unknown_column_are_kept_and_counted(dirty: Scanned) -> None:
    planted = json.loads((dirty.truth / "broken.json").read_text("utf-8"))
    known = sum(row["kind"] == UNKNOWN_COLUMN for row in planted)
    assert dirty.document["run"]["unknown_columns"] == {"exchanges.x_shard": known}


def test_broken_rows_change_nothing_that_is_found(dirty: Scanned, tmp_path: Path) -> None:
    bad = {
        row["line"]
        for row in json.loads((dirty.truth / "broken.json").read_text("utf-8"))
        if row["kind"] != UNKNOWN_COLUMN
    }
    swept = tmp_path / "swept"
    swept.mkdir()
    for file in dirty.log.iterdir():
        if file.name != "exchanges.jsonl":
            (swept / file.name).write_bytes(file.read_bytes())
    lines = (dirty.log / "exchanges.jsonl").read_bytes().split(b"\n")
    good = [line for number, line in enumerate(lines, 1) if number not in bad]
    (swept / "exchanges.jsonl").write_bytes(b"\n".join(good))
    scan(swept, out=tmp_path / "out")
    for name in ("accounts.parquet", "exchanges.parquet", "evidence.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (dirty.out / name).read_bytes()


def test_accounts_with_an_agreement_are_never_called_distillation(easy: Scanned, mixed: Scanned) -> None:
    for scanned in (easy, mixed):
        assert not _called(scanned, "authorised") & {"campaign"}


def test_relays_are_never_called_distillation(easy: Scanned, mixed: Scanned, clean: Scanned) -> None:
    for scanned in (easy, mixed, clean):
        assert not _called(scanned, "relay") & {"campaign"}


def test_nobody_is_accused_in_a_clean_world(clean: Scanned) -> None:
    assert clean.findings.of_verdict("distillation") == ()
    assert "campaign" not in clean.table("accounts")["verdict"].to_pylist()


def _called(scanned: Scanned, role: str) -> set[str]:
    truth = pq.read_table(scanned.truth / "accounts.parquet").to_pylist()
    of_role = {row["account_id"] for row in truth if row["role"] == role}
    assert of_role
    return {r["verdict"] for r in scanned.table("accounts").to_pylist() if r["account_id"] in of_role}


def test_the_false_alarm_budget_is_recorded(clean: Scanned, tmp_path: Path) -> None:
    chosen = load(overrides={"judge.false_alarm_budget": "0.01"})
    findings = scan(clean.log, out=tmp_path / "out", settings=chosen)
    run = json.loads((tmp_path / "out" / "findings.json").read_text("ascii"))["run"]
    assert findings.run.false_alarm_budget == run["false_alarm_budget"] == 0.01
    assert clean.document["run"]["false_alarm_budget"] == 0.05


def test_a_smaller_budget_never_reports_more(easy: Scanned) -> None:
    strict = scan(easy.log, settings=load(overrides={"judge.false_alarm_budget": "1e-9"}))
    assert len(strict.of_verdict("distillation")) <= len(easy.findings.of_verdict("distillation"))


def test_simulated_is_written_on_what_shows_a_simulated_log(mixed: Scanned) -> None:
    assert mixed.document["run"]["simulated"] is True
    assert "imulated" in (mixed.out / "report.html").read_text("utf-8")


def test_a_scan_without_a_folder_finds_the_same_and_writes_nothing(mixed: Scanned) -> None:
    before = sorted(mixed.out.parent.iterdir())
    findings = scan(mixed.log)
    assert findings.campaigns == mixed.findings.campaigns
    assert findings.accounts.equals(mixed.findings.accounts)
    assert sorted(mixed.out.parent.iterdir()) == before


def test_progress_tells_stages_and_rows(clean: Scanned) -> None:
    told: list[tuple[str, int, int | None]] = []
    scan(clean.log, progress=lambda stage, done, total: told.append((stage, done, total)))
    assert len({stage for stage, _, _ in told}) >= 3
    assert max(done for _, done, _ in told) == clean.findings.run.rows_read
