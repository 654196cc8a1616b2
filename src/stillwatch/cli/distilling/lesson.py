"""One lesson: the answers, the teaching, the signed folder, each put in its place when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from stillwatch.cli.distilling.answers import TRANSCRIPTS, Asking, answers
from stillwatch.cli.distilling.named import Named
from stillwatch.cli.distilling.unfinished import unfinished
from stillwatch.cli.sharing.landed import land
from stillwatch.distil.authorisation import Authorisation, asked_at, bound
from stillwatch.distil.exchanges import Pair, Taken, file_digest, prompts_digest, read_prompts, written
from stillwatch.distil.making import Making, Material, Origin
from stillwatch.distil.manifest import STATEMENT
from stillwatch.distil.recipe import Recipe
from stillwatch.distil.signing import sign
from stillwatch.distil.tokens import needed as small_needed
from stillwatch.distil.trainer import Course, hushed
from stillwatch.distil.trainer import needed as trainer_needed
from stillwatch.distil.trainer import taught as taught_by_trl
from stillwatch.errors import UsageError
from stillwatch.report.landing import landing

EXCHANGES_SUFFIX = ".exchanges.jsonl"
LESSON = "lesson.pt"
Report = Callable[[str, int, int | None], None]
Told = Callable[[int, int], None]


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
        policy = {"on_policy": True, "divergence": "reverse KL"} if self.is_on_policy else {}
        return {**self.recipe.told(), **policy, **(asked if self.prompts is not None else {})}

    @property
    def is_on_policy(self) -> bool:
        """Whether the student answers the prompts itself, and the teacher only scores."""
        return self.recipe.way == "logit" and self.student.form == "transformers"

    @property
    def data(self) -> Path:
        """The file that came in: exchanges, or prompts."""
        found = self.prompts or self.teacher.path
        assert found is not None  # noqa: S101
        return found


def prepared(
    teacher: Named, student: Named, record: Authorisation, prompts: Path | None, **told: Any
) -> Lesson:
    """A lesson whose models and data are what the record allows, and whose libraries are there."""
    asks = teacher.endpoint is not None or teacher.form is not None
    if asks and prompts is None:
        raise UsageError("A teacher that is asked needs prompts. Name a file with --prompts.")
    if not asks and prompts is not None:
        raise UsageError("A file of exchanges holds its own prompts. Leave --prompts out.")
    if "small" in {teacher.form, student.form}:
        small_needed()
    if student.form == "transformers":
        trainer_needed()
    if "transformers" in {teacher.form, student.form}:
        hushed()
    origin = teacher.origin()
    data = prompts or teacher.path
    assert data is not None  # noqa: S101
    digest = file_digest(data)
    bound(record, teacher=origin.sha256, data=digest)
    if teacher.endpoint is not None:
        asked_at(record, origin.host, origin.model)
    lesson = Lesson(
        teacher=teacher,
        student=student,
        teacher_origin=origin,
        base=student.origin(),
        record=record,
        prompts=prompts,
        data_sha256=digest,
        **told,
    )
    if lesson.recipe.way == "logit" and teacher.form != student.form:
        raise UsageError(
            f"On scores teacher and student are of one form; the teacher is {teacher.form or 'no folder with weights'}, the student {student.form}. "
            "Teach from texts: --way text."
        )
    return lesson


def give(lesson: Lesson, out: Path, keys: tuple[Path, ...], *, start_over: bool, report: Report) -> Making:
    """Teach, sign, and put the student into its place in one step. What was cut goes on with the same call."""
    out = out.resolve()
    with landing(out, STATEMENT) as landed:
        work = unfinished(out, lesson.parts, start_over=start_over)
        taken = _answers(lesson, work, report)
        material = _material(lesson, out, work, taken)
        built = work / out.name
        shutil.rmtree(built, ignore_errors=True)
        tokens, device = _teach(
            lesson, taken.pairs, built, work, lambda done, of: report("teaching", done, of)
        )
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
    if lesson.is_on_policy:
        return Taken(tuple(Pair(prompt, "") for prompt in prompts), {})
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
    if lesson.prompts is None or lesson.is_on_policy:
        name, digest = lesson.data.name, lesson.data_sha256
        form = {".parquet": "parquet", ".jsonl": "jsonl"}.get(lesson.data.suffix.lower(), "other")
    else:
        file = work / (out.name + EXCHANGES_SUFFIX)
        land(written(taken.pairs, lesson.teacher.name), file, is_private=True)
        name, digest, form = file.name, file_digest(file), "jsonl"
    return {
        "file": name,
        "sha256": digest,
        "prompts": len(taken.pairs),
        "exchanges": 0 if lesson.is_on_policy else len(taken.pairs),
        "prompts_sha256": prompts_digest([pair.prompt for pair in taken.pairs]),
        "form": form,
        "left_out": taken.left_out,
    }


def _teach(lesson: Lesson, pairs: tuple[Pair, ...], built: Path, work: Path, told: Told) -> tuple[int, str]:
    """Put the taught model into a folder; tells how many tokens of answers there were, and on which device."""
    assert lesson.student.path is not None  # noqa: S101
    if lesson.student.form == "small":
        return _teach_small(lesson, pairs, built, Checkpoints(work / LESSON, told))
    course = Course(
        pairs=() if lesson.is_on_policy else pairs,
        prompts=[pair.prompt for pair in pairs],
        teacher=lesson.teacher.path if lesson.is_on_policy else None,
        most_tokens=lesson.asking.most_tokens,
        temperature=lesson.asking.temperature,
        work=work,
        told=told,
    )
    return taught_by_trl(lesson.student.path, course, lesson.recipe, lesson.record, built)


class Checkpoints(NamedTuple):
    """Where a small lesson stands, and who hears of it."""

    file: Path
    told: Told


def _teach_small(lesson: Lesson, pairs: tuple[Pair, ...], built: Path, kept: Checkpoints) -> tuple[int, str]:
    from stillwatch.distil.checkpoint import Checkpoint  # noqa: PLC0415  an extra
    from stillwatch.distil.teaching import taught  # noqa: PLC0415  as above
    from stillwatch.distil.writer import SmallWriter  # noqa: PLC0415  as above

    assert lesson.student.path is not None  # noqa: S101
    teacher = None
    if lesson.recipe.way == "logit" and lesson.teacher.path is not None:
        teacher = SmallWriter.opened(lesson.teacher.path)
    base, checkpoint = SmallWriter.opened(lesson.student.path), Checkpoint(kept.file, told=kept.told)
    student, tokens = taught(base, pairs, lesson.recipe, lesson.record, teacher, checkpoint=checkpoint)
    student.save(built)
    return tokens, "cpu"
