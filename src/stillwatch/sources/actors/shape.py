"""The shape of an actors file, as types: what JSON Schema publishes and what a file is checked against.

note = "What this file is, and who keeps it."

[[actors]]
name = "actor-a"
class = "commercial lab"                 # or relay, academic, or a word of your own
staff_domains = ["actor-a.example"]      # the short form: all that the actor's own code, source and days cover
source = "earlier case"
reliability = "B2"                       # Admiralty code
expires = 2027-03-31

[[actors.statements]]                    # the long form: one statement, with its own source, code and days
template_sketch = "Solve the task below. Show the full line of thought before the answer."
source = "partner report"
reliability = "C3"
date = 2026-09-10
expires = 2026-12-10
"""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from stillwatch.model.tables import CAPABILITIES

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Code = Annotated[
    str, Meta(pattern="^[A-F][1-6]$", description="Admiralty code: source A to F, what it says 1 to 6.")
]
Number = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Day = Annotated[dt.date, Meta(description="A day, as 2026-09-30.")]
Capability = Annotated[str, Meta(pattern=f"^({'|'.join(CAPABILITIES)})$")]
Hour = Annotated[float, Meta(ge=0, le=24)]


class Stack(Struct, kw_only=True):
    """A client program: every part that is given has to fit."""

    user_agent: Name | None = None
    ja4: Name | None = None
    header_profile: Name | None = None


class Sketch(Struct, kw_only=True):
    """A text that requests are built around, and where it was seen."""

    text: Text
    source: Name | None = None


class Release(Struct, kw_only=True):
    """A product of the actor's own, and the day on which it came out."""

    product: Name
    date: Day


class Hours(Struct, kw_only=True):
    """When the actor's people are at work: local hours, and how far their clock is ahead of UTC."""

    start: Hour
    end: Hour
    utc_offset: Annotated[float, Meta(ge=-12, le=14)] = 0.0


class Said(Struct, kw_only=True):
    """One statement: exactly one of its kinds, and who says so."""

    asn: Number | UnsetType = UNSET
    client_stack: Stack | UnsetType = UNSET
    template_sketch: Text | UnsetType = UNSET
    capability_interest: Capability | UnsetType = UNSET
    staff_domain: Name | UnsetType = UNSET
    card_bin: Number | Name | UnsetType = UNSET
    payment_fingerprint: Name | UnsetType = UNSET
    product_name: Name | UnsetType = UNSET
    release: Release | UnsetType = UNSET
    working_hours: Hours | UnsetType = UNSET
    source: Name
    reliability: Code
    date: Day | None = None
    expires: Day | None = None


class Profile(Struct, kw_only=True, rename={"actor_class": "class"}):
    """One actor: lists of what is known under one source and code, and statements with their own."""

    name: Name
    actor_class: Name = "unknown"
    aliases: list[Name] = []
    note: str = ""
    asns: list[Number] = []
    client_stacks: list[Stack] = []
    template_sketches: list[Sketch] = []
    capability_interests: list[Capability] = []
    staff_domains: list[Name] = []
    card_bins: list[Number | Name] = []
    payment_fingerprints: list[Name] = []
    product_names: list[Name] = []
    release_calendar: list[Release] = []
    working_hours: Hours | None = None
    source: Name | None = None
    reliability: Code | None = None
    date: Day | None = None
    expires: Day | None = None
    statements: list[Said] = []


class ActorsFile(Struct, kw_only=True):
    """All actors of a file."""

    actors: list[Profile]
    note: str = ""


SCHEMA_FILE = "actors-file.schema.json"
"""The shape as it is published: it lies beside this module, in the package."""


def json_schema() -> dict[str, Any]:
    """The shape of an actors file as JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Actors file of stillwatch, version 1",
        **msgspec.json.schema(ActorsFile),
    }


def schema_text() -> str:
    """The published schema."""
    return (resources.files(__package__) / SCHEMA_FILE).read_text("utf-8")
