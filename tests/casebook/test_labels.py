"""What decisions do in the next scan, and how they can be abused neither to hide nor to accuse."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stillwatch.attribute.scanned import signed
from stillwatch.casebook import cases
from stillwatch.casebook.door import confirmed, kept
from stillwatch.casebook.rows import attribution_reviews
from stillwatch.casebook.store import Casebook
from stillwatch.errors import UsageError
from stillwatch.model.finding import Attribution, Findings
from tests.casebook.conftest import ids
from tests.casebook.made import Group, accounts, findings, members

LATER = "2026-04-05T00:00:00Z"
BASE = Group(accounts("a", 0, 40))


def decided(
    place: Path, kind: str, *agreeing: str, account: str | None = None, against: str | None = None
) -> None:
    with closing(Casebook(place)) as book, book.writing() as connection:
        number = cases.decide(
            connection, "UDC-2026-001", kind, who="ana", reason="looked at it", days=90, account_id=account
        )
        for who in agreeing:
            cases.review(connection, "UDC-2026-001", who=who, agrees=True, reason="so do I", decision=number)
        if against:
            cases.review(connection, "UDC-2026-001", who=against, agrees=False, reason="no", decision=number)


@pytest.fixture
def cleared(place: Path, keep: Callable[[Findings], Findings]) -> Callable[[Findings], Findings]:
    """A casebook in which two people cleared a campaign of forty accounts."""
    keep(findings(BASE))
    decided(place, "cleared", "ben")
    return keep


def test_a_cleared_campaign_is_not_called_again_and_is_told(cleared: Callable[[Findings], Findings]) -> None:
    told = cleared(findings(BASE, end=LATER))
    assert told.campaigns == ()
    assert members(told) == {}
    assert set(told.accounts["verdict"].to_pylist()) == {"clear"}
    assert [(c.campaign_id, c.accounts, c.decided_by, c.agreed_by) for c in told.cleared] == [
        ("UDC-2026-001", 40, "ana", ("ben",))
    ]
    assert any("was cleared by ana and ben" in note for note in told.run.notes)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (Group(accounts("a", 0, 60)), "33% of its accounts are new"),
        (Group(accounts("a", 0, 40), log10=7.5), "ten times as much"),
        (
            Group(accounts("a", 0, 40), links=("template", "client", "net", "pay")),
            "further evidence links it: pay",
        ),
        (Group(accounts("a", 0, 40), exchanges=2500), "twice as many"),
    ],
)
def test_a_cleared_campaign_is_called_again_as_soon_as_anything_is_new(
    cleared: Callable[[Findings], Findings], now: Group, why: str
) -> None:
    told = cleared(findings(now, end=LATER))
    assert ids(told) == ["UDC-2026-001"]
    assert any("is called again" in note and why in note for note in told.run.notes)


def test_nothing_hides_behind_a_clearance_by_growing_a_little_each_week(
    cleared: Callable[[Findings], Findings],
) -> None:
    called = [
        bool(
            cleared(
                findings(Group(accounts("a", 0, 40 + 4 * at)), end=f"2026-04-{at + 1:02d}T00:00:00Z")
            ).campaigns
        )
        for at in range(1, 7)
    ]
    assert called == [False, False, False, True, True, True]


def test_a_coordinated_group_that_was_cleared_is_called_once_it_is_called_distillation(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(Group(accounts("a", 0, 40), verdict="coordinated")))
    decided(place, "cleared", "ben")
    assert keep(findings(Group(accounts("a", 0, 40), verdict="coordinated"), end=LATER)).campaigns == ()
    assert ids(keep(findings(BASE, end="2026-04-12T00:00:00Z"))) == ["UDC-2026-001"]


def test_a_clearance_ends_on_its_day(cleared: Callable[[Findings], Findings]) -> None:
    assert ids(cleared(findings(BASE, end="2031-01-01T00:00:00Z"))) == ["UDC-2026-001"]


@pytest.mark.parametrize("agreeing", [(), ("Ana",), ("  ANA ",)])
def test_nobody_clears_a_campaign_alone(
    place: Path, keep: Callable[[Findings], Findings], agreeing: tuple[str, ...]
) -> None:
    keep(findings(BASE))
    if agreeing:
        with pytest.raises(UsageError, match="Somebody else"):
            decided(place, "cleared", *agreeing)
    else:
        decided(place, "cleared")
    assert ids(keep(findings(BASE, end=LATER))) == ["UDC-2026-001"]


def test_one_person_against_it_is_enough_to_stop_a_decision(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    decided(place, "cleared", "ben", "eve", against="zoe")
    assert ids(keep(findings(BASE, end=LATER))) == ["UDC-2026-001"]


def test_a_reopened_campaign_is_called_at_once(place: Path, cleared: Callable[[Findings], Findings]) -> None:
    decided(place, "reopened")
    assert ids(cleared(findings(BASE, end=LATER))) == ["UDC-2026-001"]


def test_a_cleared_account_is_not_listed_and_its_campaign_stays(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    decided(place, "cleared", "ben", account="a-0003")
    told = keep(findings(BASE, end=LATER))
    assert members(told)["UDC-2026-001"] == set(accounts("a", 0, 40)) - {"a-0003"}
    assert told.campaigns[0].accounts.best == 40


def test_clearing_many_accounts_one_by_one_hides_none_of_them(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    for account in accounts("a", 0, 5):
        decided(place, "cleared", "ben", account=account)
    assert members(keep(findings(BASE, end=LATER)))["UDC-2026-001"] == set(accounts("a", 0, 40))


def test_a_confirmed_campaign_tells_the_next_scan_its_members(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    assert confirmed(place) == {}
    decided(place, "confirmed", "ben")
    assert set(confirmed(place)) == set(accounts("a", 0, 40))


def test_an_account_is_never_confirmed_by_being_named(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    with pytest.raises(UsageError, match="never by itself"):
        decided(place, "confirmed", account="a-0003")


def test_only_a_member_of_the_campaign_can_be_cleared_in_it(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    with pytest.raises(UsageError, match="did not hold the account"):
        decided(place, "cleared", account="somebody-else")


def test_a_review_of_an_attribution_ends(tmp_path: Path) -> None:
    named = Group(accounts("a", 0, 40), attribution=(Attribution("actor-a", "L2", 0.7, "low"),))
    place = tmp_path / "book.db"
    with kept(findings(named), place, signed):
        pass
    with closing(Casebook(place)) as book, book.writing() as connection:
        said = {"who": "ana", "agrees": True, "reason": "read it", "actor": "actor-a"}
        cases.review(connection, "UDC-2026-001", **said)
        assert [r.reviewer for r in attribution_reviews(connection, "2026-04-01")] == ["ana"]
        assert attribution_reviews(connection, "9999-01-01") == ()


def test_how_many_cleared_accounts_were_let_out_is_part_of_the_manifest(
    place: Path, keep: Callable[[Findings], Findings]
) -> None:
    keep(findings(BASE))
    decided(place, "cleared", "ben", account="a-0003")
    assert keep(findings(BASE, end=LATER)).run.accounts_let_out == 1
