"""A campaign that enters through a programme gets no verdict, and is told with the agreement that explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stillwatch.scan import scan
from stillwatch.simulate.worlds import build
from tests.scan.conftest import SAME_BYTES, SEED, Scanned, contents
from tests.scan.logs import shuffled, with_programme


@dataclass(frozen=True)
class Enrolled:
    """The easy world whose campaigns entered through a programme."""

    scanned: Scanned
    members: set[str]


@pytest.fixture(scope="module")
def enrolled(worlds: Callable[[str], Scanned], tmp_path_factory: pytest.TempPathFactory) -> Enrolled:
    easy, place = worlds("easy"), tmp_path_factory.mktemp("enrolled")
    truth = pq.read_table(easy.truth / "accounts.parquet").to_pylist()
    members = {row["account_id"] for row in truth if row["role"] == "campaign"}
    log = with_programme(easy.log, place / "easy", members, "Education")
    return Enrolled(Scanned(log, place / "out", scan(log, out=place / "out")), members)


def test_agreements_on_file_come_first(enrolled: Enrolled) -> None:
    verdicts = {row["account_id"]: row["verdict"] for row in enrolled.scanned.table("accounts").to_pylist()}
    assert enrolled.scanned.findings.of_verdict("distillation") == ()
    assert {verdicts[account_id] for account_id in enrolled.members} == {"clear"}


def test_a_campaign_in_a_programme_is_told_as_a_harvest_with_the_programme(
    enrolled: Enrolled, easy: Scanned
) -> None:
    groups = [group for group in enrolled.scanned.document["explained"] if group["behaves_as_harvest"]]
    found = easy.findings.of_verdict("distillation")
    assert found
    assert {campaign.accounts.best for campaign in found} <= {group["accounts"] for group in groups}
    harvests = [group for group in enrolled.scanned.findings.explained if group.behaves_as_harvest]
    assert [m for group in harvests for m in group.members if m not in enrolled.members] == []
    for group in groups:
        assert group["programmes"][0]["programme"] == "education"
        assert 2 * group["programmes"][0]["accounts"] >= group["accounts"]
        assert group["exchanges"] >= group["accounts"]
        assert group["training_set_probability"] > 0.9
        assert not group["harvest_is_agreed"]


def test_the_accounts_of_an_explained_group_can_be_had_in_python_and_are_not_in_the_file(
    enrolled: Enrolled,
) -> None:
    written = (enrolled.scanned.out / "findings.json").read_text("ascii")
    members = [m for group in enrolled.scanned.findings.explained for m in group.members]
    assert set(members) & enrolled.members
    assert not [m for m in members if m in written]


def test_explained_groups_in_another_order_of_rows_give_the_same_bytes(
    enrolled: Enrolled, tmp_path: Path
) -> None:
    scan(shuffled(enrolled.scanned.log, tmp_path / "log"), out=tmp_path / "out")
    again, first = contents(tmp_path / "out", SAME_BYTES), enrolled.scanned.files
    assert [name for name in SAME_BYTES if again[name] != first[name]] == []


def test_a_programme_is_never_called_a_campaign_and_no_harvest_in_a_clean_world(clean: Scanned) -> None:
    assert clean.findings.of_verdict("distillation") == ()
    assert not [g for g in clean.findings.explained if g.behaves_as_harvest and not g.harvest_is_agreed]


def test_a_laboratory_with_an_agreement_is_told_as_explained_and_behaves_as_no_harvest(
    tmp_path: Path,
) -> None:
    build("clean", seed=SEED, exchanges=300_000, out=tmp_path / "clean")
    groups = scan(tmp_path / "clean").explained
    assert "evaluation" in {p.programme for group in groups for p in group.programmes}
    assert not [group for group in groups if group.behaves_as_harvest and not group.harvest_is_agreed]
