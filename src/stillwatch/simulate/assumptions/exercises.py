"""Campaigns that exercise one technique each, for the table of techniques: one plan, one way of working.

Where the public record has a case, the plan follows it; sizes are scaled to the world, and what no source
tells was chosen because it seemed plausible.
"""

from __future__ import annotations

from stillwatch.simulate.assumptions.plan import Phase, Plan

_REASONING = (("reasoning", 1.0),)

ELICITATION = (
    Plan("posthoc", _REASONING, wording="posthoc"),
    Plan("pretext", _REASONING, wording="pretext", client="own"),
    Plan("laundering", _REASONING, wording="laundered", cards="unique"),
    Plan("language", _REASONING, wording="language", rhythm="human"),
    Plan(
        # Public record: more than 12,000 probes, each another technique, then volume with the few that work.
        "search", _REASONING, wording="search", rhythm="office", client="own",
        phases=(Phase(0.0, 0.25, (1.0, 0.0, 0.0)), Phase(0.2, 0.4, (0.0, 1.0, 0.0)), Phase(0.35, 1.0, (0.0, 0.03, 0.97))),
    ),
    Plan("grading", (("grading", 1.0),), rhythm="beats"),
    Plan("sweep", (("tool_use", 1.0),), cards="unique"),
    Plan("alignment", (("alignment", 1.0),), rhythm="office"),
    Plan("tasks", (("coding", 1.0),), wording="task"),
    Plan("multimodal", (("vision", 1.0),), wording="media", client="own"),
)  # fmt: skip

HARVEST = (
    Plan(
        # Public record: own users served silently by the teacher; a promotion brings more of them.
        "serve", (("conversation", 1.0),), 1.2, 1.2, "Relay Fathom", "relay", "L3a",
        rhythm="human", exits="relay", client="relay", wording="human", cover=0.05, branded=True, replays=True,
        phases=(Phase(0.0), Phase(0.5, 2.5)),
    ),
    Plan("store", (("agentic", 1.0),), 1.0, 1.0, "Lab Borealis", "commercial lab", "L3a", wording="stored", client="own"),
    Plan(
        "harness", (("agentic", 1.0),), 1.2, 1.2, "Lab Aster", "commercial lab", "L3a",
        rhythm="human", exits="relay", client="relay", wording="harness", replays=True,
    ),
    Plan("cleaner", _REASONING, wording="cleaned", client="own"),
    Plan("crossed", (("grading", 1.0),), wording="crossed", cards="unique"),
    Plan("teacher", (("coding", 1.0),), 1.0, 1.2, "Lab Dorado", "commercial lab", "L3a", rhythm="office", wording="teacher"),
)  # fmt: skip

EVASION = (
    Plan("canary", (("reasoning", 0.6), ("coding", 0.4)), canaries=True, client="own"),
    Plan("failover", (("coding", 1.0),), channels=(("api", 0.5), ("bedrock", 0.3), ("vertex", 0.2)), fails_over=True),
    Plan(
        # Public record: one model tried and given up, then another whose safeguards looked weaker.
        "arbitrage", _REASONING, wording="arbitrage", client="own",
        phases=(Phase(0.0, 1.0, (1.0, 0.0)), Phase(0.4, 0.06, (1.0, 0.0)), Phase(0.5, 1.2, (0.0, 1.0))),
    ),
    Plan("mutation", (("instruction", 0.6), ("reasoning", 0.4)), wording="paraphrase", cards="unique", rhythm="human"),
    Plan("churning", (("coding", 0.5), ("tool_use", 0.5)), 1.6, 1.2, life="churn", pivots=True),
)  # fmt: skip

ACCESS = (
    Plan("concession", (("coding", 0.5), ("reasoning", 0.5)), programmes=("education",), programme_share=0.35, cards="unique"),
    Plan(
        "stolen-keys", _REASONING, 1.0, 0.8, cards="unique", rhythm="office", exits="hosting", client="own", life="owned", identity="company", cover=0.45,
        phases=(Phase(0.0, 0.4, (0.0,)), Phase(0.35, 1.0, (1.0,))),
    ),
    Plan(
        "subscriptions", (("coding", 0.7), ("agentic", 0.3)), client="many", subscription="pro", rhythm="office",
        channels=(("app", 0.7), ("api", 0.3)),
    ),
    Plan(
        "storefront", (("conversation", 1.0),), 1.0, 1.0, "Relay Ember", "relay", "L3a",
        rhythm="human", exits="relay", client="relay", wording="human", cover=0.1, identity="company",
    ),
    Plan("pathways", (("tool_use", 0.5), ("data_analysis", 0.5)), cards="unique", rhythm="human", client="own",
         channels=(("api", 0.3), ("bedrock", 0.3), ("vertex", 0.2), ("app", 0.2))),
)  # fmt: skip
