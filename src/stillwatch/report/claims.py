"""The claim ledger: every sentence with how it is known, what it rests on, and what is not claimed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from stillwatch.model.dossier import Claim, FamilyWeight, Judgement, Membership
from stillwatch.model.finding import Campaign, Interval, Manifest
from stillwatch.report.evidence import purpose_told
from stillwatch.report.judgements import from_people
from stillwatch.report.members import not_belonging
from stillwatch.report.shown import shown
from stillwatch.report.techniques import out_of_sight, pointed_to
from stillwatch.report.wording import count, listed, of, percent, small, to_bits, window

MOST_EVIDENCE_CLAIMS, MOST_TECHNIQUES = 24, 24


def ledger(
    campaign: Campaign,
    weights: Sequence[FamilyWeight],
    judgements: Sequence[Judgement],
    membership: Membership,
) -> tuple[Claim, ...]:
    """All claims about one campaign: observed first, then inferred, then reported by others."""
    return (
        *_observed(campaign),
        *_evidence(weights),
        *_judged(campaign, weights, judgements),
        *_inferred(campaign, membership),
        *_reported(campaign, membership),
    )


def scope(campaign: Campaign, run: Manifest) -> Mapping[str, str]:
    """What was looked at, and by what rules things are counted."""
    return {
        "Window of the log": window(run.window_start, run.window_end),
        "Seen in the window": window(campaign.first_seen, campaign.last_seen),
        "Time zone": "UTC throughout; a day begins at midnight UTC.",
        "An exchange": "One request to a model and its answer, as one row of the log, whatever its status.",
        "An account": "Who is billed for an exchange. One party may hold many.",
        "Accounts": f"{_interval(campaign.accounts)}. The interval comes from the members' probabilities.",
        "Exchanges": f"{_interval(campaign.exchanges)}: those that belong to the finding, not all that its accounts made.",
        "Share of the log": f"{percent(_share(campaign, run))} of the {count(run.rows_scanned)} exchanges scanned.",
        "Gaps": _gaps(run),
        "Techniques out of sight": out_of_sight(),
    }


def not_claimed(campaign: Campaign, membership: Membership) -> tuple[str, ...]:
    """What a reader might take from the dossier, and may not."""
    common = (
        f"That every account listed belongs to it. {not_belonging(membership)}",
        "That any person, country or nationality is behind it. None of these is a weight in any judgement.",
        "That people whose words were passed through these accounts took part. They may be its victims.",
        "That the log holds all of it: what ran through other providers, or before and after the window, is not seen.",
    )
    return (*_of_verdict(campaign), *_of_actor(campaign), *common)


def _of_verdict(campaign: Campaign) -> tuple[str, ...]:
    if campaign.verdict == "distillation":
        return ("That any model was trained on these answers. That needs evidence from the model itself.",)
    if campaign.verdict == "relay":
        return (
            "That the answers are used to train a model. The finding is that access is pooled and passed on.",
            "That the relay's customers know of it or break any rule of their own.",
        )
    return (
        "That the accounts do anything but act together. Many coordinated groups are ordinary organisations.",
    )


def _of_actor(campaign: Campaign) -> tuple[str, ...]:
    if any(a.level == "L3b" for a in campaign.attribution):
        return ("That the management of the organisation named knew or approved of it.",)
    return ("That any named organisation is behind it.",)


def _observed(campaign: Campaign) -> Iterator[Claim]:
    text = f"Exchanges of its members were seen from {window(campaign.first_seen, campaign.last_seen)}."
    yield Claim("observed", text, "exchanges.parquet")
    models = [shown(m, 40) for m in campaign.models]
    channels = [shown(c, 40) for c in campaign.channels]
    yield Claim(
        "observed",
        f"They called {_some(models, 'no named model')} through {_some(channels, 'no named channel')}.",
        "log",
    )


def _evidence(weights: Sequence[FamilyWeight]) -> Iterator[Claim]:
    lines = [(line, weight.family) for weight in weights for line in weight.lines]
    lines.sort(key=lambda pair: (-abs(pair[0].bits), pair[1], pair[0].signal, pair[0].text))
    for line, family in lines[:MOST_EVIDENCE_CLAIMS]:
        basis = f"{family} / {line.signal}: {small(line.value)}, ordinary traffic {small(line.base_rate)}"
        yield Claim("observed", line.text, basis, line.bits)


def _judged(
    campaign: Campaign, weights: Sequence[FamilyWeight], judgements: Sequence[Judgement]
) -> Iterator[Claim]:
    bits = {
        "C1": to_bits(campaign.coordination.log10_bayes_factor),
        "C2": to_bits(campaign.distillation.log10_bayes_factor),
    }
    for judgement in judgements:
        if judgement.probability is not None:
            more = (
                purpose_told(weights, campaign.verdict, bits["C2"], judgement.probability)
                if judgement.code == "C2"
                else None
            )
            text = f"{judgement.likelihood} {more}" if more else judgement.likelihood
            yield Claim("inferred", text, f"judgement {judgement.code}", bits.get(judgement.code))


def _inferred(campaign: Campaign, membership: Membership) -> Iterator[Claim]:
    yield Claim(
        "inferred",
        f"It holds {_interval(campaign.accounts)} accounts.",
        f"{count(membership.members)} memberships",
    )
    yield Claim(
        "inferred", f"It comprises {_interval(campaign.exchanges)} exchanges.", "membership and extraction"
    )
    if math.isfinite(campaign.coordination.q_value):
        text = f"Of findings at least as sure of common control, {percent(campaign.coordination.q_value)} are expected to be false."
        yield Claim("inferred", text, "q-value")
    if campaign.capabilities:
        best = max(campaign.capabilities, key=lambda c: (c.share, c.capability))
        text = f"What is asked for most is {best.capability.replace('_', ' ')} ({percent(best.share)} of these exchanges)."
        yield Claim("inferred", text, "prompt fingerprints")
    if pointed := pointed_to(campaign.techniques[:MOST_TECHNIQUES]):
        yield Claim("inferred", pointed, "measurements listed under techniques")


def _reported(campaign: Campaign, members: Membership) -> Iterator[Claim]:
    if people := from_people(campaign, members):
        yield Claim("reported", people, "casebook")
    for a in (a for a in campaign.attribution if a.level != "L3a"):
        text = f"“{shown(a.actor, 80)}” is described in the file of known actors; the log alone would not name it."
        yield Claim("reported", text, "actors file")
    yield Claim(
        "reported",
        "Agreements on file, plans and sign-up details are taken as the operator recorded them.",
        "accounts table",
    )


def _interval(interval: Interval) -> str:
    return f"{count(interval.best)} (low {count(interval.low)}, high {count(interval.high)})"


def _share(campaign: Campaign, run: Manifest) -> float | None:
    return campaign.exchanges.best / run.rows_scanned if run.rows_scanned else None


def _gaps(run: Manifest) -> str:
    parts = [f"{of(run.rows_rejected, 'row')} rejected"]
    if run.unknown_columns:
        parts.append(f"{of(len(run.unknown_columns), 'unknown column')} kept out")
    parts.append(f"{of(len(run.signals_skipped), 'signal')} not computed")
    return f"{listed(parts)}."


def _some(names: Sequence[str], nothing: str, most: int = 6) -> str:
    more = len(names) - most
    return listed([*names[:most], f"{more} more"] if more > 0 else list(names), nothing=nothing)
