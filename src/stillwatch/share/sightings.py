"""Bundles of others → sightings: what somebody says it saw, checked for form, believed in nothing.

Only indicators are taken: each with the finding that it indicates, the observation it rests on, its marking and its end. An
indicator without a marking, an end, or a pattern that we write ourselves is left out and told. Types that are not known are
passed over and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.model.corroborated import SightedAs
from stillwatch.model.shared import Tlp
from stillwatch.model.sighting import Retraction, Sighting, Told
from stillwatch.share.bundle import Object, Objects
from stillwatch.share.definitions import CAMPAIGN_EXTENSION
from stillwatch.share.marking import STRICTEST, TLP_IDS
from stillwatch.share.objects import SIMULATED

KNOWN = frozenset(
    {
        "attack-pattern",
        "bundle",
        "campaign",
        "course-of-action",
        "extension-definition",
        "grouping",
        "identity",
        "indicator",
        "infrastructure",
        "intrusion-set",
        "ipv4-addr",
        "ipv6-addr",
        "llm-client",
        "llm-template",
        "llm-trait",
        "marking-definition",
        "note",
        "observed-data",
        "opinion",
        "relationship",
        "report",
        "sighting",
        "threat-actor",
        "user-account",
    }
)
AS: Mapping[str, SightedAs] = {
    "campaign": "distillation",
    "infrastructure": "relay",
    "intrusion-set": "coordinated",
}
NAMED_BY_WAY_OF = ("intrusion-set", "threat-actor", "identity")
TLP_OF: Mapping[str, Tlp] = {identifier: tlp for tlp, identifier in TLP_IDS.items()}
MOST_SIGNS = 120
MOST_PARTIES = 10**7
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")
_OURS = re.compile(
    r"\[llm-(?:template|client|trait):signal = '([a-z][a-z0-9_]{0,63})' "
    r"AND llm-(?:template|client|trait):(token|value) = '([A-Za-z0-9 ._/-]{1,120})'\]"
)
_RANGE = re.compile(r"\[ipv[46]-addr:value ISSUBSET '([0-9a-f.:]{2,45}/\d{1,3})'\]")


def sightings(objects: Objects, source: str) -> Told:
    """What a bundle says was seen; `source` is who handed it to us, in our words."""
    reader = _Reader(objects.by_id, source)
    seen = [reader.sighting(o) for o in objects.by_id.values() if o["type"] == "indicator"]
    passed = Counter(o["type"] for o in objects.by_id.values() if o["type"] not in KNOWN)
    return Told(
        sightings=tuple(s for s in seen if s is not None),
        retractions=tuple(reader.retractions),
        problems=(
            *(f"{count} left out: {reason}" for reason, count in objects.left_out.items()),
            *(f"{count} indicators left out: {reason}" for reason, count in sorted(reader.refused.items())),
            *_views(objects.by_id),
            *([f"{passed.total()} objects of types that are not known were passed over"] if passed else []),
        ),
    )


def _views(by_id: Mapping[str, Object]) -> Iterator[str]:
    """What somebody says of what others told, and which opinions it has: told, since it may matter to a person, and not weighed."""
    seen = (o for o in by_id.values() if o["type"] == "sighting")
    answers = [o for o in seen if str(o.get("sighting_of_ref")) not in by_id]
    if answers:
        unseen = sum(o.get("count") == 0 for o in answers)
        yield (
            f"{len(answers)} answers to what others told: {len(answers) - unseen} saw it, {unseen} looked and did not see it; they are not weighed"
        )
    opinions = Counter(name(o.get("opinion"), 20) for o in by_id.values() if o["type"] == "opinion")
    if opinions:
        told = ", ".join(f"{count} {stance}" for stance, count in sorted(opinions.items())[:5])
        yield f"{opinions.total()} opinions ({told}) are not weighed; read them in the bundle"


def of_others(told: Told, own: str) -> Told:
    """What was told without what this house made itself: one's own word that comes back is no evidence."""
    mine = sum(s.maker == own for s in told.sightings)
    said = [f"{mine} sightings are our own that came back, and are left out"] if mine else []
    return Told(
        tuple(s for s in told.sightings if s.maker != own),
        tuple(r for r in told.retractions if r.maker != own),
        (*told.problems, *said),
    )


class _Reader:
    """Looks up what an indicator hangs on; nothing is followed further than one step."""

    def __init__(self, by_id: Mapping[str, Object], source: str) -> None:
        self.by_id = by_id
        self.source = source
        self.refused: Counter[str] = Counter()
        self.retractions: list[Retraction] = []
        self.related: dict[tuple[str, str], str] = {}
        for found in by_id.values():
            if found["type"] == "relationship" and found.get("revoked") is not True:
                key = (str(found.get("source_ref")), str(found.get("relationship_type")))
                self.related.setdefault(key, str(found.get("target_ref")))

    def sighting(self, found: Object) -> Sighting | None:
        maker, modified = found.get("created_by_ref"), found.get("modified")
        if not isinstance(maker, str) or not _is_time(modified):
            self.refused["no maker or no time"] += 1
            return None
        if found.get("revoked") is True:
            self.retractions.append(Retraction(found["id"], maker, self.source, str(modified)))
            return None
        marked = self._marking(found)
        if marked is None:
            self.refused["no TLP marking"] += 1
            return None
        told = _told(found.get("pattern"))
        if told is None:
            self.refused["a pattern that is not ours"] += 1
            return None
        if not _is_time(found.get("valid_until")):
            self.refused["no end"] += 1
            return None
        return self._made(found, told, marked)

    def _made(self, found: Object, told: tuple[str, str, bool], marked: tuple[Tlp, str]) -> Sighting:
        signal, value, is_token = told
        observed = self._at(found["id"], "based-on", "observed-data")
        subject = self.by_id.get(self.related.get((found["id"], "indicates"), ""), {})
        maker = self.by_id.get(found["created_by_ref"], {})
        seen = self.by_id.get(_first(observed.get("object_refs")), {})
        return Sighting(
            sighting_id=found["id"],
            maker=found["created_by_ref"],
            maker_name=name(maker.get("name")),
            source=self.source,
            finding=str(subject.get("id", "")),
            sighted_as=AS.get(str(subject.get("type")), "unknown"),
            signal=signal,
            told=value,
            is_token=is_token,
            key_rules=name(seen.get("key_rules")) if is_token else None,
            parties=_bounded(observed.get("number_observed"), MOST_PARTIES),
            confidence=_bounded(found.get("confidence"), 100),
            admiralty="B2" if observed else "C3",
            first_seen=_time_or_none(observed.get("first_observed")),
            last_seen=_time_or_none(observed.get("last_observed")),
            valid_until=str(found["valid_until"]),
            modified=str(found["modified"]),
            tlp=marked[0],
            permitted=marked[1],
            simulated=_is_simulated(found) or _is_simulated(subject),
            names=self._named(subject),
        )

    def _named(self, subject: Object) -> str:
        """The organisation that a campaign is laid at the door of: by way of its cluster and of who acts for it, and no further."""
        found = subject
        for wanted in NAMED_BY_WAY_OF:
            found = self._at(str(found.get("id", "")), "attributed-to", wanted)
        return name(found.get("name"))

    def _marking(self, found: Object) -> tuple[Tlp, str] | None:
        """The strictest TLP of an object, and the first statement of what a reader may do."""
        marks = found.get("object_marking_refs")
        ids = [m for m in marks if isinstance(m, str)] if isinstance(marks, list) else []
        tlps = {TLP_OF[m] for m in ids if m in TLP_OF}
        if not tlps:
            return None
        statements = (self.by_id.get(m, {}).get("definition") for m in ids)
        said = next((s["statement"] for s in statements if isinstance(s, dict) and "statement" in s), "")
        return next(t for t in STRICTEST if t in tlps), name(said, 400)

    def _at(self, source: str, kind: str, wanted: str) -> Object:
        found = self.by_id.get(self.related.get((source, kind), ""), {})
        return found if found.get("type") == wanted else {}


def name(text: Any, most: int = MOST_SIGNS) -> str:
    """A name that somebody else chose, on one line, bounded, without signs that nobody sees or that open markup."""
    kept = "".join(c if c.isprintable() and c not in "<>&" else " " for c in str(text or "")[: most * 4])
    return " ".join(kept.split())[:most]


def _told(pattern: Any) -> tuple[str, str, bool] | None:
    """Signal, value and whether it is a token, of a pattern that we write ourselves."""
    if not isinstance(pattern, str):
        return None
    if ours := _OURS.fullmatch(pattern):
        return ours[1], ours[3], ours[2] == "token"
    if network := _RANGE.fullmatch(pattern):
        return "shared_prefix", network[1], False
    return None


def _is_simulated(found: Object) -> bool:
    labels, extensions = found.get("labels"), found.get("extensions")
    told = extensions.get(CAMPAIGN_EXTENSION) if isinstance(extensions, dict) else None
    is_labelled = isinstance(labels, list) and SIMULATED in labels
    return is_labelled or (isinstance(told, dict) and told.get("simulated") is True)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _time_or_none(value: Any) -> str | None:
    return str(value) if _is_time(value) else None


def _first(values: Any) -> str:
    return str(values[0]) if isinstance(values, list) and values else ""


def _bounded(value: Any, most: int) -> int:
    return min(most, max(0, value)) if isinstance(value, int) and not isinstance(value, bool) else 0
