"""MISP events: one a finding, its indicators as attributes.

A file holds `response`, a list of events, as MISP's own search writes it. Marking, permitted action and
likelihood stand as tags of MISP's taxonomies; how reliable we are is for whoever receives it to say. Attributes that can be looked for in traffic (address ranges, programs) are
flagged for detection; tokens are not, since only somebody with the key can compare them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from stillwatch.model.likelihood import likelihood_word
from stillwatch.model.shared import Indicator, Shared, SharedFinding, Tlp
from stillwatch.share._base import Export, json_bytes
from stillwatch.share.blind import Blind
from stillwatch.share.finding import NOT_CLAIMED, WHAT
from stillwatch.share.policy import STEPS, step

DISTRIBUTION: Mapping[Tlp, int] = {"clear": 3, "green": 1, "amber": 0, "amber+strict": 0, "red": 0}
"""0: your organisation only, 1: this community, 3: all. Amber goes on by a person's decision, not by a server's."""
PAP: Mapping[Tlp, str] = {
    "clear": "PAP:CLEAR",
    "green": "PAP:GREEN",
    "amber": "PAP:AMBER",
    "amber+strict": "PAP:AMBER",
    "red": "PAP:RED",
}
THREAT_LEVEL = {"distillation": "2", "relay": "3", "coordinated": "3"}
INITIAL = "0"
LIKELIHOOD = {"roughly an even chance": "roughly-even-chance", "almost no chance": "almost-no-chance"}


def render(shared: Shared, blind: Blind) -> bytes:
    """One event for each finding."""
    events = [{"Event": _event(shared, finding, blind)} for finding in shared.findings]
    return json_bytes({"response": events})


def _event(shared: Shared, finding: SharedFinding, blind: Blind) -> dict[str, Any]:
    withdrawn = "" if shared.retraction is None else "Withdrawn: "
    simulated = "Simulated: " if shared.simulated else ""
    made = [_attribute(shared, finding, indicator, blind) for indicator in finding.indicators]
    return {
        "uuid": blind.uuid("misp event", finding.reference),
        "info": f"{withdrawn}{simulated}{finding.verdict} {finding.name}",
        "date": shared.made[:10],
        "timestamp": _timestamp(shared),
        "published": False,
        "analysis": INITIAL,
        "threat_level_id": THREAT_LEVEL[finding.verdict],
        "distribution": str(DISTRIBUTION[shared.handling.tlp]),
        "Orgc": {"name": shared.producer.name, "uuid": blind.uuid("misp organisation", shared.producer.name)},
        "Tag": [{"name": name} for name in _tags(shared, finding)],
        "Attribute": [_told(shared, finding, blind), *made],
    }


def _timestamp(shared: Shared) -> str:
    """A stricter version of an event is newer than a more open one, and one that withdraws than all: a server keeps the newest, to the second."""
    later = step(shared.handling.tlp, shared.handling.tier) + (STEPS if shared.retraction is not None else 0)
    return str(int(datetime.fromisoformat(shared.made).timestamp()) + later)


def _tags(shared: Shared, finding: SharedFinding) -> list[str]:
    word = likelihood_word(finding.training_set if finding.verdict == "distillation" else finding.one_party)
    return [
        f"tlp:{shared.handling.tlp}",
        PAP[shared.handling.tlp],
        f'estimative-language:likelihood-probability="{LIKELIHOOD.get(word, word.replace(" ", "-"))}"',
        'false-positive:risk="medium"',
        f'stillwatch:verdict="{finding.verdict}"',
        *(f'stillwatch:technique="{technique}"' for technique in finding.techniques),
        *(['stillwatch:simulated="true"'] if shared.simulated else []),
        *(['stillwatch:state="withdrawn"'] if shared.retraction is not None else []),
    ]


def _told(shared: Shared, finding: SharedFinding, blind: Blind) -> dict[str, Any]:
    """What the finding is, in words and numbers."""
    reason = "" if shared.retraction is None else f" Withdrawn: {shared.retraction}"
    capabilities = ", ".join(f"{c.capability} {c.share:.0%}" for c in finding.capabilities) or "not told"
    text = (
        f"{WHAT[finding.verdict]} {finding.accounts.best} accounts ({finding.accounts.low} to {finding.accounts.high}), "
        f"{finding.exchanges.best} exchanges ({finding.exchanges.low} to {finding.exchanges.high}), "
        f"{finding.first_seen} to {finding.last_seen}. Capabilities: {capabilities}. "
        f"Models: {', '.join(finding.models) or 'not told'}. {NOT_CLAIMED} {shared.handling.permitted}{reason}"
    )
    return {
        "uuid": blind.uuid("misp text", finding.reference),
        "type": "text",
        "category": "Internal reference",
        "value": text,
        "to_ids": False,
        "timestamp": _timestamp(shared),
    }


def _attribute(shared: Shared, finding: SharedFinding, indicator: Indicator, blind: Blind) -> dict[str, Any]:
    kind, category, value = _typed(indicator)
    return {
        "uuid": blind.uuid("misp attribute", finding.reference, indicator.reference),
        "type": kind,
        "category": category,
        "value": value,
        "to_ids": indicator.value is not None and shared.retraction is None,
        "comment": (
            f"{indicator.kind} ({indicator.signal}): {indicator.parties} parties of the finding, {indicator.others} others; "
            f"confidence {indicator.confidence}; valid until {indicator.valid_until}"
        ),
        "first_seen": indicator.first_seen,
        "last_seen": indicator.last_seen,
        "timestamp": _timestamp(shared),
        "Tag": [{"name": f'stillwatch:valid-until="{indicator.valid_until}"'}],
    }


def _typed(indicator: Indicator) -> tuple[str, str, str]:
    """MISP's type and category, and the value or the token that stands for it."""
    if indicator.value is None:
        return "other", "Other", f"{indicator.signal}:{indicator.token}"
    if indicator.kind == "network":
        return "ip-src", "Network activity", str(ip_network(indicator.value))
    if indicator.signal == "client_version":
        return "user-agent", "Network activity", indicator.value
    return "other", "Network activity", f"{indicator.signal}:{indicator.value}"


EXPORT = Export(
    name="misp",
    suffix=".json",
    description="MISP events, one a finding",
    render=render,
)
