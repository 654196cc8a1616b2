"""Why accounts belong together, drawn with two columns: groups of accounts, and the traits they share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from markupsafe import Markup

from stillwatch.model.dossier import AccountGroup, LinkGraph, TraitNode
from stillwatch.report.svg import WIDTH, cut_middle, element, family_class, joined, number, picture, text
from stillwatch.report.wording import FAMILY_TITLE, count, of

GROUP_X, TRAIT_X, TOP = 190.0, 520.0, 44.0
TRAIT_STEP, GROUP_GAP = 26.0, 16.0
LEAST_RADIUS, MOST_RADIUS, MOST_LINE = 11.0, 34.0, 13.0
LEAST_SHARE = 0.04
LABEL_LENGTH = 38
NARROW, LINE = 22, 13.0


def draw(graph: LinkGraph, key: str) -> Markup:
    """The drawing of one campaign's link graph."""
    groups = sorted(graph.groups, key=_barycentre)
    radii = _radii(groups)
    height = max(len(graph.traits) * TRAIT_STEP, sum(2 * r + GROUP_GAP for r in radii)) + TOP + 12
    group_y = _centred([2 * r + GROUP_GAP for r in radii], height)
    trait_y = _centred([TRAIT_STEP] * len(graph.traits), height)
    body = joined(
        [
            text(GROUP_X, 20, "accounts, by their strongest traits", "t-muted", "middle"),
            text(TRAIT_X + 8, 20, "traits they share, by family", "t-muted"),
            text(WIDTH - 4, 20, "accounts · bits each", "t-muted", "end"),
            *_lines(graph, groups, (radii, group_y, trait_y)),
            *(_group(g, r, y) for g, r, y in zip(groups, radii, group_y, strict=True)),
            *(_trait(t, y) for t, y in zip(graph.traits, trait_y, strict=True)),
        ]
    )
    return picture(body, key=key, height=height, title="Link graph", description=_told(graph))


def is_drawn(group: AccountGroup, tied: int) -> bool:
    """Tell whether a tie is wide enough to be drawn; thinner ones stand in the table only."""
    return tied > 0 and tied >= LEAST_SHARE * group.accounts


def _barycentre(group: AccountGroup) -> tuple[float, str]:
    """Where a group's lines end on average: groups in this order cross each other's lines least."""
    total = sum(group.ties)
    return (sum(i * n for i, n in enumerate(group.ties)) / total if total else 0.0, group.name)


def _radii(groups: Sequence[AccountGroup]) -> list[float]:
    largest = max((g.accounts for g in groups), default=1)
    return [max(LEAST_RADIUS, MOST_RADIUS * math.sqrt(g.accounts / largest)) for g in groups]


def _centred(heights: Sequence[float], total: float) -> list[float]:
    """Middles of boxes of these heights, spread over the free height."""
    free = total - TOP - sum(heights)
    spare = free / max(len(heights), 1)
    places, y = [], TOP
    for height in heights:
        places.append(y + (height + spare) / 2)
        y += height + spare
    return places


def _lines(
    graph: LinkGraph, groups: Sequence[AccountGroup], places: tuple[list[float], list[float], list[float]]
) -> list[Markup]:
    radii, group_y, trait_y = places
    most = max((n for g in groups for n in g.ties), default=1) or 1
    drawn = [
        (tied, i, j)
        for i, group in enumerate(groups)
        for j, tied in enumerate(group.ties)
        if is_drawn(group, tied)
    ]
    drawn.sort(key=lambda tie: (-tie[0], tie[1], tie[2]))
    return [
        _tie(
            (GROUP_X + radii[i], group_y[i]), (TRAIT_X - 13, trait_y[j]), tied / most, graph.traits[j].family
        )
        for tied, i, j in drawn
    ]


def _tie(start: tuple[float, float], end: tuple[float, float], share: float, family: str) -> Markup:
    middle = (start[0] + end[0]) / 2
    path = (
        f"M{number(start[0])} {number(start[1])}C{number(middle)} {number(start[1])} "
        f"{number(middle)} {number(end[1])} {number(end[0])} {number(end[1])}"
    )
    return element(
        "path", d=path, class_=f"tie {family_class(family)}", stroke_width=max(0.8, MOST_LINE * share)
    )


def _group(group: AccountGroup, radius: float, y: float) -> Markup:
    told = f"Group {group.name}: {of(group.accounts, 'account')}, mostly tied by {', '.join(group.families) or 'rare traits'}"
    lines = wrap(" + ".join(group.families) or "rare traits", NARROW)
    up = (len(lines) - 1) * LINE / 2
    return element(
        "g",
        element("title", told)
        + element("circle", cx=GROUP_X, cy=y, r=radius, class_="group")
        + text(GROUP_X, y + 5, group.name, "t-strong", "middle")
        + text(GROUP_X - MOST_RADIUS - 12, y - 1 - up, count(group.accounts), "t-strong", "end")
        + joined(
            [
                text(GROUP_X - MOST_RADIUS - 12, y + 14 - up + i * LINE, part, "t-muted", "end")
                for i, part in enumerate(lines)
            ]
        ),
    )


def _trait(trait: TraitNode, y: float) -> Markup:
    return element(
        "g",
        element("title", f"{trait.signal}: {trait.text}")
        + element("circle", cx=TRAIT_X - 6, cy=y, r=5.5, class_=f"fill {family_class(trait.family)}")
        + text(TRAIT_X + 8, y + 4, cut_middle(trait_label(trait), LABEL_LENGTH))
        + text(WIDTH - 4, y + 4, f"{count(trait.accounts)} · {trait.bits:.1f}", "t-muted", "end"),
    )


def trait_label(trait: TraitNode) -> str:
    """What the node stands for: one trait, or how many further ones."""
    return (
        trait.text
        if trait.merged == 1
        else f"{count(trait.merged)} further of {FAMILY_TITLE.get(trait.family, trait.family)}"
    )


def _told(graph: LinkGraph) -> str:
    strongest = graph.traits[0] if graph.traits else None
    return (
        f"{of(graph.accounts, 'account')} in {of(len(graph.groups), 'group')}, tied by {of(graph.all_traits, 'trait')}"
        + (
            f"; the trait drawn first is {trait_label(strongest)}, of family {strongest.family}."
            if strongest
            else "."
        )
        + " The table below holds the figures."
    )
