"""The six files of a scan's result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import InputError
from stillwatch.model.finding import Coordination, Findings
from stillwatch.model.tables import ACCOUNT_FINDING, EVIDENCE, EXCHANGE_FINDING
from stillwatch.report.files import read, write
from stillwatch.report.told import told
from tests.contract import CAMPAIGN_KEYS

SIX = {
    "findings.json",
    "accounts.parquet",
    "exchanges.parquet",
    "evidence.parquet",
    "report.html",
    "rejected.jsonl",
}


def test_write_leaves_the_six_files_of_the_contract(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path / "deep" / "out")
    assert {p.name for p in (tmp_path / "deep" / "out").iterdir()} == SIX


def test_files_that_are_written_at_once_have_the_same_bytes(three: Findings, tmp_path: Path) -> None:
    for threads in (1, 4):
        write(three, tmp_path / str(threads), threads=threads)
    for name in SIX:
        assert (tmp_path / "4" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()


def test_a_campaign_in_findings_json_has_the_keys_of_the_contract(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    campaigns = json.loads((tmp_path / "findings.json").read_text())["campaigns"]
    assert [set(c) for c in campaigns] == [CAMPAIGN_KEYS] * 3


def test_the_run_in_findings_json_counts_what_was_read(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    counts = json.loads((tmp_path / "findings.json").read_text())["run"]["counts"]
    assert counts["read"] == counts["scanned"] + counts["rejected"]


def test_a_number_that_is_none_becomes_null(three: Findings, tmp_path: Path) -> None:
    odd = replace(three.campaigns[0], coordination=Coordination(float("nan"), 1 / 3, float("inf")))
    write(replace(three, campaigns=(odd,)), tmp_path)
    coordination = json.loads((tmp_path / "findings.json").read_text())["campaigns"][0]["coordination"]
    assert coordination == {"probability": None, "q_value": 0.333333333, "log10_bayes_factor": None}


@pytest.mark.parametrize(
    ("name", "schema"),
    [("accounts", ACCOUNT_FINDING), ("exchanges", EXCHANGE_FINDING), ("evidence", EVIDENCE)],
)
def test_each_table_has_the_schema_of_the_contract(
    three: Findings, tmp_path: Path, name: str, schema: pa.Schema
) -> None:
    write(three, tmp_path)
    assert pq.read_schema(tmp_path / f"{name}.parquet").equals(schema)


def test_the_same_findings_in_another_order_and_chunking_give_the_same_bytes(
    three: Findings, tmp_path: Path
) -> None:
    def turned(table: pa.Table) -> pa.Table:
        backwards = table.take(list(range(table.num_rows))[::-1])
        return pa.concat_tables([backwards.slice(0, 5), backwards.slice(5)])

    tables = {
        name: turned(getattr(three, name))
        for name in ("accounts", "exchanges", "evidence", "activity", "births", "ties")
    }
    write(three, tmp_path / "a")
    write(replace(three, **tables), tmp_path / "b")
    differing = [
        n for n in sorted(SIX) if (tmp_path / "a" / n).read_bytes() != (tmp_path / "b" / n).read_bytes()
    ]
    assert differing == []


def test_rejected_rows_are_copied(three: Findings, tmp_path: Path) -> None:
    rejected = tmp_path / "somewhere.jsonl"
    rejected.write_text('{"file": "a", "line": 1, "reason": "no id", "row": "{}"}\n')
    write(replace(three, rejected=rejected), tmp_path / "out")
    assert (tmp_path / "out" / "rejected.jsonl").read_bytes() == rejected.read_bytes()


def test_rejected_rows_that_already_lie_there_stay(three: Findings, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.jsonl"
    rejected.write_text("{}\n")
    write(replace(three, rejected=rejected), tmp_path)
    assert rejected.read_text() == "{}\n"


def test_no_rejected_rows_leave_an_empty_file(make_findings: Callable[..., Findings], tmp_path: Path) -> None:
    write(make_findings(), tmp_path)
    assert (tmp_path / "rejected.jsonl").read_bytes() == b""


def test_read_gives_back_campaigns_and_tables(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    filed = read(tmp_path)
    assert ([c["verdict"] for c in filed.campaigns], filed.accounts.num_rows, filed.evidence.num_rows) == (
        ["distillation", "relay", "coordinated"],
        172,
        27,
    )


def test_read_refuses_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        read(tmp_path / "nowhere")


def test_read_names_the_files_that_a_folder_lacks(tmp_path: Path) -> None:
    (tmp_path / "accounts.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"no findings.json and no evidence.parquet"):
        read(tmp_path)


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"run": {}, "campaigns": [{}]}', '{"run": {}, "campaigns": 3}', "[" * 100_000]
)
def test_read_refuses_a_findings_json_of_another_making(three: Findings, tmp_path: Path, text: str) -> None:
    write(three, tmp_path)
    (tmp_path / "findings.json").write_text(text)
    with pytest.raises(InputError, match="Scan again"):
        read(tmp_path)


def test_read_refuses_a_table_that_is_none(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    (tmp_path / "evidence.parquet").write_bytes(b"no table")
    with pytest.raises(InputError, match="Expected columns"):
        read(tmp_path)


def test_read_refuses_a_table_that_lacks_a_column(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    pq.write_table(pa.table({"account_id": ["a"]}), tmp_path / "accounts.parquet")
    with pytest.raises(InputError, match="Expected columns"):
        read(tmp_path)


def test_what_a_dossier_draws_is_read_back_as_it_was_told(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    found = read(tmp_path).told
    assert set(found) == {c.campaign_id for c in three.campaigns}
    assert found["UDC-2026-001"].graph.accounts > 0
    assert found["UDC-2026-001"].timeline == told(three.campaigns[0], three).timeline


def test_what_is_told_in_another_way_is_refused(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    document = json.loads((tmp_path / "findings.json").read_text())
    (tmp_path / "findings.json").write_text(json.dumps(document | {"told": {"UDC-2026-001": 3}}))
    with pytest.raises(InputError, match="told"):
        read(tmp_path)
