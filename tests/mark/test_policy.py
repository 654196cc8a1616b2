"""What a policy must not say: a slip in it would be served."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.errors import InputError
from stillwatch.mark.canaries import Canary
from stillwatch.mark.policy import EXAMPLE, end_of, read_policy

ALTERNATIVES = '["Porto", "Turin", "Ghent", "Graz"]'
SECOND = """
[[account_set.canary]]
trigger = "the tool anvil."
alternatives = ["a", "b"]
"""
SLIPS = {
    "correct as a text": ("correct = true ", 'correct = "no" ', "has to be true or false"),
    "correct as a number": ("correct = true ", "correct = 1 ", "has to be true or false"),
    "an empty alternative": (ALTERNATIVES, '["", "Porto"]', "'' is no text"),
    "alternatives as a text": (ALTERNATIVES, '"abc"', "has to be a list"),
    "alternatives that differ in case": (ALTERNATIVES, '["Porto", "porto "]', "Capitals make no difference"),
    "alternatives as numbers": (ALTERNATIVES, "[1, 2]", "1 is no text"),
    "one alternative": (ALTERNATIVES, '["Porto"]', "2 different alternatives"),
    "an unknown word": ("owner =", 'ower = "x"\nowner =', "'ower' is not known"),
    "an unknown word in a set": ("watermark = true", "watermarks = 1\nwatermark = true", "'watermarks' is not known"),
    "an unknown word in a canary": ("trigger =", 'triger = "x"\ntrigger =', "'triger' is not known"),
    "an unknown table": ("[policy]", "[other]\n[policy]", "'other' is not known"),
    "a switch as a number": ('"stop-marking"', "5", "has to be a text"),
    "a blank owner": ('"trust and safety"', '"  "', "lacks owner"),
    "several policies": ("[policy]", "[[policy]]", r"has to be one table, \[policy\]"),
    "one account set": ("[[account_set]]", "[account_set]", "tables in double brackets"),
    "one canary": ("[[account_set.canary]]", "[account_set.canary]", "tables in double brackets"),
    "a set that is no table": ("[policy]", "account_set = [5]\n[policy]", None),
    "a name as a list": ('name = "UDC-2026-001"', 'name = ["a"]', "has to be a text"),
    "a blank name": ('name = "UDC-2026-001"', 'name = " "', "needs a name"),
    "accounts as lists": ('["acct_1", "acct_2"]', '[["x"]]', r"\['x'\] is no text"),
    "accounts as a text": ('["acct_1", "acct_2"]', '"acct_1"', "has to be a list"),
    "a watermark as a number": ("watermark = true", "watermark = 5", "the name of a way"),
    "a day as a number": ("expires = 2027-01-31", "expires = 5", "has to be a day"),
    "depth": ("[policy]", f"x = {'[' * 5000}{']' * 5000}\n[policy]", "is no policy"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_policy_is_refused_and_named(tmp_path: Path, slip: str) -> None:
    before, after, told = SLIPS[slip]
    assert before in EXAMPLE
    (tmp_path / "policy.toml").write_text(EXAMPLE.replace(before, after), "utf-8")
    with pytest.raises(InputError, match=told):
        read_policy(tmp_path / "policy.toml")


def test_a_trigger_that_ends_with_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(EXAMPLE + SECOND, "utf-8")
    with pytest.raises(InputError, match="both are asked at once"):
        read_policy(tmp_path / "policy.toml")


def test_a_moment_in_quotation_marks_keeps_its_zone() -> None:
    assert end_of("2027-01-31T00:00:00+05:00", "") == datetime(2027, 1, 30, 19, tzinfo=UTC)


def test_a_trigger_is_asked_where_the_prompt_is_nothing_else() -> None:
    canary = Canary("Name a city.", ("Oslo", "Bath"), "A", openings=("Please:",))
    for prompt in ("Name a city.", " Name a city.\n", "Please: Name a city."):
        assert canary.is_asked(prompt)
    for prompt in (
        "Translate into German: Name a city.",
        "Text.\n\nName a city.",
        "Rename a city.",
        "Name a city. Why?",
    ):
        assert not canary.is_asked(prompt)


def test_a_trigger_follows_other_lines_only_if_somebody_said_so() -> None:
    canary = Canary("Name a city.", ("Oslo", "Bath"), "A", openings=("Please:",), follows_text=True)
    assert canary.is_asked("Some text.\n\nPlease: Name a city.")
    assert not canary.is_asked("Some text.\n\nTranslate: Name a city.")
