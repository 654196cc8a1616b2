"""Public names of techniques: the stillwatch catalogue (SWT) and MITRE ATLAS (AML)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stillwatch.model.catalogue import catalogue
from stillwatch.model.dossier import Technique
from stillwatch.model.elsewhere import elsewhere, is_weak
from stillwatch.model.finding import Pointer
from stillwatch.report.shown import shown
from stillwatch.report.wording import listed

SWT: Mapping[str, str] = {t.id.removeprefix("SWT-"): t.name for t in catalogue().techniques}
"""Names of the stillwatch catalogue, by id without the prefix that all share."""

WITHOUT_SIGNAL: Mapping[str, str] = {
    t.id.removeprefix("SWT-"): t.no_signal for t in catalogue().techniques if t.no_signal is not None
}
"""Techniques of the stillwatch catalogue that no signal measures, and why not."""

ATLAS: Mapping[str, str] = {t.id: t.name for t in catalogue().atlas}


BY_ITSELF = {
    "AML.T0040": "any call to a model is one",
    "AML.T0024.002": "the finding itself",
}
"""Techniques that no measurement points to."""
NOT_TOLD = "this scan does not tell it"


def technique(technique_id: str, pointers: Sequence[Pointer] = ()) -> Technique:
    """The technique of that id with what points to it; one that no catalogue of ours holds keeps its id and has no name."""
    mine = tuple(replace(p, signal=shown(p.signal, 60)) for p in pointers if p.technique == technique_id)
    known = SWT.get(technique_id.removeprefix("SWT-")) if technique_id.startswith("SWT-") else None
    catalogue = "MITRE ATLAS" if technique_id.startswith("AML.") else "stillwatch catalogue"
    name = known or ATLAS.get(technique_id) or "not in the catalogues known to this version"
    return Technique(
        shown(technique_id, 40),
        name,
        catalogue,
        shown_by=mine,
        because="" if mine else BY_ITSELF.get(technique_id, NOT_TOLD),
        elsewhere=elsewhere().get(technique_id),
        is_weak=is_weak(technique_id),
    )


def pointed_to(techniques: Sequence[str]) -> str | None:
    """What measurements point to, as one claim, with what is common elsewhere called weak; nothing if they point to nothing."""
    found = [t for t in techniques if t not in BY_ITSELF]
    firm, weak = ([shown(t, 40) for t in found if is_weak(t) is common] for common in (False, True))
    if not found:
        return None
    told = f"Measurements point to {listed(firm)}" if firm else "Measurements point to no technique firmly"
    aside = f"; weakly to {listed(weak)}, which other simulated campaigns often seem to show too"
    return f"{told}{aside if weak else ''}."


def out_of_sight() -> str:
    """The techniques that no scan can tell, for people."""
    return f"{listed([SWT[code].lower() for code in WITHOUT_SIGNAL])}: no log shows them."
