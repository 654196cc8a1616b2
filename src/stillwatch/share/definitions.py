"""Our extension of STIX 2.1: the two definitions, and the catalogue of techniques as STIX objects.

They are the same whoever writes them, so their identifiers come from public names. They are TLP:CLEAR: nobody's secret.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Any
from uuid import UUID

from stillwatch.model.catalogue import AtlasTechnique, Catalogue, CatalogueTechnique
from stillwatch.share.marking import TLP_IDS, tlp_marking

CAMPAIGN_EXTENSION = "extension-definition--5f1c8c0e-2f0b-4f61-9a0b-7d7e1c1f3a52"
OBSERVABLE_EXTENSION = "extension-definition--c0a4d2f7-6f5e-4b0c-8d0e-3b9a57e1d8c4"
SCHEMAS = {
    CAMPAIGN_EXTENSION: "distillation-campaign-1.json",
    OBSERVABLE_EXTENSION: "llm-observables-1.json",
}
KILL_CHAIN = "mitre-atlas"
USE = "Public catalogue: use, quote and correct it freely."


def public_id(stix_type: str, name: str) -> str:
    """The identifier of something that has a public name: the same for everybody."""
    digest = hashlib.sha256(f"stillwatch/{stix_type}/{name}".encode()).digest()
    return f"{stix_type}--{UUID(bytes=digest[:16], version=4)}"


PROJECT = public_id("identity", "stillwatch")
USE_MARKING = public_id("marking-definition", "catalogue")
MARKS = [TLP_IDS["clear"], USE_MARKING]


def schema_text(extension: str) -> str:
    """The published JSON schema of one of our extensions."""
    return (resources.files(__package__) / "data" / SCHEMAS[extension]).read_text("utf-8")


def project(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Who publishes catalogue and extension, and how it may be used."""
    return [
        tlp_marking("clear"),
        {
            **_head("identity", "stillwatch", catalogue),
            "name": "The stillwatch project",
            "identity_class": "organization",
            "object_marking_refs": MARKS,
        },
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": USE_MARKING,
            "created": catalogue.released,
            "definition_type": "statement",
            "definition": {"statement": USE},
        },
    ]


def definitions(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The extension definitions; each carries its JSON schema, so that a bundle explains itself."""
    told = {
        CAMPAIGN_EXTENSION: (
            "Distillation campaign",
            "property-extension",
            "Volume, accounts and capabilities of a campaign that draws a language model's outputs to train another.",
        ),
        OBSERVABLE_EXTENSION: (
            "Observables of language-model traffic",
            "new-sco",
            "Texts, programs and other traits of requests to a language model, as tokens that do not give them away.",
        ),
    }
    return [
        {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": extension,
            "created": catalogue.released,
            "modified": catalogue.released,
            "created_by_ref": PROJECT,
            "name": name,
            "description": description,
            "schema": json.dumps(json.loads(schema_text(extension)), sort_keys=True, separators=(",", ":")),
            "version": "1.0.0",
            "extension_types": [kind],
            "object_marking_refs": MARKS,
        }
        for extension, (name, kind, description) in told.items()
    ]


def technique_id(technique: str, catalogue: Catalogue) -> str | None:
    """The STIX identifier of a technique: ours, or the one that ATLAS gave it."""
    if catalogue.of(technique) is not None:
        return public_id("attack-pattern", technique)
    atlas = catalogue.atlas_of(technique)
    return atlas.stix_id if atlas is not None else None


def attack_pattern(technique: CatalogueTechnique, catalogue: Catalogue) -> dict[str, Any]:
    """One of our techniques; what ATLAS, ATT&CK and OWASP call it stands in its references."""
    return {
        **_head("attack-pattern", technique.id, catalogue),
        "created_by_ref": PROJECT,
        "name": f"{technique.id} {technique.name}",
        "description": (
            f"{technique.description}. Observable: {technique.observable}. Data needed: {technique.data}. "
            f"Innocents who show it: {technique.look_alike}. Basis: {technique.basis}."
        ),
        "kill_chain_phases": _phases(technique, catalogue),
        "external_references": [
            {"source_name": "stillwatch", "external_id": technique.id},
            *({"source_name": KILL_CHAIN, "external_id": a, "url": _atlas_url(a)} for a in technique.atlas),
            *(
                {
                    "source_name": "mitre-attack",
                    "external_id": a,
                    "url": f"https://attack.mitre.org/techniques/{a}",
                }
                for a in technique.attack
            ),
            *({"source_name": "owasp-llm-top-10", "external_id": o} for o in technique.owasp),
        ],
        "object_marking_refs": MARKS,
    }


def courses_of_action(catalogue: Catalogue) -> list[dict[str, Any]]:
    """What can be done, and what it helps against."""
    made: list[dict[str, Any]] = []
    for response in catalogue.responses:
        action = {
            **_head("course-of-action", response.name, catalogue),
            "created_by_ref": PROJECT,
            "name": response.name,
            "description": response.text,
            "object_marking_refs": MARKS,
        }
        made.append(action)
        made += [
            {
                **_head("relationship", f"{response.name} mitigates {technique}", catalogue),
                "created_by_ref": PROJECT,
                "relationship_type": "mitigates",
                "source_ref": action["id"],
                "target_ref": public_id("attack-pattern", technique),
                "object_marking_refs": MARKS,
            }
            for technique in response.mitigates
        ]
    return made


def catalogue_objects(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The whole catalogue as STIX objects."""
    return [
        *project(catalogue),
        *(attack_pattern(technique, catalogue) for technique in catalogue.techniques),
        *courses_of_action(catalogue),
    ]


def _head(stix_type: str, name: str, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "type": stix_type,
        "spec_version": "2.1",
        "id": public_id(stix_type, name),
        "created": catalogue.released,
        "modified": catalogue.released,
    }


def _phases(technique: CatalogueTechnique, catalogue: Catalogue) -> list[dict[str, str]]:
    known: list[AtlasTechnique | None] = [catalogue.atlas_of(a) for a in technique.atlas]
    tactics = dict.fromkeys(atlas.tactic for atlas in known if atlas is not None)
    return [{"kill_chain_name": KILL_CHAIN, "phase_name": tactic} for tactic in tactics]


def _atlas_url(technique: str) -> str:
    return f"https://atlas.mitre.org/techniques/{technique}"
