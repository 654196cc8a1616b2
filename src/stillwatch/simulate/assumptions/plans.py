"""Which campaigns each world holds, and how each of them works, after the public record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stillwatch.simulate.assumptions.exercises import ACCESS, ELICITATION, EVASION, HARVEST
from stillwatch.simulate.assumptions.pieces import (
    FRAMED,
    HOT_SPARE,
    LOW_AND_SLOW,
    SHARED_RELAY,
    SILENT_RELAY,
    WEEKS,
    mixed_accounts,
)
from stillwatch.simulate.assumptions.plan import (
    Attributable,
    Phase,
    Plan,
    WorldPlan,
    product_name,
    staff_domain,
)

__all__ = ("WORLD_PLANS", "Attributable", "Phase", "Plan", "WorldPlan", "product_name", "staff_domain")

MIXED = (
    Plan(
        "synchronised", (("reasoning", 0.75), ("grading", 0.15), ("alignment", 0.10)), 0.8, 0.9, "Lab Aster", "commercial lab", "L3b",
        rhythm="beats",
    ),
    Plan(
        "pathways", (("tool_use", 0.4), ("coding", 0.3), ("data_analysis", 0.2), ("vision", 0.1)), 0.8, 1.0, "Lab Borealis", "commercial lab", "L3a",
        cards="unique", rhythm="human", client="own", channels=(("api", 0.4), ("bedrock", 0.2), ("vertex", 0.2), ("app", 0.2)),
    ),
    Plan(
        "hydra", (("coding", 0.5), ("agentic", 0.3), ("tool_use", 0.2)), 1.5, 1.3, "Lab Corvus", "relay", "L3a",
        rhythm="human", exits="relay", client="relay", cover=-1.0, life="churn", pivots=True,
    ),
    Plan(
        "spare-pool", (("instruction", 0.5), ("reasoning", 0.3), ("conversation", 0.2)), 1.1, 1.0, None, "unknown", None,
        rhythm="flat", client="own", life="spare",
    ),
    Plan(
        "injected", (("agentic", 0.45), ("coding", 0.35), ("reasoning", 0.20)), 1.0, 1.1, "Lab Dorado", "commercial lab", "L3b",
        rhythm="office", wording="injected", cover=0.05,
    ),
)  # fmt: skip

EASY = (
    Plan("blatant-reasoning", (("reasoning", 1.0),), 1.0, 1.2, "Lab Aster", "commercial lab", "L3b", exits="hosting", client="own", cover=0.0),
    Plan("blatant-coding", (("coding", 0.8), ("tool_use", 0.2)), 1.0, 1.0, None, "unknown", None, rhythm="beats", client="own", cover=0.0),
)  # fmt: skip

HARD = (
    Plan(
        "low-and-slow", (("reasoning", 0.5), ("coding", 0.5)), 1.0, 0.8, "Lab Borealis", "commercial lab", "L3a",
        cards="unique", rhythm="human", exits="unique", slow=True, cover=0.1,
    ),
    Plan(
        "paraphrased", (("instruction", 0.5), ("reasoning", 0.3), ("grading", 0.2)), 1.0, 1.0, None, "unknown", None,
        rhythm="flat", wording="paraphrase", client="own",
    ),
    Plan(
        "silent-relay", (("conversation", 1.0),), 1.2, 1.2, "Relay Ember", "relay", "L3a",
        rhythm="human", exits="relay", client="relay", wording="human", cover=0.12, pivots=True,
    ),
    Plan(
        "token-replay", (("reasoning", 0.7), ("agentic", 0.3)), 0.9, 1.0, "Lab Corvus", "commercial lab", "L3b",
        cards="unique", rhythm="flat", replays=True,
    ),
    Plan(
        "shared-relay-a", (("coding", 0.7), ("agentic", 0.3)), 0.8, 0.9, "Lab Dorado", "commercial lab", "L3b",
        rhythm="human", exits="relay", client="relay", cover=0.25,
    ),
    Plan(
        "shared-relay-b", (("alignment", 0.3), ("grading", 0.4), ("instruction", 0.3)), 0.8, 0.9, None, "unknown", None,
        rhythm="human", exits="relay", client="relay", cover=0.25,
    ),
)  # fmt: skip

ONE = (replace(MIXED[0], archetype="lone", cover=0.05, rhythm="human"),)


_TEXT = frozenset({"prompt", "system_prompt", "response"})
_ADDRESS = frozenset({"client_ip", "ja4", "header_profile", "user_agent", "sdk"})

_ALL = (
    WorldPlan("clean", "every look-alike, no campaign", bad_accounts=0.0, bad_volume=0.0),
    WorldPlan("easy", "two blatant campaigns", EASY, bad_accounts=0.05, bad_volume=0.2),
    WorldPlan("mixed", "five campaigns: the ordinary case", MIXED),
    WorldPlan("hard", "six campaigns with weak signals, and traps of attribution", HARD, bad_accounts=0.09, framing=True),
    WorldPlan("lowbase", "one campaign of 60 accounts among 100,000", ONE, 1_000_000, 10.0, bad_volume=0.006, fixed_bad_accounts=60),
    WorldPlan("no-content", "mixed without text", MIXED, like="mixed", without=_TEXT),
    WorldPlan("no-network", "mixed without address, TLS and header columns", MIXED, like="mixed", without=_ADDRESS),
    WorldPlan("dirty", "mixed as JSONL with ten kinds of broken rows", MIXED, like="mixed", broken=True),
    WorldPlan("headline", "everything; 24,000 of 224,000 accounts in campaigns", MIXED + HARD, 16_000_000, 71.43, 0.107, 0.22, copies=2, framing=True),
    WorldPlan("million", "everything; 25,000 of a million accounts in campaigns", MIXED + HARD, 30_000_000, 30.0, 0.025, 0.06, copies=2, framing=True),
)  # fmt: skip


def _mixed_description(share: int) -> str:
    if not share:
        return "no campaign: a reseller's pool as in mixed-accounts-5, with customers only"
    return f"one campaign, {share} % of the traffic of accounts that also carry unrelated customers"


_MIXED_SHARES = (0, 5, 10, 25, 50)
_NEW = (
    WorldPlan("shared-relay", "one relay: two labs and ordinary paying users on the same accounts", SHARED_RELAY, bad_accounts=0.03, bad_volume=0.3, population="realistic"),
    WorldPlan("silent-relay", "a relay whose customers' own prompts are stored and harvested", SILENT_RELAY, bad_accounts=0.02, bad_volume=0.1, population="realistic"),
    WorldPlan("low-and-slow", "2 to 6 exchanges per account and day, an exit and a card for each account", LOW_AND_SLOW, bad_accounts=0.06, bad_volume=0.13, population="realistic"),
    WorldPlan("hot-spare", "a second pool with its own cards and exits takes over within hours of a ban", HOT_SPARE, bad_accounts=0.03, bad_volume=0.12, population="realistic"),
    WorldPlan("framing", "somebody copies another's template and client", FRAMED, bad_accounts=0.025, bad_volume=0.12, framing=True, framing_accounts=0.015, population="realistic"),
    WorldPlan("off-platform", "no campaign; an actor is told of who bought transcripts and has no traffic", bad_accounts=0.0, bad_volume=0.0, population="realistic", buyer="Lab Heron"),
    WorldPlan("small", "a small provider: mixed among 20,000 accounts in 300,000 exchanges", MIXED, exchanges_per_account=15.0, bad_accounts=0.04, population="realistic"),
    WorldPlan("large", "a large provider: mixed among a million accounts in 10,000,000 exchanges", MIXED, 10_000_000, 10.0, 0.008, 0.05, population="realistic"),
    *(
        WorldPlan(f"mixed-accounts-{share}", _mixed_description(share), mixed_accounts(share / 100), bad_accounts=0.011, bad_volume=0.33, population="realistic")
        for share in _MIXED_SHARES
    ),
    WorldPlan("relay-only", "no campaign; relays of five kinds, large ones among them", bad_accounts=0.0, bad_volume=0.0, population="relays"),
    WorldPlan("coordinated-only", "no campaign; groups under one hand that build no training set", bad_accounts=0.0, bad_volume=0.0, population="coordinated"),
    WorldPlan("authorised-only", "no campaign; distillation under agreements on file", bad_accounts=0.0, bad_volume=0.0, population="authorised"),
    WorldPlan("evaluation-only", "no campaign; evaluators, with and without an agreement, on a release day", bad_accounts=0.0, bad_volume=0.0, population="evaluation"),
    WorldPlan("lookalikes", "no campaign; the hardest look-alikes, large", bad_accounts=0.0, bad_volume=0.0, population="hardest"),
    WorldPlan("elicitation", "ten campaigns, each with its own way of asking", ELICITATION, bad_accounts=0.11, bad_volume=0.27, population="realistic"),
    WorldPlan("harvest", "six campaigns, each with its own way of gathering what is asked", HARVEST, bad_accounts=0.075, bad_volume=0.22, population="realistic"),
    WorldPlan("evasion", "five campaigns that test, dodge and go round countermeasures", EVASION, bad_accounts=0.06, bad_volume=0.18, population="realistic"),
    WorldPlan("access", "five campaigns, each with its own way in", ACCESS, bad_accounts=0.055, bad_volume=0.18, population="realistic"),
    WorldPlan("twelve-weeks", "twelve weeks: one campaign grows, one replaces its accounts, two become one, one becomes two", WEEKS, exchanges_per_account=66.0, bad_accounts=0.08, bad_volume=0.22, population="realistic", days=84),
)  # fmt: skip

WORLD_PLANS: Mapping[str, WorldPlan] = {plan.name: plan for plan in (*_ALL, *_NEW)}
