"""A layer for the ATLAS Navigator: which techniques the findings show.

ATLAS has no place for techniques of our own, so each stands in the comment of the ATLAS technique that it maps to. A score is
the number of findings that show it. The layer has the version that ATLAS' own layers have, which newer Navigators convert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stillwatch.model.catalogue import catalogue
from stillwatch.model.shared import Handling, Shared
from stillwatch.share._base import Export, json_bytes
from stillwatch.share.blind import Blind

VERSIONS = {"layer": "4.3", "navigator": "4.6.4"}
DOMAIN = "atlas-atlas"
COLOURS = ["#fff7dd", "#d9803a"]


def render(shared: Shared, blind: Blind) -> bytes:  # noqa: ARG001  a layer has no identifiers
    """The techniques of all findings as one layer."""
    shown: dict[str, set[str]] = {}
    for finding in shared.findings:
        for technique in finding.techniques:
            shown.setdefault(technique, set()).add(finding.name)
    title = "Findings" if shared.retraction is None else "Withdrawn findings"
    return json_bytes(_layer(f"{title} of {shared.producer.name}", shown, _about(shared), shared.handling))


def catalogue_layer() -> bytes:
    """The whole catalogue as a layer."""
    known = catalogue()
    about = f"The stillwatch catalogue of techniques, version {known.version}."
    handling = Handling("clear", 0, "Public catalogue: use, quote and correct it freely.")
    return json_bytes(
        _layer("stillwatch catalogue", {t.id: {"catalogue"} for t in known.techniques}, about, handling)
    )


def _about(shared: Shared) -> str:
    simulated = "Simulated traffic: nobody named here exists. " if shared.simulated else ""
    withdrawn = "" if shared.retraction is None else f" Withdrawn: {shared.retraction}"
    names = ", ".join(f"{f.name} ({f.verdict})" for f in shared.findings) or "none"
    return (
        f"{simulated}Findings: {names}. A signal that speaks to a technique does not prove it, and innocents show most of "
        f"them.{withdrawn}"
    )


def _layer(name: str, shown: Mapping[str, set[str]], about: str, handling: Handling) -> dict[str, Any]:
    techniques = _techniques(shown)
    return {
        "versions": VERSIONS,
        "domain": DOMAIN,
        "name": name,
        "description": about,
        "sorting": 3,
        "techniques": techniques,
        "gradient": {
            "colors": COLOURS,
            "minValue": 0,
            "maxValue": max([1, *(t["score"] for t in techniques if "score" in t)]),
        },
        "legendItems": [{"label": "Shown by findings", "color": COLOURS[1]}],
        "metadata": [
            {"name": "TLP", "value": f"TLP:{handling.tlp.upper()}"},
            {"name": "Tier", "value": str(handling.tier)},
            {"name": "Permitted", "value": handling.permitted},
        ],
    }


def _techniques(shown: Mapping[str, set[str]]) -> list[dict[str, Any]]:
    known = catalogue()
    findings: dict[str, set[str]] = {}
    ours: dict[str, list[str]] = {}
    for technique, names in shown.items():
        mine = known.of(technique)
        for atlas in mine.atlas if mine is not None else (technique,):
            findings.setdefault(atlas, set()).update(names)
            if mine is not None:
                ours.setdefault(atlas, []).append(f"{mine.id} {mine.name}")
    made = [_technique(atlas, len(findings[atlas]), ours.get(atlas, ())) for atlas in sorted(findings)]
    parents = {t.rpartition(".")[0] for t in findings if t.count(".") > 1} - set(findings)
    return [*made, *({"techniqueID": parent, "showSubtechniques": True} for parent in sorted(parents))]


def _technique(atlas: str, score: int, ours: Iterable[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"techniqueID": atlas, "score": score}
    names = sorted(ours)
    return {**made, "comment": "; ".join(names)} if names else made


EXPORT = Export(
    name="navigator",
    suffix=".json",
    description="ATLAS Navigator layer of the techniques shown",
    render=render,
    holds=lambda _: False,
)
