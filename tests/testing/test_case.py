from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import UsageError
from stillwatch.testing import Case, Group, read_cases

LOOKALIKE: dict[str, Any] = {"name": "home", "role": "lookalike", "accounts": 2, "exchanges": 3}


def column(name: str, pattern: object, **changes: Any) -> list[object]:
    group = Group(**{**LOOKALIKE, **changes}, exchange={name: pattern})
    case = Case(signal="some", name="one", expect="not found", groups=(group,))
    values: list[object] = case.exchanges()[name].to_pylist()
    return values


def test_numbers_stand_for_account_and_exchange() -> None:
    assert column("client_ip", "10.0.{account}.{exchange}")[2:4] == ["10.0.0.2", "10.0.1.0"]


def test_a_cycle_gives_its_items_in_turn() -> None:
    assert column("turns", {"cycle": [1, 5]}) == [1, 5, 1, 1, 5, 1]


def test_items_by_account_stay_with_their_account() -> None:
    assert column("turns", {"by_account": [1, 5]}) == [1, 1, 1, 5, 5, 5]


def test_words_occur_nowhere_else() -> None:
    texts = column("prompt", "Explain {words}")
    assert len(set(texts)) == len(texts)


def test_words_are_the_same_in_every_run() -> None:
    assert column("prompt", "{words}") == column("prompt", "{words}")


def test_times_follow_each_other_from_a_moment() -> None:
    times = column("ts", {"from": "2026-03-02T00:00:00Z", "every_seconds": 60}, accounts=1)
    assert times[1] == datetime(2026, 3, 2, 0, 1, tzinfo=UTC)


def test_scattered_times_stay_within_their_span() -> None:
    times = column("ts", {"from": datetime(2026, 3, 2), "within_seconds": 60}, exchanges=20)  # noqa: DTZ001
    assert all(isinstance(time, datetime) and time.day == 2 and time.minute == 0 for time in times)
    assert len(set(times)) > 10


def test_a_list_of_volumes_goes_round_the_accounts() -> None:
    assert len(column("turns", 1, accounts=3, exchanges=[1, 4])) == 1 + 4 + 1


def test_accounts_take_their_items_in_turn() -> None:
    group = Group(**LOOKALIKE, account={"country": {"cycle": ["FR", "DE"]}})
    case = Case(signal="some", name="one", expect="not found", groups=(group,))
    assert case.accounts()["country"].to_pylist() == ["FR", "DE"]


def test_releases_become_the_model_table() -> None:
    models = {"new": datetime(2026, 3, 2, tzinfo=UTC)}
    case = Case(signal="some", name="one", expect="not found", groups=(Group(**LOOKALIKE),), models=models)
    assert case.releases().to_pylist() == [{"model": "new", "released_at": models["new"]}]


@pytest.mark.parametrize(
    "change",
    [{"exchange": {"colour": "red"}}, {"account": {"colour": "red"}}, {"role": "suspect"}],
    ids=["exchange", "account", "role"],
)
def test_a_group_with_an_unknown_word_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"colour is no column|the role 'suspect' is none"):
        Group(**{**LOOKALIKE, **change})


@pytest.mark.parametrize(
    ("expect", "roles"),
    [
        ("found", ["lookalike"]),
        ("found", ["planted"]),
        ("not found", ["planted", "lookalike"]),
        ("maybe", []),
    ],
)
def test_a_case_that_could_not_fail_is_refused(expect: Any, roles: list[Any]) -> None:
    groups = tuple(Group(name=role, role=role, accounts=1) for role in roles)
    with pytest.raises(UsageError):
        Case(signal="some", name="one", expect=expect, groups=groups)


def test_a_file_that_holds_no_cases_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text("signal: some\ncases: [{name: one}]")
    with pytest.raises(UsageError, match=r"some\.yaml holds no cases"):
        read_cases(tmp_path)
