"""Assays of a campaign's suspected student, as its dossier tells them: evidence of a family of its own, about a model and about nobody.

It stands beside what the log says and moves none of it: no bit, no judgement, no level of attribution. What two people stand for is told as
found; what nobody reviewed, or somebody disagrees with, is told as what one person recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stillwatch.model.assay import WORDS, AssayReport, TestResult
from stillwatch.model.dossier import Claim, Dossier
from stillwatch.model.recorded import MODEL_FAMILY, RecordedAssay
from stillwatch.report.assayed import stopped_line
from stillwatch.report.dossier.attribution import AttributionPart
from stillwatch.report.dossier.pieces import SOURCE, Line
from stillwatch.report.shown import shown
from stillwatch.report.wording import listed, percent

MOST_ASSAYS, MOST_ROWS = 8, 60
LONGEST = 1_200
FOUND, NOTHING, VOID = "trained on served text", "no finding", "uncalibrated"
TEST_HEAD = (
    "Test",
    "Account set",
    "n",
    "Statistic",
    "p",
    "p after Holm",
    "Smallest p",
    "Power",
    "Null hypothesis",
)
CONTROL_HEAD = ("Control", "Run", "As it must be", "What came out")
POWER_HEAD = ("Test", "Account set", "Student", "Dose", "p", "Power")
MOVES_NOTHING = (
    "It is evidence about a model. No judgement of the traffic and no level of attribution rests on it.",
    "Who runs the model, and by which way a text came there, it does not say.",
)
CLEARS_NOBODY = "This clears nobody: marks can be washed out by rewriting, and a small dose is not found."
SUPPORTS_NOTHING = "Without its controls none of its figures supports anything."
MARKED = "marked answers (canaries) found again outside"


@dataclass(frozen=True)
class AssayPart:
    """One assay in words and tables; rows follow `TEST_HEAD`, `CONTROL_HEAD` and `POWER_HEAD`. `name` is A1, A2 and so on."""

    name: str
    family: str
    suspect: str
    word: str
    counts: bool
    account_sets: tuple[str, ...]
    sentences: tuple[str, ...]
    tests: tuple[tuple[str, ...], ...]
    controls: tuple[tuple[str, ...], ...]
    power: tuple[tuple[str, ...], ...]
    not_said: tuple[str, ...]
    plan_seal: str
    transcripts: str
    entry: int
    recorded: str


def assay_parts(assays: Sequence[RecordedAssay]) -> tuple[AssayPart, ...]:
    """The assays of a record, in their order."""
    return tuple(_part(f"A{at}", assay) for at, assay in enumerate(assays[:MOST_ASSAYS], 1))


def _part(name: str, assay: RecordedAssay) -> AssayPart:
    report = assay.report
    return AssayPart(
        name=name,
        family=MODEL_FAMILY,
        suspect=shown(report.suspect, 80),
        word=report.word,
        counts=assay.counts,
        account_sets=tuple(shown(one, 60) for one in assay.account_sets),
        sentences=tuple(_sentences(assay)),
        tests=tuple(_test(r) for r in report.results[:MOST_ROWS] if r.subject == report.suspect or r.test == "T6"),
        controls=tuple((c.name, _yes(is_so=c.is_there), _yes(is_so=c.is_right), shown(c.told, 200)) for c in report.controls),
        power=tuple(
            (str(d["test"]), shown(str(d["account_set"]), 60), shown(str(d["model"]), 60), f"{float(d['dose']):,.0f}", f"{float(d['p_value']):.2g}", percent(float(d["power"])))
            for d in report.doses[:MOST_ROWS]
        ),
        not_said=tuple(_not_said(report)),
        plan_seal=shown(report.plan_seal, 64),
        transcripts=shown(report.transcript_digest, 64),
        entry=assay.entry,
        recorded=shown(assay.recorded, 32),
    )  # fmt: skip


def _sentences(assay: RecordedAssay) -> Iterator[str]:
    report = assay.report
    yield shown(f"{report.sentence} Level {report.level:g}, held over each family of tests.", LONGEST)
    if report.stopped:
        yield stopped_line(report.stopped)
    yield shown(
        f"Recorded by {assay.who} on {assay.recorded[:10]} as entry {assay.entry} of the casebook: {assay.reason}",
        LONGEST,
    )
    agreed = (
        f"Agreed to by {listed(list(assay.agreed))}" if assay.agreed else "Nobody else has agreed to it yet"
    )
    against = f"; {listed(list(assay.disagreed))} disagree" if assay.disagreed else ""
    alone = "lacks its controls" if report.word == VOID else "is told as what one person recorded"
    standing = "it counts" if assay.counts else f"it does not count, and {alone}"
    yield shown(f"{agreed}{against}: {standing}.", LONGEST)


def _not_said(report: AssayReport) -> Iterator[str]:
    if report.word == NOTHING:
        yield CLEARS_NOBODY
    if report.word == VOID:
        yield SUPPORTS_NOTHING
    yield from (shown(limit, 400) for limit in report.limits[:MOST_ROWS])
    yield from (
        f"{shown(name, 80)}: {count:,} answers went wrong on the way."
        for name, count in report.problems.items()
    )
    yield from MOVES_NOTHING


def _test(result: TestResult) -> tuple[str, ...]:
    return (
        result.test if result.is_confirmatory else f"{result.test} (not planned)",
        shown(result.account_set, 60)
        + (" (never served)" if result.account_set and result.adjusted_p is None else ""),
        f"{result.n:,}",
        f"{result.statistic:.4g}",
        f"{result.p_value:.2g}",
        "" if result.adjusted_p is None else f"{result.adjusted_p:.2g}",
        f"{result.floor:.2g}" if result.floor else "",
        "" if result.power is None else percent(result.power),
        shown(result.null_hypothesis, 200),
    )


def _yes(*, is_so: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[is_so]


def assay_lines(parts: Sequence[AssayPart], first: int) -> tuple[Line, ...]:
    """A claim of the ledger for each assay, on no side: inferred if two people stand for it, reported otherwise."""
    lines = []
    for at, part in enumerate(parts, first):
        kind = "inferred" if part.counts else "reported"
        claim = Claim("inferred" if part.counts else "reported", _claim(part), f"assay {part.name}")
        lines.append(Line(f"K{at:02d}", claim, kind, (part.name,), SOURCE[kind], ""))
    return tuple(lines)


def _claim(part: AssayPart) -> str:
    of = f" (account set {listed(list(part.account_sets))})" if part.account_sets else ""
    if part.word == NOTHING:
        return f"An assay of the model {part.suspect}{of} found nothing, which clears nobody."
    if part.word == VOID:
        return f"An assay of the model {part.suspect}{of} lacks its controls and supports nothing."
    return f"An assay of the model {part.suspect}{of} came to the word “{part.word}”."


def told_with(dossier: Dossier, parts: Sequence[AssayPart]) -> Dossier:
    """The dossier with what is not claimed put right: no more than a counting assay says, and no innocence from a silent one."""
    found = [part for part in parts if part.counts and part.word == FOUND]
    silent = [part for part in parts if part.word in {NOTHING, VOID}]
    sentences = dossier.not_claimed
    if found and dossier.verdict == "distillation":
        beyond = (
            f"That any model was trained on these answers beyond what assay {listed([p.name for p in found])} says of "
            f"{listed(sorted({p.suspect for p in found}))}."
        )
        sentences = (beyond, *sentences[1:])
    if silent:
        sentences = (
            *sentences,
            f"That {listed(sorted({p.suspect for p in silent}))} was not trained on these answers: an assay that finds nothing clears nobody.",
        )
    return replace(dossier, not_claimed=sentences)


def without_marked(part: AttributionPart, parts: Sequence[AssayPart]) -> AttributionPart:
    """Marked answers are no longer missing where a counting assay found them again. Nobody is named by that, and no level is raised."""
    if not any(p.counts and p.word == FOUND for p in parts):
        return part
    return replace(part, missing=tuple(text for text in part.missing if text != MARKED))


def faults(assay: RecordedAssay) -> Iterator[str]:
    """What does not fit together in a recorded report by its own figures alone."""
    report = assay.report
    if report.word not in WORDS:
        yield f"{report.word!r:.60} is no word of the ladder"
    is_valid = bool(report.controls) and all(c.is_there and c.is_right for c in report.controls)
    if is_valid is (report.word == VOID):
        yield "its word and its controls do not fit"
    mine = [r for r in report.results if r.subject == report.suspect]
    if any(r.adjusted_p is not None and r.adjusted_p < r.p_value for r in mine):
        yield "a p-value after Holm is smaller than before"
    keyed = {
        r.account_set
        for r in mine
        if r.test in {"T3", "T4"}
        and r.is_confirmatory
        and r.adjusted_p is not None
        and r.adjusted_p <= report.level
    }
    if report.word == FOUND and (not report.account_sets or set(report.account_sets) - keyed):
        yield "no keyed test of the account set that it names rejects"
