from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stillwatch.errors import InputError
from stillwatch.scoring import score, summary

Writer = Callable[..., Path]
ALL_RIGHT = {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def merged_and_wrong() -> dict[str, tuple[str | None, float, str]]:
    """All five campaign accounts in one finding, with an innocent account and one planted to frame."""
    members = ("a1", "a2", "a3", "a4", "a5", "b1", "f1")
    return dict.fromkeys(members, ("UDC-1", 0.8, "campaign"))


def test_perfect_findings_score_one_everywhere(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings())
    measures = ("account", "bcubed", "pairwise", "relay")
    assert [result[name] for name in measures] == [ALL_RIGHT] * 4
    assert result["exchange"] == ALL_RIGHT | {"capability_accuracy": 1.0}
    assert result["attribution"] == {"L3b_right": 1.0, "L3b_wrong": 0, "L3a_right": 1.0, "L3a_wrong": 0}
    assert result["calibration"] == {"brier": 0.0, "ece": 0.0, "ece_members": 0.0}
    assert (result["campaigns_found"], result["false_campaigns"], result["capability_tv"]) == (1.0, 0, 0.0)
    assert result["messages"] == []


def test_framing_accounts_count_neither_for_nor_against(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings({"f1": ("UDC-1", 0.9, "campaign")}))
    assert result["account"] == ALL_RIGHT
    assert result["framing"]["called_campaign"] == 1.0


def test_a_wrongly_called_account_costs_precision(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings({"b1": ("UDC-1", 0.5, "campaign")}))
    assert result["account"]["precision"] == pytest.approx(5 / 6, abs=1e-4)
    assert result["false_accounts"] == 1
    assert result["fpr_by_lookalike"]["university_class"] == 1.0


def test_two_campaigns_reported_as_one_find_only_the_larger(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings(merged_and_wrong()))
    assert {name: item["matched"] for name, item in result["by_campaign"].items()} == {
        "sync": True,
        "slow": False,
    }
    assert result["campaigns_found"] == 0.5


def test_two_campaigns_reported_as_one_cost_cluster_precision(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings(merged_and_wrong()))
    assert result["bcubed"]["precision"] == pytest.approx((3 * 3 / 6 + 2 * 2 / 6 + 1 / 6) / 6, abs=1e-4)
    assert result["pairwise"]["precision"] == pytest.approx(4 / 15, abs=1e-4)
    assert result["pairwise"]["recall"] == 1.0


def test_members_of_a_merged_campaign_are_badly_calibrated(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings(merged_and_wrong()))
    assert result["calibration"]["ece_members"] == pytest.approx(0.8 - 3 / 6, abs=1e-4)
    assert result["calibration"]["brier"] == pytest.approx((3 * 0.04 + 3 * 0.64) / 9, abs=1e-4)


def test_a_campaign_of_innocents_is_false(truth: Path, write_findings: Writer) -> None:
    accounts = {"a4": (None, 0.0, "clear"), "b1": ("UDC-2", 0.9, "campaign")}
    result = score(truth, write_findings(accounts))
    assert (result["campaigns_reported"], result["false_campaigns"]) == (2, 1)


def test_a_campaign_that_no_account_names_is_counted_apart(truth: Path, write_findings: Writer) -> None:
    gone = dict.fromkeys(("a4", "a5"), (None, 0.0, "clear"))
    result = score(truth, write_findings(gone))
    assert (result["false_campaigns"], result["campaigns_without_accounts"]) == (0, 1)


def test_members_of_a_relay_finding_are_left_out_of_calibration(truth: Path, write_findings: Writer) -> None:
    findings = write_findings({"r1": ("UDC-3", 0.7, "relay")})
    content = json.loads((findings / "findings.json").read_text())
    content["campaigns"].append(content["campaigns"][0] | {"campaign_id": "UDC-3", "verdict": "relay"})
    (findings / "findings.json").write_text(json.dumps(content))
    assert score(truth, findings)["calibration"]["brier"] == 0.0


def test_half_of_the_extraction_missed_halves_recall(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings(extraction=[0.9] * 5 + [0.4] * 6 + [0.5]))
    assert result["exchange"]["precision"] == pytest.approx(5 / 6, abs=1e-4)
    assert result["exchange"]["recall"] == 0.5


def test_blaming_the_actor_whom_framing_accounts_imitate_is_reported(
    truth: Path, write_findings: Writer
) -> None:
    findings = write_findings({"a1": (None, 0.0, "clear"), "f1": ("UDC-1", 0.9, "campaign")})
    accounts = pq.read_table(findings / "accounts.parquet").to_pylist()
    for row in accounts:
        if row["account_id"] in {"a2", "a3"}:
            row["campaign_id"] = None
    pq.write_table(
        pq.read_table(findings / "accounts.parquet").from_pylist(accounts), findings / "accounts.parquet"
    )
    assert score(truth, findings)["framing"] == {"called_campaign": 1.0, "framed_actor_blamed": 1}


@pytest.mark.parametrize(
    "name", ["accounts.parquet", "exchanges.parquet", "evidence.parquet", "findings.json"]
)
def test_a_missing_file_is_named_and_costs_its_part_only(
    truth: Path, write_findings: Writer, name: str
) -> None:
    findings = write_findings()
    (findings / name).unlink()
    messages = score(truth, findings)["messages"]
    assert any(message.startswith(name) for message in messages)


@pytest.mark.parametrize("name", ["accounts.parquet", "exchanges.parquet", "findings.json"])
def test_an_unreadable_file_is_named(truth: Path, write_findings: Writer, name: str) -> None:
    findings = write_findings()
    (findings / name).write_bytes(b"no such format")
    messages = score(truth, findings)["messages"]
    assert any(message.startswith(name) for message in messages)


def test_a_column_of_the_wrong_kind_is_named(truth: Path, write_findings: Writer) -> None:
    findings = write_findings()
    table = pq.read_table(findings / "accounts.parquet")
    text = table["risk"].cast("string")
    pq.write_table(table.set_column(3, "risk", text), findings / "accounts.parquet")
    messages = score(truth, findings)["messages"]
    assert messages == ["accounts.parquet: column risk has type string, expected double"]


def test_values_outside_the_contract_are_named_and_tamed(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings({"b1": (None, 7.0, "guilty"), "zz": (None, 0.0, "clear")}))
    assert len(result["messages"]) == 4
    assert result["account"] == ALL_RIGHT


@pytest.mark.parametrize(
    "campaigns",
    [
        [{"campaign_id": "UDC-1"}],
        [{"campaign_id": "UDC-1", "verdict": "distillation", "exchanges": {"low": "?"}, "attribution": 3}],
        [{"campaign_id": "UDC-1", "verdict": "distillation", "capabilities": [{"capability": "coding"}, 5]}],
        ["UDC-1", None, {}],
    ],
)
def test_a_malformed_campaign_is_no_reason_to_stop(
    truth: Path, write_findings: Writer, campaigns: list[Any]
) -> None:
    result = score(truth, write_findings(campaigns=campaigns))
    assert result["by_campaign"]["slow"]["matched"] is False


def test_campaigns_that_are_no_list_are_named(truth: Path, write_findings: Writer) -> None:
    findings = write_findings()
    (findings / "findings.json").write_text('{"campaigns": 3}')
    assert score(truth, findings)["messages"] == ["findings.json: `campaigns` is no list"]


def test_a_world_without_campaigns_leaves_their_measures_undefined(
    truth: Path, write_findings: Writer
) -> None:
    content = json.loads((truth / "campaigns.json").read_text())
    (truth / "campaigns.json").write_text(json.dumps(content | {"campaigns": []}))
    accounts = pq.read_table(truth / "accounts.parquet").to_pylist()
    innocent = [row | {"role": "benign", "campaign": None, "lookalike": "bpo"} for row in accounts]
    schema = pq.read_schema(truth / "accounts.parquet")
    pq.write_table(
        pq.read_table(truth / "accounts.parquet").from_pylist(innocent, schema), truth / "accounts.parquet"
    )
    result = score(truth, write_findings())
    assert result["account"] == {"precision": None, "recall": None, "f1": None}
    assert (result["average_precision"], result["bcubed"], result["campaigns_found"]) == (None, None, None)
    assert result["false_campaigns"] == 2


def test_a_missing_truth_is_refused_with_advice(tmp_path: Path, write_findings: Writer) -> None:
    with pytest.raises(InputError, match=r"campaigns\.json.*stillwatch simulate"):
        score(tmp_path, write_findings())


def test_a_missing_findings_folder_is_refused_with_advice(truth: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stillwatch scan --out"):
        score(truth, tmp_path / "nowhere")


def test_the_order_of_accounts_changes_nothing(truth: Path, write_findings: Writer) -> None:
    findings = write_findings(merged_and_wrong())
    before = score(truth, findings)
    table = pq.read_table(findings / "accounts.parquet")
    pq.write_table(table.take(list(reversed(range(table.num_rows)))), findings / "accounts.parquet")
    assert score(truth, findings) == before


def test_a_score_can_be_written_as_json(truth: Path, write_findings: Writer) -> None:
    result = score(truth, write_findings(merged_and_wrong()))
    assert json.loads(json.dumps(result)) == result


def test_the_summary_shows_each_measure_as_text(truth: Path, write_findings: Writer) -> None:
    rows = dict(summary(score(truth, write_findings())))
    assert rows["accounts: precision, recall, F1"] == "1.0000, 1.0000, 1.0000"
    assert rows["look-alikes called campaign"] == "none"


def test_the_summary_leaves_out_what_the_world_does_not_allow(truth: Path, write_findings: Writer) -> None:
    result = dict(score(truth, write_findings())) | {"authorised": None, "exchange": None}
    labels = {label for label, _ in summary(result)}
    assert not any(label.startswith(("authorised", "exchanges")) for label in labels)


def rewrite(path: Path, drop: str) -> None:
    table = pq.read_table(path)
    pq.write_table(table.drop_columns([drop]), path)


def test_exchanges_without_probabilities_claim_nothing(truth: Path, write_findings: Writer) -> None:
    findings = write_findings()
    rewrite(findings / "exchanges.parquet", "extraction")
    assert score(truth, findings)["exchange"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_exchanges_without_capabilities_are_scored_all_the_same(truth: Path, write_findings: Writer) -> None:
    findings = write_findings()
    rewrite(findings / "exchanges.parquet", "capability")
    assert score(truth, findings)["exchange"] == ALL_RIGHT


def test_probabilities_that_are_no_numbers_claim_nothing(truth: Path, write_findings: Writer) -> None:
    findings = write_findings()
    path = findings / "exchanges.parquet"
    table = pq.read_table(path)
    words = table.set_column(3, "extraction", table["exchange_id"])
    pq.write_table(words, path)
    assert score(truth, findings)["exchange"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_a_world_without_extraction_counts_false_claims(truth: Path, write_findings: Writer) -> None:
    path = truth / "exchanges.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 0), path)
    assert score(truth, write_findings())["exchange"] == {"false_extraction": 10}
    (truth.parent / "findings" / "exchanges.parquet").unlink()
    assert score(truth, truth.parent / "findings")["exchange"] is None


def test_a_ranking_that_is_no_number_counts_as_no_ranking(truth: Path, write_findings: Writer) -> None:
    findings = write_findings()
    path = findings / "accounts.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(3, "risk", table["account_id"]), path)
    assert score(truth, findings)["average_precision"] == pytest.approx(5 / 9, abs=1e-4)
