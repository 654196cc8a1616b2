"""Sigma rules for SIEMs: which requests carry what a finding's members share.

One rule a finding and kind, over the columns of the data contract (`ja4`, `header_profile`, `user_agent`, `sdk`,
`client_ip`). A rule looks for values, so it holds only indicators that their tier lets be plain; tokens of texts and accounts
are no values of a log, and a finding without any plain one has no rule. A rule is experimental and low: what it finds is a lead, and
others share programs and networks too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from stillwatch.errors import UsageError
from stillwatch.model.shared import Indicator, Shared, SharedFinding
from stillwatch.share._base import Export
from stillwatch.share.blind import Blind

KINDS = ("client", "network")
FIELD: Mapping[str, str] = {
    "tls_client": "ja4",
    "header_profile": "header_profile",
    "client_version": "user_agent",
    "client_library": "sdk",
    "shared_prefix": "client_ip|cidr",
}
"""The contract's column in which a signal's values stand."""


def render(shared: Shared, blind: Blind) -> bytes:
    """All rules, as YAML documents."""
    rules = [rule for finding in shared.findings for rule in _rules(shared, finding, blind)]
    if not rules:
        raise UsageError(
            f"Nothing of these findings that tier {shared.handling.tier} allows can be looked for by value, so there is no Sigma rule. "
            "Programs need --tier 1 and networks --tier 2; texts and accounts go out as tokens (--as stix, --as csv)."
        )
    return yaml.safe_dump_all(rules, sort_keys=False, allow_unicode=False, width=110).encode("ascii")


def _rules(shared: Shared, finding: SharedFinding, blind: Blind) -> Iterator[dict[str, Any]]:
    for kind in KINDS:
        mine = [i for i in finding.indicators if i.kind == kind and is_in_a_rule(i)]
        if mine:
            yield _rule(shared, finding, kind, mine, blind)


def is_in_a_rule(indicator: Indicator) -> bool:
    """Whether it can be looked for by value in a log."""
    return indicator.value is not None and indicator.kind in KINDS and indicator.signal in FIELD


def _rule(
    shared: Shared, finding: SharedFinding, kind: str, mine: list[Indicator], blind: Blind
) -> dict[str, Any]:
    simulated = "Simulated traffic: nobody named here exists. " if shared.simulated else ""
    told = {"status": "experimental"} if shared.retraction is None else {"status": "deprecated"}
    until = min(i.valid_until for i in mine)
    reason = "" if shared.retraction is None else f" Withdrawn: {shared.retraction}"
    selections = {f"selection_{name.partition('|')[0]}": {name: values} for name, values in _fields(mine)}
    return {
        "title": f"{finding.verdict.capitalize()} {finding.name}: {kind} shared by its members",
        "id": blind.uuid("sigma", finding.reference, kind),
        **told,
        "description": (
            f"{simulated}Requests that carry what members of the finding share. TLP:{shared.handling.tlp.upper()}, "
            f"tier {shared.handling.tier}. Drop this rule after {until}. {shared.handling.permitted}{reason}"
        ),
        "author": shared.producer.name,
        "date": shared.made[:10],
        "tags": [
            f"tlp.{shared.handling.tlp.replace('+', '-')}",
            *(f"stillwatch.{t.lower()}" for t in finding.techniques if t.startswith("SWT-")),
            *(f"atlas.{t.lower()}" for t in finding.techniques if t.startswith("AML.")),
        ],
        "logsource": {
            "category": "llm_gateway",
            "product": "stillwatch",
            "definition": "The exchanges table of the stillwatch data contract, version 1, or a log with its columns.",
        },
        "detection": {**selections, "condition": "1 of selection_*"},
        "falsepositives": ["Others who use the same program", "Others behind the same network or relay"],
        "level": "low",
    }


def _fields(mine: list[Indicator]) -> list[tuple[str, list[str]]]:
    names = dict.fromkeys(FIELD[i.signal] for i in mine)
    return [
        (name, sorted({i.value for i in mine if FIELD[i.signal] == name and i.value is not None}))
        for name in names
    ]


EXPORT = Export(
    name="sigma",
    suffix=".yml",
    description="Sigma rules, for SIEMs",
    render=render,
    holds=is_in_a_rule,
)
