"""The same campaign keeps its id: over growth, churn, merges and splits, and never because of a shared relay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stillwatch.model.finding import Findings
from tests.casebook.conftest import ids
from tests.casebook.made import Group, accounts, findings, members

ASKED = ("template", "some_signal: text 1")
CLIENT, NET, CARD = ("client", "stack 1"), ("net", "range 1"), ("pay", "card 1")


def week(at: int) -> str:
    return f"2026-{3 + at // 4:02d}-{1 + 7 * (at % 4):02d}T00:00:00Z"


def test_a_campaign_keeps_its_id_when_the_scan_numbers_it_anew(keep: Callable[[Findings], Findings]) -> None:
    one, two = Group(accounts("a", 0, 50)), Group(accounts("b", 0, 40))
    assert ids(keep(findings(one, two))) == ["UDC-2026-001", "UDC-2026-002"]
    assert ids(keep(findings(two, one, end=week(5)))) == ["UDC-2026-002", "UDC-2026-001"]


def test_ids_are_stable_over_ten_weekly_scans_with_growth_churn_a_merge_and_a_split(
    keep: Callable[[Findings], Findings],
) -> None:
    told = []
    for at in range(10):
        growing = accounts("grows", 0, 40 + 12 * at)
        churning = accounts("churns", 12 * at, 12 * at + 60)
        first, second = accounts("merge", 0, 60), accounts("merge", 100, 140)
        merging = [first, second] if at < 4 else [first + second]
        whole = [*accounts("split", 0, 50), *accounts("split", 100, 130)]
        splitting = [whole] if at < 7 else [accounts("split", 0, 50), accounts("split", 100, 130)]
        order = [growing, churning, *merging, *splitting]
        found = findings(*(Group(m) for m in (order if at % 2 else order[::-1])), end=week(at))
        told.append(keep(found))
    by_prefix = [
        {
            prefix: {name for name, mine in members(found).items() if any(a.startswith(prefix) for a in mine)}
            for prefix in ("grows", "churns", "merge", "split")
        }
        for found in told
    ]
    assert all(len(now["grows"]) == 1 and now["grows"] == by_prefix[0]["grows"] for now in by_prefix)
    assert all(len(now["churns"]) == 1 and now["churns"] == by_prefix[0]["churns"] for now in by_prefix)
    assert all(now["merge"] == by_prefix[0]["merge"] for now in by_prefix[:4])
    assert all(len(now["merge"]) == 1 and now["merge"] < by_prefix[0]["merge"] for now in by_prefix[4:])
    assert all(now["split"] == by_prefix[0]["split"] for now in by_prefix[:7])
    assert all(len(now["split"]) == 2 and by_prefix[0]["split"] < now["split"] for now in by_prefix[7:])
    assert any("has merged into" in note for note in told[4].run.notes)
    assert any("has split from" in note for note in told[7].run.notes)
    assert not [note for at in (1, 2, 3, 5, 6, 8, 9) for note in told[at].run.notes]


def test_a_part_that_comes_off_and_shows_only_a_scan_later_says_where_it_came_from(
    keep: Callable[[Findings], Findings],
) -> None:
    staying, leaving = accounts("stays", 0, 50), accounts("leaves", 0, 30)
    keep(findings(Group(staying + leaving)))
    keep(findings(Group(staying), end=week(5)))
    told = keep(findings(Group(staying), Group(leaving), end=week(6)))
    assert ids(told) == ["UDC-2026-001", "UDC-2026-002"]
    assert any("UDC-2026-002 has split from UDC-2026-001" in note for note in told.run.notes)


def test_a_campaign_that_replaced_all_its_accounts_is_known_by_what_it_asks_and_a_second_witness(
    keep: Callable[[Findings], Findings],
) -> None:
    marks = (ASKED, CARD)
    keep(findings(Group(accounts("a", 0, 50), marks)))
    assert ids(keep(findings(Group(accounts("b", 0, 50), marks), end=week(5)))) == ["UDC-2026-001"]


@pytest.mark.parametrize("marks", [(CLIENT, NET), (ASKED,), (CLIENT, NET, CARD)])
def test_other_accounts_behind_one_relay_or_with_one_text_alone_are_another_campaign(
    keep: Callable[[Findings], Findings], marks: tuple[tuple[str, str], ...]
) -> None:
    keep(findings(Group(accounts("a", 0, 50), marks)))
    assert ids(keep(findings(Group(accounts("b", 0, 50), marks), end=week(5)))) == ["UDC-2026-002"]


def test_what_only_a_shared_relay_joins_is_told_and_not_merged(keep: Callable[[Findings], Findings]) -> None:
    keep(findings(Group(accounts("a", 0, 50)), Group(accounts("b", 0, 40))))
    joined = Group(accounts("a", 0, 50) + accounts("b", 0, 40), links=("client", "net"))
    told = keep(findings(joined, end=week(5)))
    assert ids(told) == ["UDC-2026-001"]
    assert any("shared relay could explain" in note for note in told.run.notes)
    apart = keep(findings(Group(accounts("a", 0, 50)), Group(accounts("b", 0, 40)), end=week(6)))
    assert ids(apart) == ["UDC-2026-001", "UDC-2026-002"]


def test_an_id_that_was_given_is_never_given_again(keep: Callable[[Findings], Findings]) -> None:
    keep(findings(Group(accounts("a", 0, 50)), Group(accounts("b", 0, 40))))
    assert ids(keep(findings(Group(accounts("c", 0, 30)), end=week(5)))) == ["UDC-2026-003"]
    assert ids(keep(findings(Group(accounts("d", 0, 30)), end="2027-01-05T00:00:00Z"))) == ["UDC-2027-001"]


def test_a_campaign_that_was_not_seen_for_a_scan_comes_back_under_its_id(
    keep: Callable[[Findings], Findings],
) -> None:
    keep(findings(Group(accounts("a", 0, 50))))
    keep(findings(end=week(5)))
    assert ids(keep(findings(Group(accounts("a", 0, 50)), end=week(6)))) == ["UDC-2026-001"]


def test_every_table_names_a_campaign_by_its_lasting_id(keep: Callable[[Findings], Findings]) -> None:
    keep(findings(Group(accounts("a", 0, 50))))
    told = keep(findings(Group(accounts("b", 0, 60)), Group(accounts("a", 0, 50)), end=week(5)))
    assert set(told.evidence["subject"].to_pylist()) == {"UDC-2026-001", "UDC-2026-002"}
    assert members(told)["UDC-2026-001"] == set(accounts("a", 0, 50))
    assert {r["campaign_id"] for r in told.exchanges.to_pylist() if "x-a" in r["exchange_id"]} == {
        "UDC-2026-001"
    }


def test_an_account_that_is_called_like_a_campaign_keeps_its_name(
    keep: Callable[[Findings], Findings],
) -> None:
    keep(findings(Group(accounts("a", 0, 50))))
    named = Group([*accounts("b", 0, 50), "UDC-2026-001"])
    told = keep(findings(named, end=week(5)))
    assert "UDC-2026-001" in members(told)["UDC-2026-002"]


def test_the_same_findings_twice_are_kept_once(keep: Callable[[Findings], Findings]) -> None:
    found = findings(Group(accounts("a", 0, 50)))
    assert keep(found).run.notes == keep(found).run.notes
    assert ids(keep(found)) == ["UDC-2026-001"]
