"""Who could be behind it: what a scan with actors says, or, without, the standing hypotheses as far as the log speaks to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from stillwatch.errors import InputError
from stillwatch.model.attributed import Attributed, Candidate, Gate, Review
from stillwatch.model.dossier import Dossier, Explanation
from stillwatch.model.likelihood import likelihood_word
from stillwatch.model.pack import Pack
from stillwatch.report.attributed import LEVELS
from stillwatch.report.dossier.ladder import gates_of, level_of
from stillwatch.report.shown import shown
from stillwatch.report.wording import likelihood, percent

MOST_ROWS = 40
MOST_CANDIDATES = 8
AGAINST = ("inconsistent", "strongly inconsistent")

STANDING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("H1", "One named organisation gathers answers for a model of its own", ()),
    ("H2", "Another organisation does, through the same relay", ()),
    (
        "H3",
        "A relay carries ordinary people only",
        ("Relay with ordinary users", "Strangers behind one network"),
    ),
    (
        "H4",
        "Somebody evaluates or researches",
        ("Evaluation of public items", "Drift monitor", "Class or hackathon"),
    ),
    (
        "H5",
        "A company runs batches, or many run one program",
        ("Customers of one product", "Users of one agent framework"),
    ),
    ("H6", "It is allowed by an agreement", ("Authorised distillation", "Use under an agreement")),
    ("H7", "Somebody copies another's ways, to be taken for them", ()),
)
NOT_TESTED = {
    "H1": "no actor was compared; the log alone names nobody",
    "H2": "no actor was compared; who else uses the relay does not show in one provider's log",
    "H7": "texts and programs can be copied, and one log cannot tell a copy from its model",
}
MISSING = (
    "metadata that names staff of an organisation",
    "a payment by an organisation, or an entry in a register of companies",
    "the same campaign in another provider's own log",
    "marked answers (canaries) found again outside",
    "the account holders' own explanation, asked and checked",
)


@dataclass(frozen=True)
class HypothesisLine:
    """One standing hypothesis: does it fit, and what says so."""

    code: str
    hypothesis: str
    mark: str
    because: str


@dataclass(frozen=True)
class AttributionPart:
    """All that the dossier says of who is behind it. Rows of the matrix hold a mark for each hypothesis, in order.

    `calendar` holds releases of the actors' own near the campaign: day, actor, product, who says so, and the Admiralty code.
    """

    is_compared: bool
    level: str
    sentences: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]
    gates: tuple[tuple[str, ...], ...]
    hypotheses: tuple[HypothesisLine, ...]
    matrix: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]
    reviews: tuple[str, ...]
    calendar: tuple[tuple[str, ...], ...] = ()


def attributed_of(pack: Pack) -> Attributed | None:
    """What a scan says of actors, if it says anything; of what is no finding of distillation without its word."""
    told = pack.attributed
    if told is None:
        return None
    try:
        return msgspec.convert(
            told if pack.campaign.verdict == "distillation" else _plainly(told), Attributed
        )
    except msgspec.ValidationError as error:
        raise InputError(
            f"findings.json holds `attributed` of another making: {error}. Scan again to replace it."
        ) from error


def attribution(told: Attributed | None, dossier: Dossier, pack: Pack) -> AttributionPart:
    """The part, from what a scan says of actors if it says anything."""
    return _without_profiles(dossier, pack) if told is None else _with_actors(told, dossier)


def _plainly(told: Any) -> Any:
    """The same without the word for what the finding is not."""
    if isinstance(told, str):
        return re.sub("distillation", "harvest", told, flags=re.IGNORECASE)
    if isinstance(told, Mapping):
        return {name: _plainly(value) for name, value in told.items()}
    return [_plainly(value) for value in told] if isinstance(told, (list, tuple)) else told


def _said(dossier: Dossier, level: str) -> tuple[str, ...]:
    """The third judgement, its confidence apart from it, and how far the ladder was climbed."""
    third = next(j for j in dossier.judgements if j.code == "C3")
    return (
        third.likelihood,
        third.confidence,
        f"The highest level whose conditions all hold is {level}: {LEVELS[level]}.",
    )


def _without_profiles(dossier: Dossier, pack: Pack) -> AttributionPart:
    """What is left to say: the finding's own hypotheses, if it has any, and the standing ones beside what was tried."""
    tried = {x.name: x for x in dossier.lookalikes}
    found = gates_of(pack)
    unknown = "No profiles of actors were compared with this finding, so nothing above L2 can hold."
    return AttributionPart(
        is_compared=False,
        level=level_of(found),
        sentences=(*_said(dossier, level_of(found)), unknown),
        candidates=tuple(
            (h.actor, h.meaning, _likely(h.probability), "not told", "not told", "not told")
            for h in dossier.hypotheses
        ),
        gates=tuple(map(_gate, found)),
        hypotheses=tuple(
            _line(code, text, [tried[n] for n in names if n in tried]) for code, text, names in STANDING
        ),
        matrix=(),
        missing=MISSING,
        reviews=(),
    )


def _line(code: str, text: str, tried: Sequence[Explanation]) -> HypothesisLine:
    if code in NOT_TESTED or not tried:
        return HypothesisLine(
            code, text, "not tested", NOT_TESTED.get(code, "nothing in the log speaks to it")
        )
    fits = [x for x in tried if x.is_consistent]
    named = fits or tried
    because = "; ".join(f"{x.name.lower()}: {x.reason}" for x in named)
    return HypothesisLine(code, text, "still fits" if fits else "does not fit", shown(because, 400))


def _with_actors(told: Attributed, dossier: Dossier) -> AttributionPart:
    unknown = likelihood(told.unknown, "it is none of the actors that were compared")
    return AttributionPart(
        is_compared=True,
        level=told.level,
        sentences=(*_said(dossier, told.level), unknown),
        candidates=tuple(map(_candidate, told.candidates[:MOST_CANDIDATES])),
        gates=tuple(map(_gate, told.gates[:MOST_ROWS])),
        hypotheses=tuple(
            HypothesisLine(
                shown(r.code, 8),
                shown(r.hypothesis, 160),
                f"{r.inconsistencies} against",
                _against(told, r.code),
            )
            for r in told.ranked[:MOST_ROWS]
        ),
        matrix=tuple(
            (shown(row.evidence, 160), *(shown(mark, 24) for mark in row.marks))
            for row in told.matrix[:MOST_ROWS]
        ),
        missing=tuple(shown(text, 200) for text in told.missing[:MOST_ROWS]),
        reviews=tuple(_reviews(told.reviews)),
        calendar=tuple(
            (
                r.day.isoformat(),
                shown(r.actor, 80),
                shown(r.product, 80),
                shown(r.source, 80),
                shown(r.code, 4),
            )
            for r in told.calendar[:MOST_ROWS]
        ),
    )


def _against(told: Attributed, code: str) -> str:
    """What stands against a hypothesis, as the matrix has it; what stands most firmly first."""
    at = int(code[1:]) - 1 if code[1:].isdigit() else len(told.matrix)
    marked = [(row.marks[at], row.evidence) for row in told.matrix if at < len(row.marks)]
    found = [evidence for mark in reversed(AGAINST) for mine, evidence in marked if mine == mark]
    return shown("; ".join(found), 400) if found else "nothing that was seen stands against it"


def _gate(gate: Gate) -> tuple[str, ...]:
    return gate.level, shown(gate.asks, 200), "met" if gate.is_met else "not met", shown(gate.found, 200)


def _candidate(candidate: Candidate) -> tuple[str, ...]:
    families = [
        f"{f.family} {f.nats:+.1f}{'' if f.counts else ' (does not count)'}"
        for f in candidate.families
        if any(c.is_shown is not None for c in f.compared)
    ]
    return (
        shown(candidate.actor, 80),
        shown(candidate.actor_class, 40),
        _likely(candidate.probability),
        f"{percent(candidate.low)} to {percent(candidate.high)}",
        f"{percent(candidate.least)} to {percent(candidate.most)}",
        shown("; ".join(families), 200) or "nothing could be compared",
    )


def _likely(probability: float) -> str:
    return f"{likelihood_word(probability)} ({percent(probability)})"


def _reviews(reviews: Sequence[Review]) -> Iterator[str]:
    for review in reviews[:MOST_ROWS]:
        verb = "agrees with" if review.agrees else "disagrees with"
        yield f"{shown(review.reviewer, 60)} {verb} the attribution to {shown(review.actor, 80)}."
