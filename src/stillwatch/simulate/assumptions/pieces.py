"""Campaigns that stand alone in a world of their own."""

from __future__ import annotations

from stillwatch.simulate.assumptions.plan import Plan, Together

SHARED_RELAY = (
    Plan(
        "shared-relay-a", (("coding", 0.7), ("agentic", 0.3)), 1.0, 1.0, "Lab Dorado", "commercial lab", "L3b",
        rhythm="human", exits="relay", client="relay", cover=0.45, spill=0.15, bystanders=0.6,
    ),
    Plan(
        "shared-relay-b", (("reasoning", 0.5), ("grading", 0.2), ("instruction", 0.3)), 1.0, 1.0, "Lab Aster", "commercial lab", "L3a",
        rhythm="human", exits="relay", client="relay", cover=0.45, spill=0.15, bystanders=0.6,
    ),
)  # fmt: skip

SILENT_RELAY = (
    Plan(
        "silent-relay", (("conversation", 1.0),), 1.0, 1.0, "Relay Ember", "relay", "L3a",
        rhythm="human", exits="relay", client="relay", wording="human", cover=0.1, pivots=True, branded=True,
    ),
)  # fmt: skip

LOW_AND_SLOW = (
    Plan(
        "low-and-slow", (("reasoning", 0.5), ("coding", 0.5)), 1.0, 1.0, "Lab Borealis", "commercial lab", "L3a",
        cards="unique", rhythm="human", exits="unique", slow=True, cover=0.1,
    ),
)  # fmt: skip

HOT_SPARE = (
    Plan(
        "hot-spare", (("coding", 0.6), ("reasoning", 0.4)), 1.0, 1.0, None, "unknown", None,
        rhythm="flat", client="own", life="spare", apart=True,
    ),
)  # fmt: skip

FRAMED = (
    Plan(
        "framed", (("reasoning", 0.7), ("instruction", 0.3)), 1.0, 1.0, "Lab Aster", "commercial lab", "L3b",
        rhythm="flat", client="own",
    ),
)  # fmt: skip

WEEKS = (
    Plan("growing", (("reasoning", 0.7), ("grading", 0.3)), 1.2, 1.2, rhythm="beats", exits="hosting", client="own", life="growing", lasting=True),
    Plan("replacing", (("coding", 0.6), ("agentic", 0.4)), 1.8, 1.0, rhythm="human", exits="relay", client="relay", cover=0.1, life="churn", lasting=True),
    Plan("host", (("instruction", 0.6), ("reasoning", 0.4)), 1.0, 1.0, rhythm="flat", exits="hosting", client="own", lasting=True),
    Plan("joining", (("coding", 0.8), ("tool_use", 0.2)), 0.8, 0.8, rhythm="human", client="own", together=Together("host", 0.5), lasting=True),
    Plan("staying", (("reasoning", 0.5), ("data_analysis", 0.5)), 1.0, 1.0, rhythm="flat", exits="hosting", client="own", lasting=True),
    Plan("leaving", (("agentic", 0.6), ("tool_use", 0.4)), 0.8, 0.8, rhythm="office", client="own", together=Together("staying", ends=0.55), lasting=True),
)  # fmt: skip


def mixed_accounts(harvest: float) -> tuple[Plan, ...]:
    """A reseller's accounts with customers, of whose traffic a campaign makes up that share on average.

    670 exchanges of an account: public record, 16 million of about 24,000 accounts. Half as many accounts
    of the same reseller carry customers only: assumed.
    """
    made = Plan(
        "mixed-accounts", (("coding", 0.5), ("reasoning", 0.5)), 1.0, 1.0, "Lab Corvus", "relay", "L3a",
        rhythm="human", exits="relay", client="relay", each=670.0, harvest=harvest, bystanders=0.5,
    )  # fmt: skip
    return (made,)
