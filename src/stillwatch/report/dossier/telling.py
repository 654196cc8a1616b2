"""A pack → everything its dossier says, as one value: a pure function, so that whoever holds the pack can tell it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stillwatch.errors import InputError
from stillwatch.model.dossier import Dossier, EvidenceLine, Explanation
from stillwatch.model.finding import Lookalike, Manifest, SkippedSignal
from stillwatch.model.pack import Pack
from stillwatch.model.response import Options
from stillwatch.report.build import composed
from stillwatch.report.dossier.annex import Heading, exclusions, headings
from stillwatch.report.dossier.assayed import AssayPart, assay_lines, assay_parts, told_with, without_marked
from stillwatch.report.dossier.attribution import AttributionPart, attributed_of, attribution
from stillwatch.report.dossier.collateral import Sorted
from stillwatch.report.dossier.events import Elsewhere, Event, elsewhere, events, with_layers
from stillwatch.report.dossier.pieces import (
    Line,
    Piece,
    Without,
    held_by_two,
    ledger,
    pieces,
    ties_of,
    without,
)
from stillwatch.report.dossier.responses import Chosen, options
from stillwatch.report.dossier.sweep import SweepRow, breadth, rows, worth
from stillwatch.report.members import membership
from stillwatch.report.shown import shown

NEUTRAL = {"Authorised distillation": "Use under an agreement"}
"""What is no finding of distillation is not told with its word, not even to rule it out."""


@dataclass(frozen=True, eq=False)
class Whole:
    """All that a dossier says of one campaign, before anything is drawn."""

    pack: Pack
    run: Manifest
    dossier: Dossier
    events: tuple[Event, ...]
    pieces: tuple[Piece, ...]
    ledger: tuple[Line, ...]
    without: tuple[Without, ...]
    held_by_two: tuple[int, int]
    sweep: tuple[SweepRow, ...]
    breadth: float | None
    worth: tuple[EvidenceLine, ...]
    attribution: AttributionPart
    options: Options
    members: Sorted
    chosen: tuple[Chosen, ...]
    annex: tuple[Heading, ...]
    exclusions: Mapping[str, str]
    assays: tuple[AssayPart, ...]


def whole(pack: Pack) -> Whole:
    """Everything there is to say of a pack's campaign."""
    run, who = manifest(pack.run), attributed_of(pack)
    beside = elsewhere(who)
    assays = assay_parts(pack.record.assays)
    dossier = told_with(_dossier(pack, run, beside), assays)
    found = pieces(dossier.weights)
    claims = ledger(dossier, found, who)
    happened = events(dossier.timeline, pack.log, beside)
    told, members, chosen = options(pack, dossier)
    has_annex = pack.record.has_hr8283 and pack.campaign.verdict == "distillation"
    return Whole(
        pack=pack,
        run=run,
        dossier=dossier,
        events=happened,
        pieces=found,
        ledger=(*claims, *assay_lines(assays, len(claims) + 1)),
        without=without(dossier, pack.evidence, pack.members),
        held_by_two=held_by_two(pack.evidence, pack.members),
        sweep=rows(pack.campaign, pack.extent),
        breadth=breadth(pack.campaign),
        worth=worth(dossier),
        attribution=without_marked(attribution(who, dossier, pack), assays),
        options=told,
        members=members,
        chosen=chosen,
        annex=headings(pack, found, happened) if has_annex else (),
        exclusions=exclusions(pack, members) if has_annex else {},
        assays=assays,
    )


def _dossier(pack: Pack, run: Manifest, beside: Sequence[Elsewhere]) -> Dossier:
    told = replace(
        pack.told,
        timeline=with_layers(pack.told.timeline, pack.log, beside),
        lookalikes=_named_fairly(pack),
    )
    is_harvest = pack.campaign.verdict == "distillation"
    ties = ties_of(pack.evidence, pack.campaign.campaign_id)
    examples = pack.log.examples if pack.log else ()
    tried = tuple(Lookalike(x.name, x.is_consistent, x.reason) for x in told.lookalikes)
    made = composed(
        replace(pack.campaign, lookalikes=tried),
        run,
        told,
        evidence=pack.evidence,
        members=membership(pack.members, ties, run.confirmed),
        beside=tuple(s for s in pack.beside_innocents if is_harvest or "distillation" not in s),
    )
    return replace(made, examples=tuple(shown(text, 2_000) for text in examples))


def _named_fairly(pack: Pack) -> tuple[Explanation, ...]:
    if pack.campaign.verdict == "distillation":
        return pack.told.lookalikes
    return tuple(replace(x, name=NEUTRAL.get(x.name, x.name)) for x in pack.told.lookalikes)


def manifest(run: Mapping[str, Any]) -> Manifest:
    """The run of a `findings.json` as the value it was written from."""
    try:
        counts, window = run["counts"], run["input_window"]
        return Manifest(
            version=str(run["version"]),
            contract_version=str(run["contract_version"]),
            seed=int(run["seed"]),
            false_alarm_budget=float(run["false_alarm_budget"]),
            window_start=window["start"],
            window_end=window["end"],
            rows_read=int(counts["read"]),
            rows_scanned=int(counts["scanned"]),
            rows_rejected=int(counts["rejected"]),
            unknown_columns=dict(run["unknown_columns"]),
            accounts=int(counts["accounts"]),
            simulated=bool(run["simulated"]),
            inputs=dict(run["inputs"]),
            signals_computed=tuple(run["signals_computed"]),
            signals_skipped=tuple(SkippedSignal(s["signal"], s["reason"]) for s in run["signals_skipped"]),
            settings=dict(run["settings"]),
            notes=tuple(run["notes"]),
            excluded=dict(run["excluded"]),
            confirmed=dict(run.get("confirmed", {})),
            accounts_let_out=int(run.get("accounts_let_out", 0)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"`run` of findings.json is of another making: {error!r}. Scan again.") from error
