"""Who lives in a world beside its campaigns: the classes of `classes.py`, harder ones, and their mixtures.

The classes are those that a fair analyst rules out first (docs/explanation/simulated-worlds.md). How many
accounts they have, how much they ask and how many stand behind one organisation was chosen because it seemed
plausible: nothing public tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stillwatch.simulate.assumptions.classes import KINDS, Kind

_CHAT = (("people", 0.72), ("foreign", 0.10), ("pool", 0.12), ("paste", 0.04), ("persona", 0.02))
_CLOUD = (("api", 0.62), ("bedrock", 0.18), ("vertex", 0.12), ("foundry", 0.08))
_BUSY = (("people", 0.4), ("agent", 0.2), ("foreign", 0.4))

# Look-alikes that the ordinary classes lack; per 10,000 accounts, in the mixture `realistic`.
HARDER: tuple[Kind, ...] = (
    Kind("framework_user", 900, 70, 1.10, "human", 0.75, 0.40, (("framework", 0.9), ("people", 0.1)), "agent", "home", "person"),
    Kind("campus_class", 250, 10, 0.60, "class", 0.30, 0.60, (("sheet", 0.8), ("people", 0.2)), "app", "campus", "class", 240, 20, "recent", channels=(("app", 1.0),)),
    Kind("company_gateway", 60, 160, 0.60, "office", 0.20, 2.00, (("copilot", 0.5), ("people", 0.25), ("agent", 0.25)), "gateway", "office", "company", 40, 6),
    Kind("spend_card", 60, 30, 1.00, "human", 0.80, 0.40, _CHAT, "app", "home", "family", 15, 4),
    Kind("agency", 60, 110, 0.70, "office", 0.25, 1.50, (("clients", 1.0),), "sdk", "office", "family", 8, 4),
    Kind("content_farm", 60, 150, 0.40, "shift", 0.60, 3.00, (("farm", 1.0),), "sdk", "office", "family", 25, 8, role="coordinated"),
    Kind("wrapper_app", 20, 350, 0.50, "human", 0.95, 4.00, (("wrapper", 1.0),), "sdk", "cloud", "company", 3, 1),
    Kind("localisation", 15, 150, 0.60, "office", 0.15, 2.00, (("localisation", 1.0),), "sdk", "office", "company", 4, 1),
    Kind("exam_builder", 15, 140, 0.60, "office", 0.30, 1.00, (("exam", 1.0),), "sdk", "campus", "company", 4, 1),
    Kind("safety_team", 15, 160, 0.50, "shift", 0.70, 3.00, (("safety", 1.0),), "sdk", "office", "company", 4, 1),
    Kind("log_regression", 15, 180, 0.50, "flat", 0.60, 1.00, (("regression", 1.0),), "sdk", "cloud", "company", 3, 1, adoption="day_one"),
    Kind("editing", 15, 110, 0.60, "office", 0.20, 2.00, (("editing", 1.0),), "sdk", "office", "company", 4, 1),
    Kind("comparison_site", 15, 200, 0.50, "human", 0.95, 4.00, (("comparison", 1.0),), "sdk", "cloud", "company", 3, 1, adoption="day_one"),
    Kind("captioning", 15, 220, 0.50, "shift", 0.60, 3.00, (("captioning", 1.0),), "sdk", "office", "company", 6, 2),
)  # fmt: skip

_RELAYS: tuple[Kind, ...] = (
    Kind("relay_large", 300, 150, 0.25, "human", 0.95, 6.00, (("foreign", 0.35), ("people", 0.40), ("agent", 0.17), ("pool", 0.08)), "relay", "relay", "relay", 120, 40, "rolling", role="relay"),
    Kind("relay_coding", 150, 220, 0.25, "human", 0.80, 6.00, (("agent", 0.9), ("people", 0.1)), "relay", "relay", "relay", 50, 20, "rolling", role="relay"),
    Kind("relay_chat", 150, 160, 0.30, "human", 0.98, 5.00, (("wrapper", 0.9), ("persona", 0.1)), "relay", "relay", "relay", 50, 20, "rolling", adoption="day_one", role="relay"),
    Kind("relay_small", 120, 110, 0.40, "human", 0.95, 3.00, _BUSY, "relay", "relay", "relay", 9, 9, "rolling", role="relay"),
)  # fmt: skip

_COORDINATED: tuple[Kind, ...] = (
    Kind("free_tier", 120, 90, 0.20, "human", 0.90, 4.00, (("free_tier", 1.0),), "sdk", "cloud", "relay", 30, 12, "recent", role="coordinated"),
    Kind("account_farm", 240, 12, 0.30, "human", 0.90, 1.00, (("warm_up", 1.0),), "sdk", "home", "relay", 60, 20, "event", role="coordinated"),
    Kind("persona_net", 150, 60, 0.40, "human", 0.95, 2.00, (("persona_net", 1.0),), "sdk", "vpn", "relay", 50, 20, role="coordinated"),
)  # fmt: skip

_AUTHORISED: tuple[Kind, ...] = (
    Kind("authorised_pool", 120, 400, 0.30, "flat", 1.00, 6.00, (("authorised", 1.0),), "sdk", "cloud", "company", 60, 20, adoption="day_one", channels=_CLOUD, programmes=("distillation",), role="authorised"),
    Kind("authorised_branch", 80, 300, 0.40, "office", 0.30, 3.00, (("authorised", 0.8), ("people", 0.2)), "sdk", "office", "company", 20, 8, programmes=("distillation",), role="authorised", holders="first"),
    Kind("authorised_academic", 60, 250, 0.60, "human", 0.80, 1.00, (("authorised", 0.5), ("synthetic", 0.5)), "sdk", "campus", "research", 10, 4, programmes=("distillation", "research"), role="authorised"),
)  # fmt: skip

_EVALUATORS: tuple[Kind, ...] = (
    Kind("eval_release", 150, 260, 0.50, "flat", 1.00, 0.30, (("eval", 0.8), ("judge", 0.2)), "sdk", "cloud", "company", 15, 6, adoption="day_one", channels=_CLOUD, programmes=("evaluation",)),
    Kind("eval_unregistered", 120, 240, 0.60, "flat", 0.95, 0.30, (("eval", 0.7), ("judge", 0.3)), "sdk", "home", "family", 20, 8, adoption="day_one"),
    Kind("judge_farm", 60, 300, 0.40, "flat", 1.00, 4.00, (("judge", 1.0),), "sdk", "cloud", "company", 12, 4, adoption="day_one"),
)  # fmt: skip


def _resized(kinds: tuple[Kind, ...], sizes: Mapping[str, float]) -> tuple[Kind, ...]:
    return tuple(replace(kind, accounts=sizes.get(kind.name, kind.accounts)) for kind in kinds)


_REALISTIC = (*KINDS, *HARDER)

POPULATIONS: Mapping[str, tuple[Kind, ...]] = {
    "ordinary": KINDS,
    "realistic": _REALISTIC,
    "relays": (*_resized(_REALISTIC, {"gray_relay": 250, "licensed_aggregator": 40}), *_RELAYS),
    "coordinated": (*_resized(_REALISTIC, {"content_farm": 250, "agency": 150}), *_COORDINATED),
    "authorised": (*_resized(_REALISTIC, {"authorised": 80}), *_AUTHORISED),
    "evaluation": (*_resized(_REALISTIC, {"eval_lab": 120, "red_team": 80, "drift_monitor": 60}), *_EVALUATORS),
    "hardest": (
        *_resized(
            _REALISTIC,
            {
                "framework_user": 5000, "campus_class": 700, "agent_client": 900, "vpn_user": 900, "nat_user": 600, "spend_card": 400,
                "batch_etl": 200, "company_gateway": 240, "agency": 250, "content_farm": 250, "wrapper_app": 60, "localisation": 60,
                "exam_builder": 60, "safety_team": 60, "log_regression": 60, "editing": 60, "comparison_site": 60, "captioning": 60,
            },
        ),
        *_EVALUATORS,
    ),
}  # fmt: skip
