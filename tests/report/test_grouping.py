"""Ties gathered into groups and traits."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa

from stillwatch.model.dossier import LinkGraph
from stillwatch.model.tables import TIE
from stillwatch.report.grouping import MOST_GROUPS, MOST_TRAITS, link_graph


def tied(*rows: tuple[str, str, str, float]) -> pa.Table:
    """Ties of (account, family, trait, bits)."""
    values = [("c", account, family, "some_signal", trait, bits) for account, family, trait, bits in rows]
    return pa.Table.from_pylist([dict(zip(TIE.names, v, strict=True)) for v in values], TIE)


def crowd(accounts: int, traits: int, seed: int = 5) -> list[tuple[str, str, str, float]]:
    rng = random.Random(seed)
    families = ("pay", "net", "client", "template")
    return [
        (f"a{i}", rng.choice(families), f"t{rng.randrange(traits)}", rng.random() * 12)
        for i in range(accounts)
        for _ in range(5)
    ]


def carried(graph: LinkGraph) -> list[int]:
    return [sum(g.ties[i] for g in graph.groups) for i in range(len(graph.traits))]


def test_no_ties_give_an_empty_graph() -> None:
    assert link_graph(tied()).groups == ()


def test_accounts_with_the_same_traits_are_one_group() -> None:
    rows: list[Any] = [(f"a{i}", "pay", "p1", 9.0) for i in range(5)] + [
        (f"b{i}", "net", "n1", 4.0) for i in range(3)
    ]
    graph = link_graph(tied(*rows))
    assert [(g.name, g.accounts, g.families) for g in graph.groups] == [
        ("A", 5, ("pay",)),
        ("B", 3, ("net",)),
    ]


def test_a_tie_told_twice_is_one_tie() -> None:
    graph = link_graph(tied(("a", "pay", "p1", 3.0), ("a", "pay", "p1", 5.0), ("b", "pay", "p1", 5.0)))
    assert [(t.accounts, t.bits) for t in graph.traits] == [(2, 5.0)]


def test_a_crowd_is_drawn_with_a_few_dozen_marks() -> None:
    graph = link_graph(tied(*crowd(3000, 900)))
    assert (len(graph.groups) <= MOST_GROUPS, len(graph.traits) <= MOST_TRAITS) == (True, True)


def test_every_account_is_in_one_group() -> None:
    graph = link_graph(tied(*crowd(3000, 900)))
    assert sum(g.accounts for g in graph.groups) == graph.accounts == 3000


def test_every_tie_is_carried_by_some_trait() -> None:
    graph = link_graph(tied(*crowd(3000, 900)))
    assert carried(graph) == [t.accounts for t in graph.traits]


def test_traits_that_find_no_place_stand_together_by_family() -> None:
    graph = link_graph(tied(*crowd(3000, 900)))
    assert sum(t.merged for t in graph.traits) == graph.all_traits


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = crowd(400, 60)
    shuffled = random.Random(3).sample(rows, len(rows))
    assert link_graph(tied(*rows)) == link_graph(tied(*shuffled))
