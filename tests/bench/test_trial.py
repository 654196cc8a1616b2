"""What counts as found, and who counts as newly named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillwatch.bench.planting import Planted
from stillwatch.bench.trial import _holding, named_accounts
from stillwatch.model.finding import Findings, Verdict
from stillwatch.model.tables import ACCOUNT_FINDING
from tests.cli.handmade import campaign, findings, rows

PLANTED = Planted(frozenset({"p1", "p2", "p3"}), exchanges=30, copied=0)


def found(members: dict[str, str], verdicts: dict[str, Verdict]) -> Findings:
    """Findings in which each account belongs to the named finding."""
    table = rows(
        ACCOUNT_FINDING,
        [
            (account, name, 0.9, 0.9, "campaign" if verdicts[name] == "distillation" else "clear")
            for account, name in members.items()
        ],
    )
    campaigns = tuple(campaign(verdict, name) for name, verdict in verdicts.items())
    return replace(findings(*campaigns), accounts=table)


@pytest.mark.parametrize(
    ("others", "expected"), [(("a",), "one"), (("a", "b", "c"), None), (("a", "b", "c", "d"), None)]
)
def test_a_finding_is_the_planted_one_if_more_than_half_of_it_is_planted(
    others: tuple[str, ...], expected: str | None
) -> None:
    members = dict.fromkeys([*sorted(PLANTED.account_ids), *others], "one")
    best = _holding(PLANTED, found(members, {"one": "distillation"}))
    assert (best.campaign_id if best else None) == expected


def test_distillation_goes_before_a_larger_coordinated_part() -> None:
    members = {"p1": "one", "p2": "one", "p3": "two"}
    best = _holding(PLANTED, found(members, {"one": "coordinated", "two": "distillation"}))
    assert best is not None
    assert best.campaign_id == "two"


def test_only_members_of_distillation_campaigns_are_named() -> None:
    result = found({"a": "one", "b": "two"}, {"one": "distillation", "two": "coordinated"})
    assert named_accounts(result) == {"a"}
