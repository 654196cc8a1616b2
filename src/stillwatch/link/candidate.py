"""Candidates without pairs: communities of the graph between principals and the traits they hold.

Traits that one principal or very many hold join nothing. An edge weighs more, the rarer its trait and the larger
the share of the principal's requests that carry it; columns are damped as in FRAUDAR (Hooi et al., KDD 2016).
Communities come from Louvain (Blondel et al., 2008) on several views of the graph, each leaving some witness
out: a view without addresses separates a campaign from strangers behind the same proxies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillwatch.link.asking import mainly, put_edges, who_mainly
from stillwatch.link.partition import partition
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.holding import Holding, Integers
from stillwatch.weigh.incidence import Incidence, Room, turned

VIEWS: tuple[frozenset[str], ...] = (
    frozenset({"content", "token"}),
    frozenset({"network", "product", "identity"}),
)
ENDS_ALIKE = "system_ending"
"""What ends alike mostly is alike: beside the whole system prompt in a graph, one cause would join twice."""
SAID_AGAIN = frozenset({"same_prompt", "shared_opening", "shared_ending", ENDS_ALIKE})
"""Signals of texts that join whom the template or the whole text joins already; in the graph they would only cost."""
POPULAR_SHARE = 0.01
POPULAR_LEAST = 200
DEEPEST = 12.0
SEEDING = ("token", "content", "product")
WIDEST_SEED = 0.2
MAIN_SHARE = 0.15
MOSTLY_COVERED = 0.7
MOST_SEEDS, PRINCIPALS_A_SEED = 24, 500
"""Seeds of a signal: so many, or in a larger log one for so many principals."""


def edges(holdings: Sequence[Holding]) -> Incidence:
    """Weighted edges of these signals' joining traits, trait by trait; what everybody holds joins nobody."""
    joining = [(h, _joining(h)) for h in holdings]
    starts = np.cumsum(np.concatenate([np.zeros(1, np.int64), *(h.holders[traits] for h, traits in joining)]))
    others, values = Room().of(int(starts[-1]))
    first = 0
    for holding, traits in joining:
        holders = holding.holders[traits].astype(np.float64)
        rarity = np.minimum(DEEPEST, np.log2(len(holding.support) / holders)) / np.log2(holders + 4)
        put_edges(holding.by_trait, holding.support, traits, rarity, (others[first:], values[first:]))
        first += int(holding.holders[traits].sum())
    return Incidence(starts, others, values, holdings[0].by_trait.width)


def _joining(holding: Holding) -> Integers:
    """Traits that join who holds them."""
    return np.flatnonzero(holding.holders <= _popular(len(holding.support)))


def _popular(everyone: int) -> float:
    """How many hold a trait at most that joins anybody."""
    return min(max(POPULAR_LEAST, POPULAR_SHARE * everyone), everyone - 1)


def candidates(holdings: Sequence[Holding], *, least: int) -> list[Integers]:
    """Distinct communities of at least `least` principals, over all views, each a sorted list of members."""
    joining = [h for h in holdings if h.signal not in SAID_AGAIN]
    found: dict[bytes, Integers] = {}
    for holding in sorted(holdings, key=_turn):
        for members in seeds(holding, least=least):
            found.setdefault(members.tobytes(), members)
    for view in VIEWS:
        seen = [h for h in joining if WITNESSES[h.family] in view]
        for members in communities(edges(seen), least=least) if seen else ():
            found.setdefault(members.tobytes(), members)
    return list(found.values())


def _turn(holding: Holding) -> int:
    witness = WITNESSES[holding.family]
    return SEEDING.index(witness) if witness in SEEDING else 0


def seeds(holding: Holding, *, least: int) -> list[Integers]:
    """Principals that share one trait of what they ask, by which program: a campaign with one text needs no graph.

    Traits are taken by how many ask mainly so, times the part that they are of all who hold it: a text that few others
    send comes before a popular one. One whose holders an earlier one mostly covers is left, and so is the block that
    the system prompts of a popular program end in.
    """
    if WITNESSES[holding.family] not in SEEDING:
        return []
    everyone = len(holding.support)
    held = holding.by_trait
    many = mainly(held, holding.support, MAIN_SHARE)
    widest = min(WIDEST_SEED * everyone, _popular(everyone) if holding.signal == ENDS_ALIKE else everyone)
    fits = np.flatnonzero((many >= least) & (holding.holders <= widest))
    telling = many[fits] ** 2 / holding.holders[fits]
    order = fits[np.lexsort((holding.keys[fits], -telling))]
    most = max(MOST_SEEDS, everyone // PRINCIPALS_A_SEED)
    covered = np.zeros(everyone, np.bool_)
    found: list[Integers] = []
    for trait in order.tolist():
        members = who_mainly(held, holding.support, MAIN_SHARE, trait)
        if covered[members].mean() < MOSTLY_COVERED:
            covered[members] = True
            found.append(np.sort(members))
        if len(found) >= most:
            break
    return found


def communities(graph: Incidence, *, least: int) -> list[Integers]:
    """Louvain on a bipartite graph of traits and who holds them; communities of at least `least` holders."""
    return [g for g in partition(turned(graph), graph).groups if len(g) >= least]
