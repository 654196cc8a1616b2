"""Two simulated providers see two halves of the same campaigns: what one shares, the other recognises."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from stillwatch.cli.main import stillwatch
from stillwatch.scan import scan
from stillwatch.simulate.halves import half
from stillwatch.simulate.worlds import build


def accounts_of(log: Path) -> set[str]:
    return set(pq.read_table(log / "accounts.parquet")["account_id"].to_pylist())


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    build("easy", seed=5, exchanges=60_000, out=folder / "world")
    (folder / "circle.key").write_text("the key of a circle of two")
    for which, name in enumerate(("alpha", "beta")):
        half(folder / "world", folder / name, which=which)
        scan(folder / name, out=folder / f"{name}-findings")
        (folder / f"{name}.key").write_text(f"the key of the house of {name}")
    return folder


def run(*words: str) -> str:
    result = CliRunner().invoke(stillwatch, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def keys(folder: Path, name: str) -> tuple[str, ...]:
    return ("--key-file", str(folder / f"{name}.key"), "--circle-key-file", str(folder / "circle.key"))


def test_each_recognises_the_campaigns_of_the_other_and_learns_no_account(providers: Path) -> None:
    findings, bundle, out = (providers / n for n in ("alpha-findings", "alpha.json", "read.json"))
    run("share", str(findings), "--as", "stix", "--out", str(bundle), *keys(providers, "alpha"))
    words = ("--out", str(out), "--answer", str(providers / "answer.json"), "--producer", "beta")
    against = ("--against", str(providers / "beta-findings"), *words, *keys(providers, "beta"))
    run("share", "read", f"alpha={bundle}", *against)
    agreements = json.loads(out.read_text())["agreements"]
    campaigns = json.loads((providers / "beta-findings" / "findings.json").read_text())["campaigns"]
    harvests = {c["campaign_id"] for c in campaigns if c["verdict"] == "distillation"}
    assert harvests
    assert {a["campaign_id"] for a in agreements} >= harvests
    assert all("shared_template" in a["signals"] for a in agreements if a["campaign_id"] in harvests)
    answers = [
        o for o in json.loads((providers / "answer.json").read_text())["objects"] if o["type"] == "sighting"
    ]
    assert {o["count"] > 0 for o in answers} == {True, False}
    content = bundle.read_text() + (providers / "answer.json").read_text()
    assert not [account for account in accounts_of(providers / "alpha") if account in content]
