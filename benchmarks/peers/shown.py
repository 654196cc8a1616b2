"""What the manual shows of the comparison: paragraphs, and tables as their heads and rows.

Whoever writes the page makes Markdown of them; every word on who is better is computed here, none is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from peers.interface import OURS

Document = Mapping[str, Any]
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]

WORLDS = ("easy", "mixed", "hard")
STRICT = "1%"
NAMES = {
    "f1": "F1",
    "average_precision": "average precision",
    "bcubed_f1": "B-cubed F1",
    "clean_false": "accounts flagged in clean worlds",
    "heavy": "heavy customers with one workload flagged",
    "individuals": "individuals flagged",
    "cpu_seconds": "CPU seconds",
}
COUNTS = ("clean_false", "heavy", "individuals")


def comparison(result: Document) -> Iterator[str | Table]:
    """For each size two tables: what each detector finds where its line stands, and what does not depend on a line."""
    for size in result["sizes"]:
        yield f"**{size['exchanges']:,} exchanges a world.** Precision / recall / F1 of accounts, means over seeds:"
        yield ("detector", "line", *WORLDS), list(_found(result, size))
        yield "Ranking and grouping, innocents flagged, and cost:"
        heads = (
            "detector",
            *(f"average precision, {world}" for world in WORLDS),
            *(f"B-cubed F1, {world}" for world in WORLDS),
            "clean accounts flagged",
            "heavy customers flagged",
            "individuals flagged",
            "CPU s",
        )
        yield heads, list(_other(result, size))


def _found(result: Document, size: Document) -> Iterator[tuple[str, ...]]:
    for name, points in size["detectors"].items():
        for at, point in points.items():
            means = [point["worlds"].get(world, {}) for world in WORLDS]
            cells = (
                " / ".join(figure(mean.get(part)) for part in ("precision", "recall", "f1")) for mean in means
            )
            yield title(result, name), at, *cells


def _other(result: Document, size: Document) -> Iterator[tuple[str, ...]]:
    """One row a detector, at the stricter line of a peer."""
    for name, points in size["detectors"].items():
        point = points.get(STRICT) or next(iter(points.values()))
        worlds = [point["worlds"].get(world, {}) for world in WORLDS]
        yield (
            title(result, name),
            *(figure(world.get("average_precision")) for world in worlds),
            *(figure(world.get("bcubed_f1")) for world in worlds),
            *(_share(point[count]) for count in COUNTS),
            figure(point["cpu_seconds"]),
        )


def wins(result: Document) -> Iterator[str | Table]:
    """Every line on which some peer, at the better of its lines, is better than stillwatch."""
    for size in result["sizes"]:
        lost = [line for line in size["lines"] if line["peer_wins"]]
        at = f"At {size['exchanges']:,} exchanges"
        if not lost:
            yield f"{at} no peer is better than stillwatch on any of {len(size['lines'])} lines."
            continue
        yield f"{at} a peer is better than stillwatch on {len(lost)} of {len(size['lines'])} lines:"
        rows = [
            (
                _line(line["line"]),
                title(result, line["peer"]),
                line["at"],
                figure(line["best"]),
                figure(line["ours"]),
            )
            for line in lost
        ]
        yield ("line of the comparison", "best peer", "its line at", "peer", OURS), rows


def innocents(result: Document) -> Iterator[str | Table]:
    """Accounts of clean worlds that were flagged, by class, at the stricter line."""
    if "clean" not in result["worlds"] or not result["sizes"]:
        return
    points = {
        name: mine.get(STRICT) or next(iter(mine.values()))
        for name, mine in result["sizes"][0]["detectors"].items()
    }
    kinds = next(iter(points.values()))["clean_by_lookalike"]
    rows = [
        (
            f"`{kind}`",
            f"{count['of']:,}",
            *(f"{p['clean_by_lookalike'][kind]['found']:,}" for p in points.values()),
        )
        for kind, count in kinds.items()
    ]
    yield ("class", "accounts", *(title(result, name) for name in points)), rows


def title(result: Document, name: str) -> str:
    """The name of a detector for people."""
    return str(result["peers"][name]["title"]) if name in result["peers"] else f"**{name}**"


def _line(name: str) -> str:
    world, _, measure = name.rpartition(": ")
    said = NAMES.get(measure, measure)
    return f"`{world}`: {said}" if world else said


def _share(rate: Mapping[str, Any]) -> str:
    if rate["rate"] is None:
        return "-"
    return f"{rate['rate']:.2%}" if rate["found"] else f"0 (at most {rate['at_most']:.2%})"


def figure(value: float | None) -> str:
    """A figure to three places, or a dash."""
    return "-" if value is None else f"{value:.3f}"
