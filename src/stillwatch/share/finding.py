"""One finding as STIX objects and the relationships between them."""

from __future__ import annotations

from typing import Any

from stillwatch.model.catalogue import Catalogue
from stillwatch.model.likelihood import likelihood_word, stix_confidence
from stillwatch.model.shared import SharedFinding
from stillwatch.share.definitions import CAMPAIGN_EXTENSION, technique_id
from stillwatch.share.evidence import evidence
from stillwatch.share.objects import Writer, stix_time
from stillwatch.share.views import opinions

COUNTING_RULE = (
    "An account is a billing account of the log; an exchange is one request and its answer that is attributed to the finding. "
    "Low and high bound what it may be."
)
TECHNIQUE_CONFIDENCE = 50
"""A signal that speaks to a technique does not prove it, and innocents show most of them."""
MOST_OBSERVED = 999_999_999
WHAT = {
    "distillation": "Accounts that act together and draw a language model's outputs, as one does to train another model.",
    "relay": "Accounts through which requests of many unrelated people run. A breach of access rules perhaps, and no distillation.",
    "coordinated": "Accounts that act together. Nothing says that they build a training set.",
}
GOALS = {
    "distillation": "Draw a model's outputs to train another model",
    "relay": "Pass the requests of others to a model",
    "coordinated": "Not known",
}
MANY_ACCOUNTS = 1000
"""So many take an organisation to run."""
NOT_CLAIMED = (
    "Not claimed: that any model was trained on the answers, who runs the accounts, or that every account belongs. "
    "What was found is a lead for a person with evidence of their own, and never a reason to act by itself. "
    "Customers whose requests run through the accounts are victims, not actors."
)


def finding_objects(finding: SharedFinding, catalogue: Catalogue, writer: Writer) -> list[dict[str, Any]]:
    """All that is told of a finding."""
    cluster = _cluster(finding, writer)
    user, core = cluster, [cluster]
    if finding.verdict == "distillation":
        user = _campaign(finding, writer)
        core += [user, *_campaign_relations(finding, user, cluster, writer)]
    pool = _infrastructure(finding, user, writer)
    subject = pool[0] if finding.verdict == "relay" else user
    core += [*pool, *_uses(finding, user, catalogue, writer), *_actors(finding, cluster, writer)]
    seen = evidence(finding, subject["id"], _sure(finding), writer)
    core += [*seen, *_network(finding, core, seen, writer), _sighting(finding, subject, writer)]
    core += opinions(finding, subject, cluster, writer)
    return [*core, *_around(finding, core, writer)]


def _sure(finding: SharedFinding) -> int:
    told = (
        finding.one_party * finding.training_set if finding.verdict == "distillation" else finding.one_party
    )
    return stix_confidence(told)


def _cluster(finding: SharedFinding, writer: Writer) -> dict[str, Any]:
    is_harvest = finding.verdict == "distillation"
    return writer.domain(
        "intrusion-set",
        finding.reference,
        since=finding.first_seen,
        name=finding.name,
        description=WHAT[finding.verdict],
        first_seen=stix_time(finding.first_seen),
        last_seen=stix_time(finding.last_seen),
        aliases=list(finding.aliases),
        goals=[GOALS[finding.verdict]],
        resource_level="organization" if finding.accounts.best >= MANY_ACCOUNTS else "team",
        primary_motivation="organizational-gain" if is_harvest else None,
        confidence=stix_confidence(finding.one_party),
    )


def _campaign(finding: SharedFinding, writer: Writer) -> dict[str, Any]:
    extension = {
        "extension_type": "property-extension",
        "one_party_probability": round(finding.one_party, 6),
        "training_set_probability": round(finding.training_set, 6),
        "accounts": vars(finding.accounts),
        "exchanges": vars(finding.exchanges),
        "counting_rule": COUNTING_RULE,
        "capabilities": [vars(c) for c in finding.capabilities],
        "models": list(finding.models),
        "access_paths": list(finding.channels),
        "techniques": list(finding.techniques),
        "detector": f"stillwatch {writer.shared.version}",
        "simulated": writer.shared.simulated,
    }
    return writer.domain(
        "campaign",
        finding.reference,
        since=finding.first_seen,
        name=finding.name,
        aliases=list(finding.aliases),
        description=WHAT[finding.verdict],
        objective="Build a training set from a language model's outputs",
        first_seen=stix_time(finding.first_seen),
        last_seen=stix_time(finding.last_seen),
        confidence=stix_confidence(finding.training_set),
        extensions={CAMPAIGN_EXTENSION: {n: v for n, v in extension.items() if v != []}},
    )


def _campaign_relations(
    finding: SharedFinding, campaign: dict[str, Any], cluster: dict[str, Any], writer: Writer
) -> list[dict[str, Any]]:
    """By whom, as far as that is known, and against whom."""
    since, one_party = finding.first_seen, stix_confidence(finding.one_party)
    target = writer.producer["id"]
    return [
        writer.relation(campaign["id"], "attributed-to", cluster["id"], since=since, confidence=one_party),
        writer.relation(campaign["id"], "targets", target, since=since, confidence=_sure(finding)),
    ]


def _uses(
    finding: SharedFinding, subject: dict[str, Any], catalogue: Catalogue, writer: Writer
) -> list[dict[str, Any]]:
    known = [technique_id(name, catalogue) for name in finding.techniques]
    return [
        writer.relation(
            subject["id"], "uses", pattern, since=finding.first_seen, confidence=TECHNIQUE_CONFIDENCE
        )
        for pattern in known
        if pattern is not None
    ]


def _infrastructure(finding: SharedFinding, subject: dict[str, Any], writer: Writer) -> list[dict[str, Any]]:
    """The pool of accounts as a relay; or the networks of another finding, where they are told."""
    is_relay = finding.verdict == "relay"
    if not is_relay and not any(i.kind == "network" for i in finding.indicators):
        return []
    made = writer.domain(
        "infrastructure",
        finding.reference,
        since=finding.first_seen,
        name=f"{finding.name}: {'relay' if is_relay else 'exits'}",
        description=WHAT["relay"] if is_relay else "Networks that the requests come from.",
        infrastructure_types=["anonymization", "llm-relay"] if is_relay else ["anonymization"],
        aliases=list(finding.aliases) if is_relay else [],
        first_seen=stix_time(finding.first_seen),
        last_seen=stix_time(finding.last_seen),
        confidence=_sure(finding),
    )
    sure = _sure(finding)
    return [
        made,
        writer.relation(subject["id"], "uses", made["id"], since=finding.first_seen, confidence=sure),
    ]


def _network(
    finding: SharedFinding, core: list[dict[str, Any]], seen: list[dict[str, Any]], writer: Writer
) -> list[dict[str, Any]]:
    """What the infrastructure consists of: the ranges that are told."""
    ranges = [o["id"] for o in seen if o["type"] in ("ipv4-addr", "ipv6-addr")]
    wholes = [o["id"] for o in core if o["type"] == "infrastructure"]
    return [
        writer.relation(whole, "consists-of", part, since=finding.first_seen, confidence=_sure(finding))
        for whole in wholes
        for part in ranges
    ]


def _actors(finding: SharedFinding, cluster: dict[str, Any], writer: Writer) -> list[dict[str, Any]]:
    """Named organisations, at level L3b only, and as who is affiliated with them; a class or less stands in the note."""
    made: list[dict[str, Any]] = []
    for told in finding.attribution:
        if told.level != "L3b":
            continue
        since, sure = finding.first_seen, stix_confidence(told.probability)
        actor = writer.domain(
            "threat-actor",
            finding.reference,
            told.actor,
            since=since,
            name=f"Operators affiliated with {told.actor}",
            threat_actor_types=["competitor"],
            confidence=sure,
        )
        named = writer.domain(
            "identity", told.actor, since=since, name=told.actor, identity_class="organization"
        )
        made += [actor, named]
        made.append(
            writer.relation(cluster["id"], "attributed-to", actor["id"], since=since, confidence=sure)
        )
        made.append(writer.relation(actor["id"], "attributed-to", named["id"], since=since, confidence=sure))
    return made


def _sighting(finding: SharedFinding, subject: dict[str, Any], writer: Writer) -> dict[str, Any]:
    return writer.domain(
        "sighting",
        finding.reference,
        since=finding.first_seen,
        sighting_of_ref=subject["id"],
        where_sighted_refs=[writer.producer["id"]],
        count=min(MOST_OBSERVED, finding.exchanges.best),
        first_seen=stix_time(finding.first_seen),
        last_seen=stix_time(finding.last_seen),
        confidence=_sure(finding),
    )


def _around(finding: SharedFinding, core: list[dict[str, Any]], writer: Writer) -> list[dict[str, Any]]:
    """A note with what is not claimed, the reason of a retraction, and the report or grouping that holds all together."""
    subjects = [o["id"] for o in core if o["type"] in ("campaign", "intrusion-set")]
    notes = [_note(finding, "What this is, and what not", _words(finding, writer), subjects, writer)]
    if writer.shared.retraction is not None:
        notes.append(_note(finding, "Withdrawn", writer.shared.retraction, subjects, writer))
    everything = list(dict.fromkeys(o["id"] for o in [*core, *notes]))
    if finding.verdict == "distillation":
        whole = writer.domain(
            "report",
            finding.reference,
            since=finding.first_seen,
            name=f"Distillation campaign {finding.name}",
            report_types=["campaign"],
            published=stix_time(writer.shared.made),
            confidence=_sure(finding),
            object_refs=everything,
        )
    else:
        whole = writer.domain(
            "grouping",
            finding.reference,
            since=finding.first_seen,
            name=f"{finding.verdict.capitalize()} accounts {finding.name}",
            context="suspicious-activity",
            object_refs=everything,
        )
    return [*notes, whole]


def _note(
    finding: SharedFinding, abstract: str, content: str, subjects: list[str], writer: Writer
) -> dict[str, Any]:
    made = writer.domain(
        "note",
        finding.reference,
        abstract,
        since=finding.first_seen,
        abstract=abstract,
        content=content,
        object_refs=subjects,
    )
    return {name: value for name, value in made.items() if name != "revoked"}


def _words(finding: SharedFinding, writer: Writer) -> str:
    simulated = "Simulated traffic: nobody named here exists. " if writer.shared.simulated else ""
    classes = [f"{a.actor} ({a.level}, {likelihood_word(a.probability)})" for a in finding.attribution]
    return (
        f"{simulated}That the accounts act for one party is {likelihood_word(finding.one_party)}; that their traffic builds a "
        f"training set is {likelihood_word(finding.training_set)}. Who it is: {', '.join(classes) or 'unknown'}. {NOT_CLAIMED}"
    )
