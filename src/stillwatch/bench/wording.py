"""Words for rehearsals: how an archetype works, and how small a campaign may be and still be found."""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.bench.power import Smallest
from stillwatch.report.wording import count, listed, percent
from stillwatch.simulate.assumptions.plans import Plan

CARDS: Mapping[str, str] = {"shared": "shared cards", "unique": "a card for each account"}
EXITS: Mapping[str, str] = {
    "proxy": "a pool of residential proxies",
    "unique": "an exit for each account",
    "hosting": "few hosts",
    "relay": "the exits of a relay",
}
CLIENTS: Mapping[str, str] = {
    "own": "a program of its own",
    "popular": "popular programs",
    "relay": "a relay's program",
}
WORDINGS: Mapping[str, str] = {
    "template": "templates",
    "paraphrase": "paraphrased templates",
    "human": "people's own requests",
    "injected": "one text added to every request",
}
RHYTHMS: Mapping[str, str] = {
    "beats": "in step",
    "flat": "day and night",
    "human": "at people's hours",
    "office": "at office hours",
}
LIVES: Mapping[str, str] = {
    "churn": "banned accounts are replaced",
    "spare": "a spare pool takes over after a block",
}


def works(plan: Plan) -> str:
    """How an archetype works, in one sentence that follows from its plan."""
    asks = listed([f"{name.replace('_', ' ')} {percent(share)}" for name, share in plan.capabilities])
    said = ((WORDINGS, plan.wording), (CARDS, plan.cards), (EXITS, plan.exits), (CLIENTS, plan.client))
    parts = [words.get(value, value) for words, value in (*said, (RHYTHMS, plan.rhythm))]
    parts += [LIVES.get(plan.life, plan.life)] if plan.life != "steady" else []
    parts += ["moves to a new model at once"] if plan.pivots else []
    parts += ["replays reasoning blocks"] if plan.replays else []
    parts += [_cover(plan.cover)] if plan.cover else []
    return f"Asks for {asks}: {'; '.join(parts)}."


def _cover(share: float) -> str:
    """The share of traffic that is no extraction; below 0 each account draws its own."""
    if share < 0:
        return "a share of each account's traffic is other customers'"
    return f"{percent(share)} of the traffic copies innocent requests"


def how_small(end: Smallest) -> str:
    """The smallest campaign found at the target power, in words."""
    if end.accounts is None:
        return "not reached"
    return (
        f"{count(end.accounts)} accounts or fewer"
        if end.state == "at most"
        else f"{count(end.accounts)} accounts"
    )
