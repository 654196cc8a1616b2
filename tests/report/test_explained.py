"""Groups that agreements explain, on the page, in findings.json and in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from stillwatch.model.finding import Campaign, Explained, Findings, Programme
from stillwatch.report.explained import MOST_GROUPS, explained_line
from stillwatch.report.html import render
from stillwatch.report.notebook import findings_html
from stillwatch.report.result import findings_json

MakeFindings = Callable[..., Findings]
MakeCampaign = Callable[..., Campaign]

HARVEST = Explained(
    accounts=40,
    exchanges=5_120,
    programmes=(Programme("education", 38), Programme("red_team", 3)),
    training_set_probability=0.97,
    behaves_as_harvest=True,
    harvest_is_agreed=False,
    members=tuple(f"acct-{number:02d}" for number in range(40)),
)
CLASS = replace(HARVEST, training_set_probability=0.01, behaves_as_harvest=False)
AGREED = replace(HARVEST, programmes=(Programme("distillation", 40),), harvest_is_agreed=True)


ONE = "1 linked group is explained by agreements on file"


@pytest.mark.parametrize(
    ("groups", "line"),
    [
        ((), ""),
        ((CLASS,), f"{ONE}."),
        ((HARVEST,), f"{ONE}; it behaves as a harvest."),
        ((AGREED,), f"{ONE}; it behaves as a harvest, as a distillation agreement allows."),
        (
            (HARVEST, CLASS),
            "2 linked groups are explained by agreements on file; 1 of them behaves as a harvest.",
        ),
    ],
)
def test_the_line_counts_groups_and_harvests(groups: tuple[Explained, ...], line: str) -> None:
    assert explained_line(groups) == line


def test_the_line_tells_harvests_that_are_agreed_from_others() -> None:
    line = explained_line((HARVEST, CLASS, AGREED))
    assert line.endswith("2 of them behave as a harvest, 1 of these as a distillation agreement allows.")


def test_findings_json_tells_the_group_without_its_accounts(make_findings: MakeFindings) -> None:
    text = findings_json(replace(make_findings(), explained=(HARVEST,)))
    assert json.loads(text)["explained"] == [
        {
            "accounts": 40,
            "exchanges": 5_120,
            "programmes": [
                {"programme": "education", "accounts": 38},
                {"programme": "red_team", "accounts": 3},
            ],
            "training_set_probability": 0.97,
            "behaves_as_harvest": True,
            "harvest_is_agreed": False,
        }
    ]
    assert "acct-" not in text


def test_the_page_names_the_agreement_and_what_to_check(make_findings: MakeFindings) -> None:
    text = render(replace(make_findings(), explained=(HARVEST,)))
    told = (
        "Explained by agreements on file",
        "education: 38 accounts",
        "red team: 3",
        "What a person may check",
    )
    assert [words for words in told if words not in text] == []


def test_the_page_shows_a_few_accounts_of_a_group_worth_a_look_and_none_of_others(
    make_findings: MakeFindings,
) -> None:
    shown = [
        render(replace(make_findings(), explained=(group,))).count("acct-")
        for group in (HARVEST, CLASS, AGREED)
    ]
    assert shown == [5, 0, 0]


def test_nothing_explained_is_nothing_shown(three: Findings) -> None:
    assert "Explained by agreements" not in render(three)


def test_a_page_without_a_campaign_does_not_say_that_no_group_stood_out(make_findings: MakeFindings) -> None:
    text = render(replace(make_findings(), explained=(HARVEST,)))
    assert ("No group of accounts stood out" in text, "No group of accounts is reported" in text) == (
        False,
        True,
    )


def test_hostile_names_make_no_markup(make_findings: MakeFindings) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e"
    group = replace(HARVEST, programmes=(Programme(hostile, 40),) * 30, members=(hostile,) * 40)
    text = render(replace(make_findings(), explained=(group,)))
    assert ("<img" in text, "\u202e" in text, text.count("&lt;img")) == (False, False, 12 + 5)


def test_many_groups_are_counted_and_not_all_listed(make_findings: MakeFindings) -> None:
    text = render(replace(make_findings(), explained=(CLASS,) * (MOST_GROUPS + 7)))
    assert "7 more are listed in findings.json only" in text


def test_a_notebook_tells_them_in_one_line(make_findings: MakeFindings, make_campaign: MakeCampaign) -> None:
    for campaigns in ((), (make_campaign(1, "relay", 10),)):
        assert explained_line((HARVEST,)) in findings_html(
            replace(make_findings(*campaigns), explained=(HARVEST,))
        )
