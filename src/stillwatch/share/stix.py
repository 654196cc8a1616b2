"""STIX 2.1 bundles, for threat-intelligence platforms and TAXII servers.

A bundle holds every object and relationship by which a stranger can follow a finding: who shares, the cluster and the
campaign, the techniques (ours in full, those of ATLAS by their own identifiers), what was observed as tokens, the
indicators with the day on which they expire, how sure each relation is, and what is not claimed. Each object carries TLP 2.0
and what a reader may do with it. `--retract` writes the same objects as revoked, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stillwatch.model.catalogue import Catalogue, catalogue
from stillwatch.model.shared import Shared
from stillwatch.share._base import Export, json_bytes
from stillwatch.share.blind import Blind
from stillwatch.share.definitions import (
    attack_pattern,
    catalogue_objects,
    courses_of_action,
    definitions,
    project,
)
from stillwatch.share.finding import finding_objects
from stillwatch.share.marking import refuse_unmarked
from stillwatch.share.objects import Writer


def render(shared: Shared, blind: Blind) -> bytes:
    """The findings as one bundle."""
    known, writer = catalogue(), Writer(shared, blind)
    told = [o for finding in shared.findings for o in finding_objects(finding, known, writer)]
    objects = [
        *project(known),
        *definitions(known),
        *writer.markings,
        writer.producer,
        *_techniques(shared, known),
        *told,
    ]
    return bundle_bytes(objects, blind)


def catalogue_bytes() -> bytes:
    """The catalogue of techniques as one bundle, the same whoever writes it."""
    objects = _once(catalogue_objects(catalogue()))
    refuse_unmarked(objects)
    return json_bytes(
        {"type": "bundle", "id": "bundle--6a0f4a53-1f1c-4f8e-9b0a-0c2b5d3f7e11", "objects": objects}
    )


def bundle_bytes(objects: Iterable[dict[str, Any]], blind: Blind) -> bytes:
    """Objects as a bundle, each once, in order of type and identifier; an unmarked one is refused."""
    ordered = _once(objects)
    refuse_unmarked(ordered)
    identifier = blind.identifier("bundle", json_bytes(ordered).decode("ascii"))
    return json_bytes({"type": "bundle", "id": identifier, "objects": ordered})


def _once(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted({told["id"]: told for told in objects}.values(), key=lambda told: str(told["id"]))


def _techniques(shared: Shared, known: Catalogue) -> list[dict[str, Any]]:
    """Our techniques that findings show, and what can be done about them."""
    used = {name for finding in shared.findings for name in finding.techniques}
    patterns = [attack_pattern(t, known) for t in known.techniques if t.id in used]
    ids = {pattern["id"] for pattern in patterns}
    actions = courses_of_action(known)
    helps = [o for o in actions if o.get("target_ref") in ids]
    sources = {o["source_ref"] for o in helps}
    return [*patterns, *helps, *(o for o in actions if o["id"] in sources)]


EXPORT = Export(
    name="stix",
    suffix=".json",
    description="STIX 2.1 bundle, for threat-intelligence platforms and TAXII servers",
    render=render,
)
