"""Account sets from a scan's campaigns: drafts that a person has to finish, and policies that hold strangers are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.errors import InputError
from stillwatch.mark.drafted import drafted
from stillwatch.mark.policy import read_policy
from stillwatch.report.files import write
from tests.casebook.made import Group, accounts, findings

ID = "UDC-2026-001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    relay = Group(accounts("b", 0, 30), verdict="relay")
    write(findings(Group(accounts("a", 0, 5)), relay), tmp_path / "findings")
    return tmp_path / "findings"


def plan(*words: object) -> Result:
    return CliRunner().invoke(stillwatch, ["mark", "plan", *map(str, words)])


def finished(draft: str) -> str:
    said = {
        'owner = ""': 'owner = "trust and safety"',
        'expires = ""': "expires = 2999-01-31",
        "= false": "= true",
    }
    for before, after in said.items():
        draft = draft.replace(before, after)
    return draft


def test_a_draft_is_refused_until_a_person_has_finished_it(folder: Path, tmp_path: Path) -> None:
    draft = plan("--findings", folder, "--campaign", ID).stdout
    (tmp_path / "policy.toml").write_text(draft)
    with pytest.raises(InputError, match="lacks owner, expires, every_alternative_is_correct"):
        read_policy(tmp_path / "policy.toml")
    (tmp_path / "policy.toml").write_text(finished(draft))
    keys = tmp_path / "keys.json"
    done = plan(tmp_path / "policy.toml", "--keys", keys, "--registry", tmp_path / "r", "--findings", folder)
    assert done.exit_code == 0, done.output
    assert list(json.loads(keys.read_text())) == [ID]
    assert read_policy(tmp_path / "policy.toml").account_sets[0].accounts == frozenset(accounts("a", 0, 5))


def test_nobody_is_marked_who_is_no_member_of_the_campaign(folder: Path, tmp_path: Path) -> None:
    for name, who, told in ((ID, "b-0001", "are no members"), ("set-1", "a-0001", "bears the id of no")):
        (tmp_path / "policy.toml").write_text(finished(drafted(name, [who])))
        words = (tmp_path / "policy.toml", "--keys", tmp_path / "keys.json", "--registry", tmp_path / "r")
        refused = plan(*words, "--findings", folder)
        assert (refused.exit_code, told in refused.stderr) == (2, True), refused.output
        assert not (tmp_path / "keys.json").exists()


def test_the_accounts_of_a_relay_are_not_marked(folder: Path) -> None:
    refused = plan("--findings", folder, "--campaign", "UDC-2026-002")
    assert (refused.exit_code, "no finding of distillation" in refused.stderr) == (2, True)


def test_an_account_id_cannot_leave_its_place_in_the_draft(tmp_path: Path) -> None:
    hostile = 'x"]\nwatermark = 0\n#\u2028\x7f\N{WATER WAVE}'
    (tmp_path / "policy.toml").write_text(finished(drafted(ID, [hostile])), "utf-8")
    assert read_policy(tmp_path / "policy.toml").account_sets[0].accounts == {hostile}
