"""The bill of materials of a student: CycloneDX 1.7, as a machine-learning model whose ancestors are its teacher and what it was before."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from stillwatch.distil.making import Making, Origin
from stillwatch.distil.manifest import as_json, versions

BOM = "bom.cdx.json"
SPEC = "1.7"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://stillwatch.dev/distillation/v1")


def bom(making: Making, files: Mapping[str, str]) -> bytes:
    """The bill, for the files of the folder by SHA-256. Its serial number follows from its content."""
    told: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {
            "timestamp": making.made_at.isoformat(timespec="seconds"),
            "component": _student(making, files),
        },
        "components": [_material(making), *_libraries()],
        "dependencies": [
            {"ref": "student", "dependsOn": ["exchanges", *(f"library/{n}" for n in versions())]}
        ],
    }
    told["serialNumber"] = f"urn:uuid:{uuid.uuid5(_NAMESPACE, as_json(told).decode('ascii'))}"
    return as_json(told)


def _student(making: Making, files: Mapping[str, str]) -> dict[str, Any]:
    recipe = making.recipe
    parameters = {
        "approach": {"type": "supervised"},
        "task": "text-generation",
        "datasets": [{"ref": "exchanges"}],
    }
    return {
        "type": "machine-learning-model",
        "bom-ref": "student",
        "name": making.student,
        "description": f"Distilled from {making.teacher.name} ({recipe.get('way')}), by leave of {making.authorisation.teacher_owner}.",
        "components": [
            {
                "type": "file",
                "bom-ref": f"file/{name}",
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
            for name, digest in files.items()
        ],
        "pedigree": {
            "ancestors": [_ancestor("teacher", making.teacher), _ancestor("base", making.base)],
            "notes": "The teacher gave answers or scores, no weights; the weights began as those of the base.",
        },
        "modelCard": {
            "modelParameters": parameters,
            "considerations": {"useCases": [making.authorisation.purpose]},
            "properties": [
                {"name": f"stillwatch:recipe:{name}", "value": str(value)}
                for name, value in sorted(recipe.items())
            ],
        },
        "properties": [
            {"name": "stillwatch:authorisation:sha256", "value": making.authorisation.digest},
            {"name": "stillwatch:authorisation:consent_sha256", "value": making.authorisation.consent_sha256},
            {"name": "stillwatch:authorisation:expires", "value": making.authorisation.expires.isoformat()},
        ],
    }


def _ancestor(role: str, origin: Origin) -> dict[str, Any]:
    told = {"role": role, "kind": origin.kind, "host": origin.host, "model": origin.model}
    made: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": role,
        "name": origin.name,
        "properties": [
            {"name": f"stillwatch:{name}", "value": value} for name, value in told.items() if value
        ],
    }
    if origin.sha256:
        made["properties"].append({"name": "stillwatch:folder_sha256", "value": origin.sha256})
    return made


def _material(making: Making) -> dict[str, Any]:
    material = making.material
    content: dict[str, Any] = {
        "type": "dataset",
        "name": material.file,
        "classification": "not distributed",
        "description": material.told,
    }
    return {
        "type": "data",
        "bom-ref": "exchanges",
        "name": material.file,
        "hashes": [{"alg": "SHA-256", "content": material.sha256}],
        "data": [content],
    }


def _libraries() -> list[dict[str, Any]]:
    return [
        {"type": "library", "bom-ref": f"library/{name}", "name": name, "version": told}
        for name, told in versions().items()
    ]
