"""What the contract promises of the outputs, as the tests of several rooms ask for it."""

from __future__ import annotations

CAMPAIGN_KEYS = {
    "campaign_id",
    "verdict",
    "coordination",
    "distillation",
    "attribution",
    "accounts",
    "exchanges",
    "first_seen",
    "last_seen",
    "capabilities",
    "techniques",
    "models",
    "channels",
}
