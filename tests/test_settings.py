"""Settings: one name each, defaults < file < overrides, nothing unknown and nothing of the wrong type."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch import settings
from stillwatch.errors import SettingsError

BUDGET = "judge.false_alarm_budget"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stillwatch.toml"
    path.write_text("[judge]\nfalse_alarm_budget = 0.2\n[engine]\nthreads = 2\n", "utf-8")
    return path


def test_the_default_budget_is_one_false_report_in_twenty_scans() -> None:
    assert settings.load().judge.false_alarm_budget == pytest.approx(0.05)


def test_the_file_wins_over_the_default(file: Path) -> None:
    assert settings.load(file).judge.false_alarm_budget == pytest.approx(0.2)


def test_an_override_wins_over_the_file(file: Path) -> None:
    loaded = settings.load(file, {BUDGET: "0.01"})
    assert (loaded.judge.false_alarm_budget, loaded.engine.threads) == (pytest.approx(0.01), 2)


def test_text_is_read_by_the_type_of_the_setting() -> None:
    loaded = settings.load(overrides={"engine.threads": "2", "signals.without": "shared_template, tool_set"})
    assert (loaded.engine.threads, loaded.signals.without) == (2, ("shared_template", "tool_set"))


def test_an_unknown_setting_is_refused_with_its_near_matches() -> None:
    with pytest.raises(SettingsError, match=rf"'judge.false_alarm_buget'.*{BUDGET}"):
        settings.load(overrides={"judge.false_alarm_buget": "0.01"})


def test_a_setting_of_an_unknown_room_is_refused_with_the_rooms() -> None:
    with pytest.raises(SettingsError, match=r"The rooms are .*judge"):
        settings.load(overrides={"zzz.qqq": "1"})


@pytest.mark.parametrize("value", ["much", "", "nan", "-1", "0"])
def test_a_budget_that_is_no_positive_number_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=BUDGET):
        settings.load(overrides={BUDGET: value})


def test_a_file_with_a_value_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("[engine]\nthreads = [1]\n", "utf-8")
    with pytest.raises(SettingsError, match=r"engine.threads cannot be \[1\].*wrong.toml"):
        settings.load(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [("a = 1", "outside a room"), ("= =", "no TOML"), ("\xff", "no TOML"), ("a = " + "[" * 9_000, "no TOML")],
)
def test_a_file_that_is_no_settings_file_is_refused(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match=told):
        settings.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path / "none.toml")
