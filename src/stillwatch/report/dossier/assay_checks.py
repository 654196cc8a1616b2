"""What can be checked of the assays in a dossier: their own figures always, and the whole report where its folder and keys are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from stillwatch.errors import InputError
from stillwatch.model.assay import AssayReport
from stillwatch.model.checked import Check
from stillwatch.model.recorded import RecordedAssay
from stillwatch.report.dossier.assayed import assay_parts, faults
from stillwatch.report.dossier.checked import Opened
from stillwatch.report.dossier.packed import pack_of
from stillwatch.report.result import stable_json

NO_FOLDER = (
    "probes, answers and keys are not in the dossier: give the folder of the assay with --assay, and its keys"
)


def assay_checks(held: Opened, made: Sequence[AssayReport] = ()) -> Iterator[Check]:
    """A check of each assay by its own figures, and another by the report that `made` holds of the same plan; none of tables that cannot be read."""
    try:
        assays = pack_of(held.pack_files).record.assays
    except InputError:
        return
    if made and not assays:
        yield Check("assay", "not checked", "the dossier tells of no assay, and one was given")
    for part, assay in zip(assay_parts(assays), assays, strict=False):
        wrong = list(faults(assay))
        told = "; ".join(wrong) or "word, controls and p-values fit together"
        yield Check(f"assay {part.name}, by its figures", "altered" if wrong else "same", told)
        yield _again(part.name, assay, made)


def _again(name: str, assay: RecordedAssay, made: Sequence[AssayReport]) -> Check:
    same_plan = [one for one in made if one.plan_seal == assay.report.plan_seal]
    if not made:
        return Check(f"assay {name}, made again", "not checked", NO_FOLDER)
    if not same_plan:
        return Check(f"assay {name}, made again", "not checked", "the folder given is of another plan")
    is_same = any(_written(one) == _written(assay.report) for one in same_plan)
    by = "plan, answers and keys give"
    return Check(
        f"assay {name}, made again",
        "same" if is_same else "altered",
        f"{by} {'the same' if is_same else 'something else'}",
    )


def _written(report: AssayReport) -> AssayReport:
    """A report as a pack writes it, with so many digits and no more."""
    return msgspec.json.decode(stable_json(report), type=AssayReport)
