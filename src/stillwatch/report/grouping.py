"""Ties between accounts and traits, gathered until a campaign of any size can be read at a glance.

Accounts with the same strongest traits become one group; traits beyond the strongest become one node a
family. So no tie is left out of the picture, and the picture never has more than a few dozen marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.dossier import AccountGroup, LinkGraph, TraitNode
from stillwatch.report.shown import shown

MOST_GROUPS = 12
MOST_TRAITS = 24
STRONGEST = 3
GROUP_NAMES = "ABCDEFGHIJKL"

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class _Ties:
    """Ties as codes: an account and a trait a row. `labels` is (family, signal, trait) of each trait."""

    account: Ints
    trait: Ints
    bits: Floats
    labels: tuple[tuple[str, str, str], ...]
    accounts: int


@dataclass(frozen=True)
class _Pairs:
    """Each (account, node) once, with the strongest bits of its ties."""

    account: Ints
    node: Ints
    bits: Floats


def link_graph(ties: pa.Table) -> LinkGraph:
    """The graph of one campaign's ties."""
    if not ties.num_rows:
        return LinkGraph((), (), 0, 0)
    coded = _coded(ties)
    node_of_trait, members = _chosen(coded)
    pairs = _pairs(coded, node_of_trait)
    nodes = tuple(_node(i, traits, coded, pairs) for i, traits in enumerate(members))
    group_of_account = _grouped(pairs, coded.accounts)
    return LinkGraph(_groups(group_of_account, pairs, nodes), nodes, coded.accounts, len(coded.labels))


def _coded(ties: pa.Table) -> _Ties:
    """Codes follow the order of the names, so that the order of the rows does not matter."""
    names = ["family", "signal", "trait"]
    filled = [pc.fill_null(ties[name], "") for name in names]
    key = pc.binary_join_element_wise(*filled, "\x1f").combine_chunks()
    keys, trait = _numbered(key)
    accounts, account = _numbered(ties["account_id"].combine_chunks())
    labels = [_label(text) for text in keys]
    bits = np.nan_to_num(np.asarray(pc.fill_null(ties["bits"], 0.0).to_numpy(), dtype=np.float64))
    order = np.lexsort((bits, trait, account))
    return _Ties(account[order], trait[order], bits[order], tuple(labels), len(accounts))


def _numbered(names: pa.StringArray) -> tuple[list[str], Ints]:
    """The distinct names in order, and for each name its place among them."""
    coded = names.dictionary_encode()
    order = pc.sort_indices(coded.dictionary)
    place = np.empty(len(order), np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    return coded.dictionary.take(order).to_pylist(), place[coded.indices.to_numpy()]


def _label(key: str) -> tuple[str, str, str]:
    family, signal, trait = key.split("\x1f", 2)
    return family, signal, trait


def _chosen(ties: _Ties) -> tuple[Ints, list[list[int]]]:
    """Which node each trait belongs to, and the traits of each node, families together."""
    total = np.bincount(ties.trait, weights=ties.bits, minlength=len(ties.labels)).round(6)
    ranked = sorted(range(len(ties.labels)), key=lambda t: (-total[t], ties.labels[t]))
    families = {label[0] for label in ties.labels}
    alone = ranked[: _room(ranked, ties.labels)]
    rest: dict[str, list[int]] = {}
    for trait in ranked[len(alone) :]:
        rest.setdefault(ties.labels[trait][0], []).append(trait)
    nodes = [[trait] for trait in alone] + list(rest.values())
    weight = {f: sum(total[t] for t in ranked if ties.labels[t][0] == f) for f in families}
    nodes.sort(
        key=lambda n: (-weight[ties.labels[n[0]][0]], ties.labels[n[0]][0], len(n) > 1, -total[n[0]], n[0])
    )
    node_of_trait = np.zeros(len(ties.labels), dtype=np.int64)
    for i, traits in enumerate(nodes):
        node_of_trait[traits] = i
    return node_of_trait, nodes


def _room(ranked: list[int], labels: tuple[tuple[str, str, str], ...]) -> int:
    """How many traits can stand alone when every family of the others needs one node more."""
    fitting = (
        n for n in range(MOST_TRAITS, 1, -1) if n + len({labels[t][0] for t in ranked[n:]}) <= MOST_TRAITS
    )
    return next(fitting, 1)


def _pairs(ties: _Ties, node_of_trait: Ints) -> _Pairs:
    node = node_of_trait[ties.trait]
    order = np.lexsort((-ties.bits, node, ties.account))
    account, node, bits = ties.account[order], node[order], ties.bits[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (account[1:] != account[:-1]) | (node[1:] != node[:-1])
    return _Pairs(account[first], node[first], bits[first])


def _node(index: int, traits: list[int], ties: _Ties, pairs: _Pairs) -> TraitNode:
    mine = pairs.node == index
    family, signal, text = ties.labels[traits[0]]
    return TraitNode(
        family=shown(family, 24),
        signal=shown(signal, 60),
        text=shown(text, 80),
        accounts=int(mine.sum()),
        bits=float(np.median(pairs.bits[mine])),
        merged=len(traits),
    )


def _grouped(pairs: _Pairs, accounts: int) -> Ints:
    """The group of each account: the commonest sets of strongest traits, and for the others the nearest of them."""
    sets = _strongest_sets(pairs, accounts)
    values, inverse, counts = np.unique(sets, return_inverse=True, return_counts=True)
    common = values[np.lexsort((values, -counts))][: MOST_GROUPS - 1]
    overlap = np.bitwise_count(values[:, None] & common[None, :]).astype(np.int64)
    exact = values[:, None] == common[None, :]
    nearest = np.argmax(overlap + exact * MOST_TRAITS, axis=1)
    nearest[overlap.max(axis=1) == 0] = len(common)
    return np.asarray(nearest[inverse], dtype=np.int64)


def _strongest_sets(pairs: _Pairs, accounts: int) -> Ints:
    """Each account's strongest traits, as bits of one number."""
    order = np.lexsort((pairs.node, -pairs.bits, pairs.account))
    account = pairs.account[order]
    start = np.searchsorted(account, account)
    strong = np.arange(len(account)) - start < STRONGEST
    sets = np.zeros(accounts, dtype=np.int64)
    np.bitwise_or.at(sets, account[strong], np.int64(1) << pairs.node[order][strong])
    return sets


def _groups(group_of_account: Ints, pairs: _Pairs, nodes: tuple[TraitNode, ...]) -> tuple[AccountGroup, ...]:
    """The groups, largest first."""
    found = len(GROUP_NAMES)
    sizes = np.bincount(group_of_account, minlength=found)
    ties = np.zeros((found, len(nodes)), dtype=np.int64)
    np.add.at(ties, (group_of_account[pairs.account], pairs.node), 1)
    order = [int(g) for g in np.lexsort((np.arange(found), -sizes)) if sizes[g]]
    return tuple(
        AccountGroup(
            name, int(sizes[g]), _families(ties[g], int(sizes[g]), nodes), tuple(int(n) for n in ties[g])
        )
        for name, g in zip(GROUP_NAMES, order, strict=False)
    )


def _families(ties: Ints, size: int, nodes: tuple[TraitNode, ...]) -> tuple[str, ...]:
    """The families that tie at least half of a group."""
    return tuple(
        dict.fromkeys(node.family for node, tied in zip(nodes, ties, strict=True) if 2 * tied >= size)
    )
