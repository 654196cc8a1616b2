"""Which campaigns each world holds, and how each of them works, after the public record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Attributable = Literal["L3a", "L3b"]


@dataclass(frozen=True)
class Plan:
    """How one campaign works.

    `accounts` and `volume` are shares relative to the world's other campaigns. `cover` is the share of the
    accounts' traffic that is not extraction (-1 = drawn for each account, as on a relay with customers).
    """

    archetype: str
    capabilities: tuple[tuple[str, float], ...]
    accounts: float = 1.0
    volume: float = 1.0
    actor: str | None = None
    actor_class: str = "unknown"
    attributable: Attributable | None = None
    cards: Literal["shared", "unique"] = "shared"
    rhythm: Literal["beats", "flat", "human", "office"] = "flat"
    exits: Literal["proxy", "unique", "hosting", "relay"] = "proxy"
    client: Literal["own", "popular", "relay"] = "popular"
    channels: tuple[tuple[str, float], ...] = (("api", 1.0),)
    wording: Literal["template", "paraphrase", "human", "injected"] = "template"
    cover: float = 0.03
    life: Literal["steady", "churn", "spare"] = "steady"
    pivots: bool = False
    replays: bool = False
    slow: bool = False


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


@dataclass(frozen=True)
class WorldPlan:
    """One named world: its campaigns and what is left out of its tables."""

    name: str
    description: str
    plans: tuple[Plan, ...] = ()
    exchanges: int = 300_000
    exchanges_per_account: float = 33.0
    bad_accounts: float = 0.085
    bad_volume: float = 0.22
    fixed_bad_accounts: int | None = None
    copies: int = 1
    framing: bool = False
    without: frozenset[str] = frozenset()
    broken: bool = False
    like: str | None = None

    @property
    def drawn_as(self) -> str:
        """The name that seeds the world: variants of a world hold the same traffic."""
        return self.like or self.name


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
)  # fmt: skip


def staff_domain(actor: str) -> str:
    """The mail domain of an actor's staff."""
    return f"{actor.rsplit(maxsplit=1)[-1].lower()}-research.example"


def product_name(actor: str) -> str:
    """What an actor calls its own assistant."""
    return f"{actor.rsplit(maxsplit=1)[-1]} Chat"


WORLD_PLANS: Mapping[str, WorldPlan] = {plan.name: plan for plan in _ALL}
