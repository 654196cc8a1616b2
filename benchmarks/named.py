"""What the manual shows of attribution and of ids over scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pieces import number, on, table

Document = Mapping[str, Any]

VARIANTS = {
    "told": "as the simulator writes them: right ones and decoys",
    "missing": "without the actor's own profile",
    "expired": "every statement out of date",
    "poor": "every statement coded D4",
    "planted": "without the actor's own; another actor's says all that can be copied",
    "rival": "the same, beside the actor's own",
}


def attribution(result: Document) -> Iterator[str]:
    """Who was named, who was not, and whether probabilities mean what they say."""
    worlds = ", ".join(f"`{w}`" for w in result["worlds"])
    yield f"{worlds} of about {result['exchanges']:,} exchanges, seeds {', '.join(map(str, result['seeds']))}; {on(result)}."
    yield ""
    for goal in filter(None, result["goals"]):
        drawn = f"{goal['found']} of {goal['units']}, 95 % interval {number(goal['low'])} to {number(goal['high'])}"
        yield f"- {goal['goal']}: {number(goal['value'])} ({drawn}), {'met' if goal['met'] else '**not met**'}"
    framed, can = result["framed"], result["can_be_named"]
    yield f"- framed actors, by the world's own framers or by a planted profile: {framed['blamed']} of {framed['units']} named or a lead, {framed['at_L3']} at L3"
    yield f"- named before anybody reviewed it: {result['named_without_reviewers']}"
    yield f"- where it can be named, the likeliest actor is the right one in {can['top_1']} of {can['units']}, and {can['wrong']} are named wrongly"
    yield ""
    yield from table(
        ("profiles", "units", "named rightly", "named wrongly", "right leads", "wrong leads"),
        (
            (
                VARIANTS[name],
                *(str(c[key]) for key in ("units", "named_right", "named_wrong", "lead_right", "lead_wrong")),
            )
            for name, c in result["by_variant"].items()
        ),
    )
    yield ""
    yield "The interval is that of as many units drawn alone; several units are one campaign under several variants."
    yield ""
    yield "How often the likeliest actor is the right one, by the probability that is stated:"
    yield ""
    yield from table(
        ("stated", "units", "mean stated", "right"),
        (
            (f"{b['from']:.0%} to {b['to']:.0%}", str(b["units"]), number(b["stated"]), number(b["right"]))
            for b in result["calibration"]
        ),
    )


def ids(result: Document) -> Iterator[str]:
    """Whether campaigns keep their ids."""
    seeds = ", ".join(str(seed) for seed in sorted({run["seed"] for run in result["runs"]}))
    yield f"{result['scans']} scans of each log with one casebook, seeds {seeds}; {on(result)}."
    yield ""
    heads = (
        "log",
        "runs",
        "campaigns",
        "seen again",
        "id changed",
        "under two ids",
        "ids of two campaigns",
        "merges and splits",
        "told",
        "told wrongly",
    )
    keys = (
        "runs",
        "campaigns",
        "seen_again",
        "changed_id",
        "under_two_ids",
        "ids_of_two_campaigns",
        "merges_and_splits",
        "told_rightly",
        "told_wrongly",
    )
    ways = {
        "growing": "grows from 10 to 28 days",
        "sliding": "ten days that slide over 28",
        "weekly": "each week the last three of twelve weeks",
    }
    yield from table(
        heads, ((ways[way], *(str(counts[key]) for key in keys)) for way, counts in result["ways"].items())
    )
