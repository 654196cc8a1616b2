"""`stillwatch dossier`: tell one campaign so that a stranger can check it, with proposals for what could be done."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from stillwatch.casebook.door import casebook_room
from stillwatch.cli.scan import existing, existing_file
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import InputError, UsageError
from stillwatch.model.finding import Campaign
from stillwatch.model.pack import Record
from stillwatch.report.build import ordered
from stillwatch.report.dossier.bundled import bundle_of
from stillwatch.report.dossier.documents import KINDS, Kind, documents, pack_digest
from stillwatch.report.dossier.from_log import Examples, Place
from stillwatch.report.dossier.packed import files_of
from stillwatch.report.dossier.paper import is_there
from stillwatch.report.dossier.sealed import digest, sealed
from stillwatch.report.dossier.taken import FindingsFolder
from stillwatch.report.landing import landing, refuse_inside_findings

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
RESULT = "proposals.json"
USUAL = "html,md,json,zip"
MARKINGS = ("clear", "green", "amber", "amber+strict", "red")


@click.command(short_help="Tell one campaign in full: HTML, PDF, Markdown, JSON, a pack to check it by.")
@click.argument("folder", metavar="FINDINGS", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the dossiers: one folder a campaign. An earlier dossier of the same campaign is replaced.",
)
@click.option(
    "--campaign",
    "only",
    multiple=True,
    metavar="ID",
    help="Only this finding; may be repeated. Without: all findings.",
)
@click.option(
    "--formats",
    default=USUAL,
    show_default=True,
    metavar="LIST",
    help=f"Any of {', '.join(KINDS)}, with commas.",
)
@click.option(
    "--log",
    type=existing,
    metavar="PATH",
    help="The log, for releases, blocks, examples and what is on file of accounts.",
)
@click.option(
    "--from", "log_format", metavar="FORMAT", help="Format of the log, if it is not to be recognised."
)
@click.option(
    "--accounts", type=existing_file, help="Table of accounts, where it does not lie beside the log."
)
@click.option("--models", type=existing_file, help="Table of models and their release times, likewise.")
@click.option(
    "--examples", type=click.IntRange(0, 24), default=6, show_default=True, help="How many prompts to show."
)
@click.option(
    "--unmask-prompts", is_flag=True, help="Show the prompts as they were asked, up to 2,000 characters."
)
@click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Your own templates, in place of those with the same name.",
)
@click.option(
    "--casebook",
    metavar="FILE_OR_URL",
    help="Casebook of the scan: reviewers, dissent and changes are taken from it, before those given here.",
)
@click.option(
    "--bundle",
    type=existing_file,
    metavar="FILE",
    help="STIX bundle of the finding, as `stillwatch share --as stix` wrote it, for the pack.",
)
@click.option("--annex", type=click.Choice(["hr8283"]), help="Add the annex on HR8283.")
@click.option("--prepared-by", default="", metavar="NAME", help="Who makes it.")
@click.option(
    "--reviewed-by", "reviewers", multiple=True, metavar="NAME", help="Who reviewed it; may be repeated."
)
@click.option(
    "--dissent", multiple=True, metavar="TEXT", help="Who disagrees, and with what; may be repeated."
)
@click.option(
    "--change",
    "changes",
    multiple=True,
    metavar="TEXT",
    help="What changed since the last version; may be repeated.",
)
@click.option(
    "--custody",
    multiple=True,
    metavar="TEXT",
    help="Who had the evidence in hand, when and how it is kept; may be repeated.",
)
@click.option("--legal-hold", default="", metavar="TEXT", help="Whether and why what it rests on is kept.")
@click.option(
    "--contact", default="", metavar="TEXT", help="Where to ask, to object, and to hear of a retraction."
)
@click.option(
    "--tlp",
    type=click.Choice(MARKINGS),
    default="amber+strict",
    show_default=True,
    help="How far it may go (TLP 2.0).",
)
@click.option(
    "--permitted", metavar="TEXT", help="What a reader may do with it, in place of the usual words."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def dossier(
    folder: Path,
    out: Path,
    only: tuple[str, ...],
    formats: str,
    templates: Path | None,
    *,
    quiet: bool,
    **named: Any,
) -> None:
    """Tell the campaigns of FINDINGS in full, each in a folder of its own, with proposals for enforcement systems.

    FINDINGS is the folder that `stillwatch scan --out` wrote. The dossier proposes; it never acts.
    """
    refuse_inside_findings(out)
    kinds = _kinds(formats)
    findings = FindingsFolder(folder)
    chosen = _chosen(findings, only)
    records = _records(named, chosen)
    place, examples = _place(named), Examples(named["examples"], named["unmask_prompts"])
    made, digests = table("Campaign", "Verdict", "Folder", "Pack"), list[str]()
    for campaign in chosen:
        pack = findings.take(campaign, records[campaign.campaign_id], place, examples)
        pack = replace(pack, bundle=bundle_of(named["bundle"], campaign.campaign_id))
        files = files_of(pack)
        written = documents(files, kinds, templates)
        where = out / campaign.campaign_id
        with landing(where, RESULT) as landed:
            if "zip" in kinds:
                content = sealed(campaign.campaign_id, files, written, _digest_of(templates))
                (landed / "dossier.zip").write_bytes(content)
                digests.append(f"{digest(content)}  {where / 'dossier.zip'}")
            for name, content in written.items():
                (landed / name).write_bytes(content)
        made.add_row(
            text(campaign.campaign_id),
            text(campaign.verdict),
            text(harmless(str(where))),
            text(pack_digest(files)[:16]),
        )
    if not quiet:
        console().print(made)
        for line in digests:
            console().print(text(f"SHA-256 {harmless(line)}"), soft_wrap=True)


def _kinds(formats: str) -> frozenset[Kind]:
    asked = [name.strip() for name in formats.split(",") if name.strip()]
    unknown = [name for name in asked if name not in KINDS]
    if unknown or not asked:
        raise UsageError(
            f"--formats {formats!r} names {', '.join(map(repr, unknown)) or 'nothing'}. Known are {', '.join(KINDS)}."
        )
    if "pdf" in asked:
        is_there()
    return frozenset(kind for kind in KINDS if kind in asked)


def _chosen(findings: FindingsFolder, only: tuple[str, ...]) -> tuple[Campaign, ...]:
    known = {c.campaign_id: c for c in ordered(findings.campaigns)}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UsageError(
            f"{findings.folder} holds no finding {unknown[0]!r}. It holds {', '.join(known) or 'none'}."
        )
    if not known:
        raise UsageError(f"{findings.folder} holds no findings, so there is nothing to tell.")
    unfit = [name for name in known if not SAFE_NAME.fullmatch(name)]
    if unfit:
        raise InputError(f"{findings.folder} holds a finding called {unfit[0][:60]!r}, which no scan writes.")
    return tuple(known[name] for name in only) if only else tuple(known.values())


def _records(named: dict[str, Any], chosen: Sequence[Campaign]) -> Mapping[str, Record]:
    """The record of each campaign: what the casebook holds of it, and then what is given on the command line."""
    given = _record(named)
    if named["casebook"] is None:
        return {campaign.campaign_id: given for campaign in chosen}
    book = casebook_room("store").Casebook(named["casebook"])
    try:
        with book.reading() as connection:
            history = casebook_room("history").history
            held = {c.campaign_id: history(connection, c.campaign_id) for c in chosen}
    finally:
        book.close()
    return {name: _joined(record, given) for name, record in held.items()}


def _joined(held: Record, given: Record) -> Record:
    return replace(
        given,
        reviewers=casebook_room("history").once((*held.reviewers, *given.reviewers)),
        namers=held.namers,
        dissent=(*held.dissent, *given.dissent),
        changes=(*held.changes, *given.changes),
        assays=held.assays,
        log=held.log,
    )


def _record(named: dict[str, Any]) -> Record:
    permitted = {"permitted": named["permitted"]} if named["permitted"] else {}
    return Record(
        prepared_by=named["prepared_by"],
        reviewers=named["reviewers"],
        dissent=named["dissent"],
        changes=named["changes"],
        tlp=named["tlp"],
        contact=named["contact"],
        has_hr8283=named["annex"] == "hr8283",
        custody=named["custody"],
        legal_hold=named["legal_hold"],
        **permitted,
    )


def _place(named: dict[str, Any]) -> Place | None:
    tables = {name: named[name] for name in ("accounts", "models", "log_format") if named[name]}
    if named["log"] is None:
        if tables:
            raise UsageError(
                "--accounts, --models and --from are read together with the log. Name it with --log."
            )
        return None
    return Place(named["log"], **tables)


def _digest_of(templates: Path | None) -> str | None:
    if templates is None:
        return None
    found = hashlib.sha256()
    for file in sorted(templates.rglob("*.jinja")):
        found.update(
            f"{file.relative_to(templates).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
        )
    return found.hexdigest()
