"""The classes of innocent (and merely gray) accounts: how many, how busy, from where.

The classes are the published list of look-alikes; their sizes and volumes are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """One class of innocent (or merely gray) accounts.

    `accounts` is per 10,000 innocent accounts, `volume` the mean exchanges of an account in the window
    before scaling, `spread` the standard deviation of the log rate, `clump` the gamma shape of day-to-day
    variation (small = bursty), `party` the mean number of accounts behind one organisation or event, and
    `holders` which of a party's accounts have its agreement on file.
    """

    name: str
    accounts: float
    volume: float
    spread: float
    rhythm: str
    weekend: float
    clump: float
    contents: tuple[tuple[str, float], ...]
    clients: str
    exits: str
    identity: str
    party: float = 1.0
    smallest: int = 1
    life: str = "long"
    adoption: str = "slow"
    channels: tuple[tuple[str, float], ...] = (("api", 1.0),)
    programmes: tuple[str, ...] = ()
    role: str = "benign"
    holders: Literal["all", "first"] = "all"


_CHAT = (("people", 0.72), ("foreign", 0.10), ("pool", 0.12), ("paste", 0.04), ("persona", 0.02))
_APP = (("app", 1.0),)
_CLOUD = (("api", 0.62), ("bedrock", 0.18), ("vertex", 0.12), ("foundry", 0.08))
_MIXED = (("app", 0.85), ("api", 0.15))

# Classes: the published list of look-alikes. Sizes and volumes: assumed.
KINDS: tuple[Kind, ...] = (
    Kind("individual", 6900, 16, 1.25, "human", 0.85, 0.35, _CHAT, "app", "home", "person", channels=_MIXED),
    Kind("agent_client", 650, 90, 1.10, "human", 0.70, 0.40, (("agent", 0.85), ("people", 0.15)), "agent", "home", "person"),
    Kind("vpn_user", 350, 16, 1.20, "human", 0.85, 0.35, _CHAT, "app", "vpn", "person", channels=_MIXED),
    Kind("nat_user", 300, 14, 1.10, "human", 0.90, 0.35, _CHAT, "app", "nat", "person", 12, channels=_APP),
    Kind("shared_card", 200, 18, 1.00, "human", 0.80, 0.40, _CHAT, "app", "home", "family", 4, channels=_MIXED),
    Kind("university_class", 300, 9, 0.60, "class", 0.30, 0.60, (("university", 0.7), ("people", 0.3)), "app", "campus", "class", 28, 8, "recent", channels=_APP),
    Kind("hackathon", 90, 14, 0.60, "class", 1.00, 1.00, (("hackathon", 0.75), ("agent", 0.25)), "sdk", "event", "event", 30, 8, "event"),
    Kind("viral_prompt", 180, 8, 0.90, "human", 1.00, 0.35, (("viral", 0.35), ("people", 0.5), ("pool", 0.15)), "app", "home", "person", life="wave", channels=_APP),
    Kind("migration", 30, 80, 0.50, "office", 0.35, 1.00, (("business", 1.0),), "sdk", "cloud", "rekeyed", 2, 2, "handover", channels=_CLOUD),
    Kind("enterprise", 150, 180, 0.90, "office", 0.15, 1.50, (("copilot", 0.6), ("business", 0.4)), "sdk", "office", "company", 1.5, 1, channels=_CLOUD),
    Kind("backend", 150, 260, 0.90, "human", 0.80, 4.00, (("business", 1.0),), "sdk", "cloud", "company", 1.2, 1, channels=_CLOUD),
    Kind("batch_etl", 50, 700, 0.80, "flat", 1.00, 6.00, (("etl", 1.0),), "sdk", "cloud", "company", 1.3, 1, channels=_CLOUD),
    Kind("bpo", 60, 180, 0.50, "shift", 0.55, 3.00, (("bpo", 1.0),), "sdk", "office", "company", 8, 2),
    Kind("llm_gateway", 25, 420, 0.60, "office", 0.25, 3.00, (("people", 0.35), ("agent", 0.25), ("business", 0.25), ("copilot", 0.15)), "gateway", "office", "company", 1.0, 1),
    Kind("licensed_aggregator", 10, 900, 0.50, "human", 0.95, 6.00, (("people", 0.5), ("agent", 0.2), ("business", 0.2), ("foreign", 0.1)), "gateway", "cloud", "company", 1.0, 1, channels=(("aggregator", 1.0),), programmes=("reseller",)),
    Kind("gray_relay", 130, 120, 0.35, "human", 0.95, 4.00, (("foreign", 0.3), ("people", 0.4), ("agent", 0.22), ("pool", 0.08)), "relay", "relay", "relay", 22, 10, "rolling", role="relay"),
    Kind("eval_lab", 30, 300, 0.80, "flat", 0.90, 0.30, (("eval", 0.75), ("judge", 0.25)), "sdk", "cloud", "company", 1.5, 1, adoption="day_one", channels=_CLOUD, programmes=("evaluation",)),
    Kind("ci_agents", 60, 140, 0.70, "office", 0.20, 2.00, (("ci", 1.0),), "agent", "ci", "company", 1.0, 1),
    Kind("failover_router", 20, 160, 0.50, "human", 0.80, 4.00, (("business", 0.7), ("people", 0.3)), "gateway", "cloud", "rekeyed", 2, 2, channels=_CLOUD),
    Kind("drift_monitor", 15, 220, 0.20, "cron", 1.00, 60.0, (("drift", 1.0),), "sdk", "cloud", "company", 1.0, 1, adoption="day_one"),
    Kind("audit", 20, 90, 0.60, "office", 0.10, 2.00, (("audit", 1.0),), "sdk", "office", "company", 1.5, 1),
    Kind("red_team", 25, 90, 0.70, "office", 0.30, 0.60, (("redteam", 0.8), ("eval", 0.2)), "sdk", "cloud", "company", 2.0, 1, adoption="day_one", programmes=("evaluation", "research")),
    Kind("synthetic_data", 25, 220, 0.70, "flat", 0.80, 0.35, (("synthetic", 1.0),), "sdk", "campus", "research", 1.6, 1, programmes=("research",)),
    Kind("authorised", 14, 600, 0.40, "flat", 1.00, 6.00, (("authorised", 1.0),), "sdk", "cloud", "company", 5, 3, adoption="day_one", programmes=("distillation",), role="authorised"),
)  # fmt: skip
