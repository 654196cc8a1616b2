"""One lesson: the answers, the teaching, the signed folder, each put in its place when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.cli.distilling.answers import TRANSCRIPTS, Asking, answers
from stillwatch.cli.distilling.named import Named
from stillwatch.cli.distilling.unfinished import unfinished
from stillwatch.cli.sharing.landed import land
from stillwatch.distil.authorisation import Authorisation, bound
from stillwatch.distil.exchanges import Pair, Taken, file_digest, prompts_digest, read_prompts, written
from stillwatch.distil.making import Making, Material, Origin
from stillwatch.distil.manifest import STATEMENT
from stillwatch.distil.recipe import Recipe
from stillwatch.distil.signing import sign
from stillwatch.distil.tokens import needed
from stillwatch.errors import UsageError
from stillwatch.report.landing import landing

EXCHANGES_SUFFIX = ".exchanges.jsonl"
Report = Callable[[str, int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What is to be done, all of it checked."""

    teacher: Named
    student: Named
    teacher_origin: Origin
    base: Origin
    record: Authorisation
    prompts: Path | None
    data_sha256: str
    recipe: Recipe
    asking: Asking
    marks: tuple[Mapping[str, str], ...] = ()

    @property
    def parts(self) -> Mapping[str, Any]:
        """What decides the result: a run that was cut goes on only with the same."""
        return {
            "teacher": [self.teacher.name, self.teacher_origin.sha256, self.teacher_origin.host],
            "student": [self.student.name, self.base.sha256],
            "prompts or exchanges": self.data_sha256,
            "recipe": self.told_recipe,
        }

    @property
    def told_recipe(self) -> Mapping[str, Any]:
        """The recipe, with what the teacher was asked with where it was asked."""
        asked = {"most_tokens": self.asking.most_tokens, "temperature": self.asking.temperature}
        return {**self.recipe.told(), **(asked if self.prompts is not None else {})}

    @property
    def data(self) -> Path:
        """The file that came in: exchanges, or prompts."""
        found = self.prompts or self.teacher.path
        assert found is not None  # noqa: S101
        return found


def prepared(
    teacher: Named, student: Named, record: Authorisation, prompts: Path | None, **told: Any
) -> Lesson:
    """A lesson whose models and data are what the record allows."""
    asks = teacher.endpoint is not None or teacher.form is not None
    if asks and prompts is None:
        raise UsageError("A teacher that is asked needs prompts. Name a file with --prompts.")
    if not asks and prompts is not None:
        raise UsageError("A file of exchanges holds its own prompts. Leave --prompts out.")
    if "small" in {teacher.form, student.form}:
        needed()
    origin = teacher.origin()
    data = prompts or teacher.path
    assert data is not None  # noqa: S101
    digest = file_digest(data)
    bound(record, teacher=origin.sha256, data=digest)
    return Lesson(
        teacher=teacher,
        student=student,
        teacher_origin=origin,
        base=student.origin(),
        record=record,
        prompts=prompts,
        data_sha256=digest,
        **told,
    )


def give(lesson: Lesson, out: Path, keys: tuple[Path, ...], *, start_over: bool, report: Report) -> Making:
    """Teach, sign, and put the student into its place in one step. What was cut goes on with the same call."""
    out = out.resolve()
    with landing(out, STATEMENT) as landed:
        work = unfinished(out, lesson.parts, start_over=start_over)
        taken = _answers(lesson, work, report)
        material = _material(lesson, out, work, taken)
        built = work / out.name
        shutil.rmtree(built, ignore_errors=True)
        tokens, device = _teach(lesson, taken.pairs, built, work, report)
        making = Making(
            student=lesson.student.name,
            teacher=lesson.teacher_origin,
            base=lesson.base,
            material=Material(**{**material, "answer_tokens": tokens}),
            recipe={**lesson.told_recipe, "device": device},
            authorisation=lesson.record,
            marks=lesson.marks,
        )
        sign(built, making, keys)
        for file in sorted(built.iterdir()):
            file.rename(landed / file.name)
    if (exchanges := work / making.material.file).exists():
        exchanges.replace(out.with_name(exchanges.name))
    shutil.rmtree(work, ignore_errors=True)
    return making


def _answers(lesson: Lesson, work: Path, report: Report) -> Taken:
    prompts = read_prompts(lesson.prompts) if lesson.prompts else ()
    seal = f"{lesson.data_sha256} {lesson.base.sha256}"
    return answers(
        lesson.teacher,
        prompts,
        lesson.asking,
        work / TRANSCRIPTS,
        seal,
        told=lambda done, of: report("answers of the teacher", done, of),
    )


def _material(lesson: Lesson, out: Path, work: Path, taken: Taken) -> Mapping[str, Any]:
    """The file that was taught from; answers that were asked for come beside the student in the end, for their owner alone."""
    if lesson.prompts is None:
        name, digest = lesson.data.name, lesson.data_sha256
        form = {".parquet": "parquet", ".jsonl": "jsonl"}.get(lesson.data.suffix.lower(), "other")
    else:
        file = work / (out.name + EXCHANGES_SUFFIX)
        land(written(taken.pairs, lesson.teacher.name), file, is_private=True)
        name, digest, form = file.name, file_digest(file), "jsonl"
    return {
        "file": name,
        "sha256": digest,
        "exchanges": len(taken.pairs),
        "prompts_sha256": prompts_digest(taken.pairs),
        "form": form,
        "left_out": taken.left_out,
    }


def _teach(
    lesson: Lesson, pairs: tuple[Pair, ...], built: Path, work: Path, report: Report
) -> tuple[int, str]:
    """Put the taught model into a folder; tells how many tokens of answers there were, and on which device."""
    from stillwatch.distil.checkpoint import FILE, Checkpoint  # noqa: PLC0415  an extra
    from stillwatch.distil.teaching import taught  # noqa: PLC0415  as above
    from stillwatch.distil.writer import SmallWriter  # noqa: PLC0415  as above

    assert lesson.student.path is not None  # noqa: S101
    teacher = None
    if lesson.recipe.way == "logit" and lesson.teacher.form == "small":
        assert lesson.teacher.path is not None  # noqa: S101
        teacher = SmallWriter.opened(lesson.teacher.path)
    checkpoint = Checkpoint(work / FILE, told=lambda done, of: report("teaching", done, of))
    student, tokens = taught(
        SmallWriter.opened(lesson.student.path),
        pairs,
        lesson.recipe,
        lesson.record,
        teacher,
        checkpoint=checkpoint,
    )
    student.save(built)
    return tokens, "cpu"
