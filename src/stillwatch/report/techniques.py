"""Public names of techniques: the stillwatch catalogue (SWT) and MITRE ATLAS (AML)."""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.model.catalogue import catalogue
from stillwatch.model.dossier import Technique
from stillwatch.report.shown import shown
from stillwatch.report.wording import listed

SWT: Mapping[str, str] = {t.id.removeprefix("SWT-"): t.name for t in catalogue().techniques}
"""Names of the stillwatch catalogue, by id without the prefix that all share."""

WITHOUT_SIGNAL: Mapping[str, str] = {
    t.id.removeprefix("SWT-"): t.no_signal for t in catalogue().techniques if t.no_signal is not None
}
"""Techniques of the stillwatch catalogue that no signal measures, and why not."""

ATLAS: Mapping[str, str] = {t.id: t.name for t in catalogue().atlas}


def technique(technique_id: str) -> Technique:
    """The technique of that id; one that no catalogue of ours holds keeps its id and has no name."""
    known = SWT.get(technique_id.removeprefix("SWT-")) if technique_id.startswith("SWT-") else None
    catalogue = "MITRE ATLAS" if technique_id.startswith("AML.") else "stillwatch catalogue"
    name = known or ATLAS.get(technique_id) or "not in the catalogues known to this version"
    return Technique(shown(technique_id, 40), name, catalogue)


def out_of_sight() -> str:
    """The techniques that no scan can tell, for people."""
    return f"{listed([SWT[code].lower() for code in WITHOUT_SIGNAL])}: no log shows them."
