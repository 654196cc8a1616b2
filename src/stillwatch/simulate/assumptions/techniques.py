"""Which techniques of the catalogue a campaign exercises, and why no world exercises the others.

The catalogue is that of the findings (SWT). A technique counts as exercised if the campaign's plan makes it
show in the log, not if a scan sees it.
"""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.simulate.assumptions.plan import Plan

_PREFIX = "SWT-"
_CAMOUFLAGE = 0.1  # less of other customers' traffic is noise
_NARROW = 0.7  # the share of its strongest capability from which a campaign is narrow

BY_WORDING: Mapping[str, tuple[str, ...]] = {
    "template": ("H01",),
    "paraphrase": ("H01", "V06"),
    "human": ("H07",),
    "injected": ("E01",),
    "posthoc": ("E02", "H01"),
    "pretext": ("E03", "H01"),
    "laundered": ("E04", "H01"),
    "language": ("E05", "H01"),
    "search": ("E07", "V06"),
    "task": ("E11", "H01"),
    "media": ("H01",),
    "harness": ("H09",),
    "stored": ("H08",),
    "cleaned": ("H01", "H10"),
    "crossed": ("H01", "H11"),
    "teacher": ("E08", "E11", "H01", "U01", "U02"),
    "arbitrage": ("H01", "V05"),
}
BY_CAPABILITY: Mapping[str, str] = {"grading": "E08", "alignment": "E10", "vision": "E12"}

NOT_IN_LOGS: Mapping[str, str] = {
    "S01": "bought transcripts leave nothing in the log; the world off-platform tests that nothing is claimed",
    "S02": "a relay's resale shows elsewhere, by planted texts that turn up in data on sale",
    "U03": "needs the calendar of other models' releases, which no log holds",
}


def exercised(plan: Plan) -> tuple[str, ...]:
    """Ids of the techniques that the plan's campaign shows, in order; a pool without a campaign shows none."""
    if not plan.extracts:
        return ()
    found = {*_access(plan), *_routing(plan), *_asking(plan), *_working(plan), *_evading(plan)}
    return tuple(sorted(_PREFIX + name for name in found))


def _chosen(rules: Mapping[str, bool]) -> set[str]:
    return {name for name, holds in rules.items() if holds}


def _access(plan: Plan) -> set[str]:
    made_up = plan.life != "owned"
    return _chosen(
        {
            "A01": made_up,
            "A02": made_up and plan.cards == "shared",
            "A03": made_up and plan.identity == "campaign",
            "A04": bool(plan.programmes),
            "A05": plan.life == "owned",
            "A06": plan.subscription is not None,
            "A07": made_up and plan.rhythm in ("human", "office"),
            "A08": len(plan.channels) > 1,
        }
    )


def _routing(plan: Plan) -> set[str]:
    through_relay = plan.exits == "relay"
    return _chosen(
        {
            "R01": through_relay,
            "R02": through_relay,
            "R03": plan.exits in ("proxy", "unique"),
            "R04": plan.rhythm == "beats" or through_relay,
            "R05": plan.life == "spare",
            "R06": plan.on_shared_relay,
            "R07": plan.client in ("own", "relay"),
            "R08": through_relay and plan.identity == "company",
        }
    )


def _asking(plan: Plan) -> set[str]:
    strongest = max(share for _, share in plan.capabilities)
    narrow = plan.wording not in ("human", "harness", "stored") and strongest >= _NARROW
    shown = {BY_CAPABILITY[name] for name, _ in plan.capabilities if name in BY_CAPABILITY}
    return {*BY_WORDING[plan.wording], *shown, *_chosen({"E06": plan.replays, "E09": narrow})}


def _working(plan: Plan) -> set[str]:
    at_once = not plan.slow and plan.life != "owned" and plan.wording != "search"
    return _chosen(
        {
            "H02": plan.rhythm in ("flat", "beats"),
            "H03": at_once,
            "H04": at_once and plan.identity == "campaign",
            "H05": plan.life != "owned",
            "H06": plan.pivots,
            "S03": plan.wording == "human" and bool(plan.phases),
        }
    )


def _evading(plan: Plan) -> set[str]:
    return _chosen(
        {
            "V01": plan.harvest is not None or plan.cover < 0 or plan.cover >= _CAMOUFLAGE,
            "V02": plan.slow,
            "V03": plan.canaries,
            "V04": plan.fails_over,
            "V07": plan.life == "churn",
        }
    )
