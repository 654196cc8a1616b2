"""What would be known of actors before the scan: some of it right, some of it decoys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillwatch.simulate.arrays import Rng
from stillwatch.simulate.assumptions.plans import product_name, staff_domain
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.scene import Scene
from stillwatch.simulate.text import grammar

ACTORS = {
    "Lab Aster": "commercial lab",
    "Lab Borealis": "commercial lab",
    "Lab Corvus": "commercial lab",
    "Lab Dorado": "commercial lab",
    "Relay Ember": "relay",
    "Relay Fathom": "relay",
    "Institute Gale": "academic",
}
_CAPABILITIES = ("reasoning", "coding", "tool_use", "agentic", "instruction", "grading", "data_analysis")


def write_prior(
    scene: Scene, campaigns: Sequence[Campaign], folder: Path, *, buyer: str | None = None
) -> None:
    """Write actors.json; a `buyer` of transcripts is told of like the others, with nothing of its own in the log."""
    folder.mkdir(parents=True, exist_ok=True)
    known = ACTORS | ({buyer: "commercial lab"} if buyer else {})
    actors = [
        _actor(scene, name, kind, [c for c in campaigns if c.plan.actor == name])
        for name, kind in known.items()
    ]
    prior = {"note": "Simulated. Some entries match the world, some are decoys.", "actors": actors}
    (folder / "actors.json").write_text(json.dumps(prior, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _actor(scene: Scene, name: str, kind: str, campaigns: Sequence[Campaign]) -> dict[str, Any]:
    rng = scene.rng("prior", name)
    entry: dict[str, Any] = {
        "name": name,
        "class": kind,
        "capability_interests": sorted({str(c) for c in rng.choice(_CAPABILITIES, 2)}),
        "staff_domains": [staff_domain(name)],
        "product_names": [product_name(name)],
        "release_calendar": [
            {
                "product": f"{name.rsplit(maxsplit=1)[-1]} {int(rng.integers(2, 6))}",
                "date": f"2026-04-{int(rng.integers(5, 28)):02d}",
            }
        ],
        "reliability": str(rng.choice(["A2", "B2", "C3", "D4"])),
        **_decoy(scene, rng),
    }
    for campaign in campaigns:
        if campaign.plan.attributable == "L3b":
            _add_match(scene, entry, campaign)
        elif campaign.plan.attributable == "L3a":
            entry["capability_interests"] = [c for c, _ in campaign.plan.capabilities]
    return entry


def _decoy(scene: Scene, rng: Rng) -> dict[str, Any]:
    """Popular programs, public wording and widespread issuers: they match everybody or nobody."""
    client = scene.clients.rows[int(scene.clients.draw(rng, "sdk", 1)[0])]
    texts = grammar()["campaign"]["open"]
    ranges = scene.networks.of("hosting")
    return {
        "asns": sorted({scene.networks.ranges[int(i)].asn or 0 for i in rng.choice(ranges, 2)}),
        "client_stacks": [
            {"user_agent": client.user_agent, "ja4": client.ja4, "header_profile": client.header_profile}
        ],
        "template_sketches": [{"text": str(rng.choice(texts)), "source": "partner report"}],
        "card_bins": [int(400000 + rng.integers(0, 400) * 487 % 190000)],
        "payment_fingerprints": [],
    }


def _add_match(scene: Scene, entry: dict[str, Any], campaign: Campaign) -> None:
    client = scene.clients.rows[campaign.stack]
    stack = {"user_agent": client.user_agent, "ja4": client.ja4, "header_profile": client.header_profile}
    entry["client_stacks"].append(stack)
    entry["template_sketches"].append({"text": campaign.elicitation.sketch(), "source": "earlier case"})
    entry["capability_interests"] = [c for c, _ in campaign.plan.capabilities]
    cards = campaign.group.columns["payment_fingerprint"]
    entry["payment_fingerprints"] += sorted({str(c) for c in cards})[:2]
    entry["reliability"] = "B1"
