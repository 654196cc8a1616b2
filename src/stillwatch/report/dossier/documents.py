"""A pack → the documents of its dossier by name: a pure function of the pack, but for an operator's own templates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from stillwatch.report.dossier.enforcement import proposals_csv, proposals_json
from stillwatch.report.dossier.machine import machine
from stillwatch.report.dossier.markdown import markdown
from stillwatch.report.dossier.packed import pack_of
from stillwatch.report.dossier.page import Page
from stillwatch.report.dossier.paper import paper
from stillwatch.report.dossier.telling import whole

Kind = Literal["html", "pdf", "md", "json", "zip"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def documents(
    files: Mapping[str, bytes], kinds: frozenset[Kind], templates: Path | None = None
) -> dict[str, bytes]:
    """The documents that the files of a pack make, in the kinds asked for; proposals are always among them."""
    told, digest = whole(pack_of(files)), pack_digest(files)
    page = Page(told, digest, templates)
    made = {
        "proposals.csv": proposals_csv(told.pack, told.members, told.chosen),
        "proposals.json": proposals_json(told.pack, told.options, told.members, told.chosen),
    }
    if "json" in kinds:
        made["dossier.json"] = machine(told, digest)
    if "md" in kinds:
        made["dossier.md"] = markdown(page)
    if "html" in kinds:
        made |= {"dossier.html": page.full(), "one-page.html": page.one_page()}
    written = {name: text.encode("utf-8") for name, text in made.items()}
    if "pdf" in kinds:
        name = f"{told.pack.campaign.campaign_id} {digest}"
        written |= {
            "dossier.pdf": paper(page.full(), name),
            "one-page.pdf": paper(page.one_page(), f"{name} 1"),
        }
    return written


def pack_digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the names and digests of a pack's files, in order of the names."""
    found = hashlib.sha256()
    for name in sorted(files):
        found.update(f"{name} {hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return found.hexdigest()
