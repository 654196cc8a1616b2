"""The catalogue of techniques, read from `data/techniques.yaml`: the one source of their names, look-alikes and mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

Basis = Literal["reported", "suggested", "inferred"]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class CatalogueTechnique:
    """A way in which campaigns work: what shows it, what data that takes, who else shows it, what others call it.

    `basis` says whether a public source reports it of a campaign; `sources` are tags of `docs/reference/public-record.md`.
    `no_signal` says why no signal measures it, where none does.
    """

    id: str
    name: str
    group: str
    description: str
    observable: str
    data: str
    look_alike: str
    basis: Basis
    atlas: tuple[str, ...]
    owasp: tuple[str, ...]
    attack: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    no_signal: str | None = None


@dataclass(frozen=True)
class AtlasTechnique:
    """A technique of MITRE ATLAS 5.6 that ours refer to; `stix_id` is its own identifier there, where it is known."""

    id: str
    name: str
    tactic: str
    stix_id: str | None = None


@dataclass(frozen=True)
class Response:
    """What a provider can do about some techniques."""

    name: str
    text: str
    mitigates: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """All techniques by id. `released` is when this version of it was made, which is when its STIX objects were."""

    version: int
    released: str
    groups: Mapping[str, str]
    techniques: tuple[CatalogueTechnique, ...]
    atlas: tuple[AtlasTechnique, ...]
    responses: tuple[Response, ...]

    def of(self, technique_id: str) -> CatalogueTechnique | None:
        """Our technique of that id."""
        return next((t for t in self.techniques if t.id == technique_id), None)

    def atlas_of(self, technique_id: str) -> AtlasTechnique | None:
        """The ATLAS technique of that id."""
        return next((t for t in self.atlas if t.id == technique_id), None)


@cache
def catalogue() -> Catalogue:
    """The catalogue of this version."""
    text = (resources.files(__package__) / "data" / "techniques.yaml").read_text("utf-8")
    read: Any = yaml.load(text, Loader=_LOADER)  # noqa: S506  it is one of the safe loaders
    return msgspec.convert(read, Catalogue)
