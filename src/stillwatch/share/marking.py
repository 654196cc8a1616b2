"""TLP 2.0 and the permitted action as STIX marking definitions, and the refusal of what carries none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.errors import UsageError
from stillwatch.model.shared import Handling, Tlp

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS: Mapping[Tlp, str] = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""Identifiers that the TLP 2.0 extension of STIX 2.1 fixes for everybody."""
STRICTEST: Sequence[Tlp] = ("red", "amber+strict", "amber", "green", "clear")
UNMARKABLE = frozenset({"marking-definition", "extension-definition", "language-content"})
"""What describes markings and forms, and is nobody's information."""


def tlp_marking(tlp: Tlp) -> dict[str, Any]:
    """The marking definition of that colour, as all the world writes it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp.upper()}",
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp}},
    }


def statement(identifier: str, created: str, handling: Handling) -> dict[str, Any]:
    """What a reader may do with it, as a marking."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": identifier,
        "created": created,
        "definition_type": "statement",
        "definition": {"statement": handling.permitted},
    }


def refuse_unmarked(objects: Sequence[Mapping[str, Any]]) -> None:
    """Refuse an object that does not say how far it may go, or what a reader may do with it: in words that go with it."""
    words = {told.get("id"): _words(told) for told in objects}
    for told in objects:
        if told.get("type") in UNMARKABLE:
            continue
        marks = told.get("object_marking_refs") or ()
        if not set(marks) & set(TLP_IDS.values()):
            raise UsageError(f"{told.get('id')} carries no TLP marking, so it does not leave the house.")
        if not any(words.get(mark) for mark in marks):
            raise UsageError(f"{told.get('id')} says nothing of what a reader may do with it; it stays here.")


def _words(told: Mapping[str, Any]) -> str:
    """What a statement says."""
    definition = told.get("definition")
    said = definition.get("statement") if isinstance(definition, Mapping) else None
    return said.strip() if isinstance(said, str) else ""
