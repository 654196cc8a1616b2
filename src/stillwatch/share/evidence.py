"""Indicators of a finding as STIX: what was observed, as tokens, and the pattern by which others recognise it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from stillwatch.model.shared import Indicator, Kind, SharedFinding
from stillwatch.share.blind import COMPARABLE, KEYS
from stillwatch.share.definitions import KILL_CHAIN, OBSERVABLE_EXTENSION
from stillwatch.share.objects import Writer, stix_time

TYPE: Mapping[Kind, str] = {"template": "llm-template", "client": "llm-client"}
OTHER_TYPE = "llm-trait"
PHASE: Mapping[Kind, str] = {
    "template": "exfiltration", "client": "resource-development", "token": "exfiltration", "network": "resource-development",
}  # fmt: skip
MEANING: Mapping[Kind, str] = {
    "template": "a text, or a part of one",
    "client": "a program that makes the requests",
    "token": "a reasoning block carried from one request to another",
    "network": "a network that requests come from",
    "payment": "a payment instrument",
    "registration": "a way of signing up",
    "account": "an account",
}


def observable(indicator: Indicator, writer: Writer) -> dict[str, Any]:
    """What was observed; the value itself only where its tier lets it be plain."""
    if indicator.kind == "account":
        return writer.observable("user-account", indicator.reference, user_id=indicator.token)
    if indicator.kind == "network" and indicator.value is not None:
        return writer.observable(_address_type(indicator.value), indicator.reference, value=indicator.value)
    stix_type = TYPE.get(indicator.kind, OTHER_TYPE)
    plain = {} if indicator.value is None else {"value": indicator.value}
    return writer.observable(
        stix_type,
        indicator.reference,
        signal=indicator.signal,
        token=indicator.token,
        key_rules=KEYS,
        extensions={OBSERVABLE_EXTENSION: {"extension_type": "new-sco"}},
        **plain,
    )


def pattern(indicator: Indicator) -> str:
    """The STIX pattern of an indicator."""
    if indicator.kind == "network" and indicator.value is not None:
        return f"[{_address_type(indicator.value)}:value ISSUBSET '{indicator.value}']"
    stix_type = TYPE.get(indicator.kind, OTHER_TYPE)
    name, told = ("token", indicator.token) if indicator.value is None else ("value", indicator.value)
    return f"[{stix_type}:signal = '{indicator.signal}' AND {stix_type}:{name} = '{told}']"


def evidence(finding: SharedFinding, told_of: str, most: int, writer: Writer) -> list[dict[str, Any]]:
    """All indicators of a finding; `told_of` is the object they indicate, `most` how sure that one is."""
    made: list[dict[str, Any]] = []
    for indicator in finding.indicators:
        if is_comparable(indicator):
            made += _comparable(finding, indicator, told_of, most, writer)
    return made + _by_kind(finding, [i for i in finding.indicators if not is_comparable(i)], writer)


def is_comparable(indicator: Indicator) -> bool:
    """Whether anybody else can recognise it: by a token of the circle, or because it is told as it is."""
    return indicator.kind in COMPARABLE or (indicator.kind == "network" and indicator.value is not None)


def _comparable(
    finding: SharedFinding, indicator: Indicator, told_of: str, most: int, writer: Writer
) -> Iterable[dict[str, Any]]:
    seen = observable(indicator, writer)
    observed = writer.domain(
        "observed-data",
        finding.reference,
        indicator.reference,
        since=finding.first_seen,
        first_observed=stix_time(indicator.first_seen),
        last_observed=stix_time(indicator.last_seen),
        number_observed=max(1, indicator.parties),
        object_refs=[seen["id"]],
    )
    confidence = min(most, indicator.confidence)
    test = writer.domain(
        "indicator",
        finding.reference,
        indicator.reference,
        since=finding.first_seen,
        name=f"{finding.name}: {MEANING[indicator.kind]}",
        description=(
            f"{MEANING[indicator.kind].capitalize()} ({indicator.signal}) that {indicator.parties} parties of the finding "
            f"share, and {indicator.others} others in the same log."
        ),
        indicator_types=["malicious-activity"] if finding.verdict == "distillation" else ["anonymization"],
        pattern=pattern(indicator),
        pattern_type="stix",
        pattern_version="2.1",
        valid_from=stix_time(indicator.valid_from),
        valid_until=stix_time(indicator.valid_until),
        confidence=confidence,
        kill_chain_phases=[{"kill_chain_name": KILL_CHAIN, "phase_name": PHASE[indicator.kind]}],
    )
    since = finding.first_seen
    yield from (seen, observed, test)
    yield writer.relation(test["id"], "indicates", told_of, since=since, confidence=confidence)
    yield writer.relation(test["id"], "based-on", observed["id"], since=since, confidence=95)


def _by_kind(finding: SharedFinding, rest: Sequence[Indicator], writer: Writer) -> list[dict[str, Any]]:
    """What nobody else can compare is evidence and no indicator: one object of observed data a kind."""
    made: list[dict[str, Any]] = []
    for kind in dict.fromkeys(i.kind for i in rest):
        mine = [i for i in rest if i.kind == kind]
        seen = [observable(i, writer) for i in mine]
        made += seen
        made.append(
            writer.domain(
                "observed-data",
                finding.reference,
                kind,
                since=finding.first_seen,
                first_observed=stix_time(min(i.first_seen for i in mine)),
                last_observed=stix_time(max(i.last_seen for i in mine)),
                number_observed=len(mine),
                object_refs=[o["id"] for o in seen],
            )
        )
    return made


def _address_type(value: str) -> str:
    return f"ipv{ip_network(value).version}-addr"
