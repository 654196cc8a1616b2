"""The standing hypotheses H1 to H7 beside the evidence: ranked by what is inconsistent with them, not by what fits.

Almost any evidence fits several hypotheses. What tells them apart is what one of them cannot explain (Heuer, 1999).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from stillwatch.attribute.ladder import LIKELY, Standing, hard_to_fake, speaking
from stillwatch.attribute.rivals import BANDS
from stillwatch.model.attributed import Candidate, Mark, Ranked, Row
from stillwatch.model.corroborated import Admiralty

HYPOTHESES = (
    ("H1", "distillation by {actor}"),
    ("H2", "distillation by another organisation, perhaps through the same relay"),
    ("H3", "a relay with ordinary users only"),
    ("H4", "evaluation or research"),
    ("H5", "batch work of an enterprise"),
    ("H6", "authorised distillation"),
    ("H7", "framing: somebody plants the marks of {actor}"),
)
_MARKS: dict[str, Mark] = {
    "c": "consistent",
    "n": "neutral",
    "i": "inconsistent",
    "I": "strongly inconsistent",
}
_WEIGHT: dict[Mark, int] = {"consistent": 0, "neutral": 0, "inconsistent": 1, "strongly inconsistent": 2}
VERY_LIKELY = BANDS[5]
OBSERVED: Admiralty = "B2"
NOTICED_NATS = 0.3
"""What is missing by less is not worth a row."""
EVALUATIONS = ("benchmark", "evaluat", "research", "academic", "red team")
BATCHES = ("batch", "enterprise", "company", "agency")


def matrix(standing: Standing) -> tuple[Row, ...]:
    """Every piece of evidence with a mark for each hypothesis."""
    return tuple(Row(text, tuple(_MARKS[m] for m in marks)) for text, marks in _rows(standing))


NAMING = frozenset({"H1", "H2", "H7"})
"""Where nothing sets them apart, an explanation that accuses somebody stands behind those that do not."""
NOBODY = "an actor who is known"


def ranked(rows: Sequence[Row], best: Candidate | None) -> tuple[Ranked, ...]:
    """The hypotheses, the least inconsistent first."""
    against = inconsistencies(rows)
    found = [Ranked(code, text.format(actor=_called(best)), against[code]) for code, text in HYPOTHESES]
    return tuple(sorted(found, key=lambda r: (r.inconsistencies, r.code in NAMING, r.code)))


def _called(best: Candidate | None) -> str:
    """Whom the hypotheses speak of: below *likely* the likeliest is told beside them, and is not their subject."""
    if best is None:
        return NOBODY
    if best.probability >= LIKELY:
        return best.actor
    return f"an actor of the file (the best is {best.actor}, {100 * best.probability:.1f} %)"


def inconsistencies(rows: Sequence[Row]) -> Mapping[str, int]:
    """How much stands against each hypothesis."""
    return {code: sum(_WEIGHT[row.marks[at]] for row in rows) for at, (code, _) in enumerate(HYPOTHESES)}


def missing(best: Candidate | None, sighted: AbstractSet[Admiralty] = frozenset()) -> tuple[str, ...]:
    """Evidence that would tell the hypotheses apart and was not seen."""
    shown = set(speaking(best)) if best else set()
    wanted = {
        "payment": "payment by an instrument of the organisation's own",
        "staff": "accounts under confirmed addresses of its staff",
    }
    return (
        *(text for family, text in wanted.items() if family not in shown),
        *(() if OBSERVED in sighted else ("a sighting by another provider from its own logs",)),
        "code, or a model, that shows what became of the answers",
    )


def _rows(standing: Standing) -> Iterator[tuple[str, str]]:
    """Evidence and marks for H1 to H7: c consistent, n neutral, i inconsistent, I strongly so."""
    campaign, best = standing.suspect.campaign, standing.best
    if campaign.distillation.probability >= VERY_LIKELY:
        yield "the joint traffic plainly builds a training set", "ccIIIcn"
    elif campaign.distillation.probability >= LIKELY:
        yield "the joint traffic builds a training set", "cciiicn"
    else:
        yield "the joint traffic is not known to build a training set", "iiccccn"
    if campaign.coordination.probability >= LIKELY:
        yield "the accounts act for one party", "cccccnc"
    yield (
        ("some of its accounts hold an agreement", "iinnncn")
        if standing.suspect.has_agreement
        else ("no agreement on file covers it", "ccccnIc")
    )
    if OBSERVED in standing.suspect.sighted:
        yield "another provider saw a harvest that asks the same, in its own traffic (B2)", "cciiinn"
    elif standing.suspect.sighted:
        yield "another provider says that it saw the same, and tells no observation (C3)", "ccnnnnn"
    yield from _lookalikes(standing)
    if best is not None:
        yield from _of_actor(best)


def _lookalikes(standing: Standing) -> Iterator[tuple[str, str]]:
    for words, column, told in ((EVALUATIONS, 3, "evaluation"), (BATCHES, 4, "batch work")):
        mine = [x for x in standing.suspect.campaign.lookalikes if any(w in x.name.lower() for w in words)]
        if mine:
            fits = any(x.consistent for x in mine)
            marks = ["n"] * len(HYPOTHESES)
            marks[column] = "c" if fits else "i"
            yield f"it {'could pass for' if fits else 'does not look like'} {told}", "".join(marks)


def _of_actor(best: Candidate) -> Iterator[tuple[str, str]]:
    hard = hard_to_fake(best)
    yield from _nothing_shown(best)
    for family in best.families:
        fits = [c for c in family.compared if c.is_shown]
        if family.family in hard:
            yield f"{family.family}: it fits, and is hard to fake", "cIiniiI"
        elif family.counts and fits:
            yield f"{family.family}: it fits, and can be copied", "cicnnnc"
        elif fits:
            yield f"{family.family}: it fits, and says little ({family.why})", "ccccccc"
        elif family.counts and family.nats <= -NOTICED_NATS:
            yield f"{family.family}: it does not fit what is said of {best.actor}", "icccccn"
    if speaking(best) and not hard:
        yield "nothing that is hard to fake fits, only what can be copied", "icnnnnc"


def _nothing_shown(best: Candidate) -> Iterator[tuple[str, str]]:
    """Who shows no mark of an actor was not framed as that actor: marks are planted to be seen."""
    found = [c.is_shown for family in best.families for c in family.compared]
    if any(found):
        return
    if all(is_shown is None for is_shown in found):
        yield f"nothing of what is said of {best.actor} could be seen in this log", "nnnnnni"
    else:
        yield f"nothing that is said of {best.actor} shows", "icccccI"
