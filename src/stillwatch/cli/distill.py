"""`stillwatch distill`: teach a student from a teacher, by leave of the teacher's owner, and sign how it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stillwatch.assay.client._base import Bounds
from stillwatch.cli.assaying.asking import budget_option, rate_option, threads_option, timeout_option
from stillwatch.cli.distilling.answers import Asking, foreseen
from stillwatch.cli.distilling.lesson import Lesson, give, prepared
from stillwatch.cli.distilling.named import TEACHER_HELP, student, teacher
from stillwatch.cli.numbers import FiniteRange
from stillwatch.cli.progress import shown
from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.distil.authorisation import EXAMPLE, WAYS, Wanted, in_force, read_authorisation
from stillwatch.distil.exchanges import read_prompts
from stillwatch.distil.making import Making
from stillwatch.distil.recipe import Recipe
from stillwatch.distil.signing import MAKE_ONE, by_kind
from stillwatch.errors import UsageError
from stillwatch.mark.registry import counted


@click.command(short_help="Teach a student from a teacher, with the owner's leave, and sign how it was made.")
@click.option("--teacher", "teacher_told", metavar="NAME=WHERE", help=f"The teacher: {TEACHER_HELP}.")
@click.option("--student", "student_told", metavar="NAME=DIR", help="The model to be taught, as it is now.")
@click.option("--authorisation", type=existing_file, help="The record of who allows it (TOML).")
@click.option(
    "--authorisation-key",
    type=existing_file,
    help="The teacher owner's Ed25519 public key (PEM): the record must be signed by it, in FILE.sig.",
)
@click.option(
    "--prompts",
    type=existing_file,
    help="What a teacher is asked: a log, or JSON lines with a prompt. Not with a file of exchanges.",
)
@click.option(
    "--way",
    type=click.Choice(WAYS),
    default=Recipe.way,
    show_default=True,
    help="From answers, or from scores, for which the teacher's weights are needed.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the student. An earlier student there is replaced at the end, as a whole.",
)
@click.option(
    "--sign-key",
    "keys",
    type=existing_file,
    multiple=True,
    help="Private key (PEM) that signs the student: Ed25519, or on an elliptic curve for model-signing; one of each at most.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 1000),
    default=Recipe.epochs,
    show_default=True,
    help="How often the student goes through all of it.",
)
@click.option(
    "--rate",
    type=FiniteRange(0, 1, min_open=True),
    default=Recipe.rate,
    show_default=True,
    help="Learning rate.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=Recipe.batch,
    show_default=True,
    help="Exchanges at a time; fewer need less memory.",
)
@click.option("--seed", type=click.IntRange(0), default=Recipe.seed, show_default=True, help="The seed.")
@click.option(
    "--most-tokens", type=click.IntRange(1), default=48, show_default=True, help="Length of an answer."
)
@click.option(
    "--temperature",
    type=FiniteRange(0, 2),
    default=1.0,
    show_default=True,
    help="At which the teacher answers; 0 for its likeliest words.",
)
@budget_option
@rate_option
@timeout_option
@threads_option
@click.option(
    "--registry",
    type=existing_file,
    help="Register of marks (`stillwatch mark`) that were in force: the statement names its commitments.",
)
@click.option("--start-over", is_flag=True, help="Throw away what an earlier run to DIR left unfinished.")
@click.option("--dry-run", is_flag=True, help="Check everything, tell what would be done, and do nothing.")
@click.option(
    "--example", is_flag=True, help="Print an authorisation record to begin with, and nothing else."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def distill(
    out: Path | None,
    keys: tuple[Path, ...],
    *,
    start_over: bool,
    dry_run: bool,
    example: bool,
    quiet: bool,
    **told: Any,
) -> None:
    """Teach a student from a teacher's answers or scores. Nothing begins without a record of who allows it.

    The student's folder holds the model, a signed statement of how it was made (in-toto), a bill of materials (CycloneDX) and a card of
    the data (Croissant); `stillwatch provenance verify` checks them. A run that was cut goes on with the same command.
    """
    if example:
        click.echo(EXAMPLE, nl=False)
        return
    _need(told, out, keys)
    assert out is not None  # noqa: S101
    by_kind(keys, is_private=True)
    lesson = _lesson(**told)
    if not quiet:
        _tell(lesson, out)
    if dry_run:
        return
    try:
        with shown(is_quiet=quiet, unit="done") as report:
            making = give(lesson, out, keys, start_over=start_over, report=report)
    except KeyboardInterrupt:
        click.echo("What was done is kept: the same command goes on from there.", err=True)
        raise
    if not quiet:
        _told(making, out, has_file=lesson.prompts is not None and not lesson.is_on_policy)


def _need(told: dict[str, Any], out: Path | None, keys: tuple[Path, ...]) -> None:
    asked = {
        "--teacher": told["teacher_told"],
        "--student": told["student_told"],
        "--authorisation": told["authorisation"],
        "--out": out,
        "--sign-key": keys,
    }
    if missing := [name for name, value in asked.items() if not value]:
        record = " `stillwatch distill --example` prints a record." if "--authorisation" in missing else ""
        key = f" {MAKE_ONE}" if "--sign-key" in missing else ""
        raise UsageError(f"Name {', '.join(missing)}: nothing is distilled without.{record}{key}")


def _lesson(
    *,
    teacher_told: str,
    student_told: str,
    authorisation: Path,
    authorisation_key: Path | None,
    prompts: Path | None,
    registry: Path | None,
    **told: Any,
) -> Lesson:
    """All that was asked for, once the record was found to allow it."""
    asked, taught = teacher(teacher_told), student(student_told)
    recipe = Recipe(**{name: told[name] for name in ("way", "epochs", "rate", "batch", "seed")})
    record = in_force(
        read_authorisation(authorisation, authorisation_key), Wanted(asked.name, taught.name, recipe.way)
    )
    if recipe.way == "logit" and asked.form is None:
        raise UsageError(
            "Distillation on scores needs the teacher's weights: --teacher NAME=DIR. An endpoint and a log give texts only: --way text."
        )
    bounds = Bounds(
        budget=told["budget"],
        per_second=told["per_second"],
        timeout_seconds=told["timeout"],
        whole_seconds=4 * told["timeout"],
    )
    return prepared(
        asked,
        taught,
        record,
        prompts,
        recipe=recipe,
        asking=Asking(
            most_tokens=told["most_tokens"],
            temperature=told["temperature"],
            seed=recipe.seed,
            bounds=bounds,
            threads=told["threads"],
        ),
        marks=_marks(registry),
    )


def _marks(registry: Path | None) -> tuple[dict[str, str], ...]:
    """The commitments of a register: what binds the keys, and no key."""
    if registry is None:
        return ()
    names = ("account_set", "watermark", "canary", "expires")
    return tuple({name: str(line[name]) for name in names} for line in counted(registry)[0])


def _tell(lesson: Lesson, out: Path) -> None:
    record, screen = lesson.record, console()
    signed = f"signed by the key {record.signed_by}" if record.signed_by else "its signature was not checked"
    screen.print(
        f"{harmless(record.teacher_owner)} allows {harmless(record.granted_to)} to teach {harmless(record.student)} "
        f"from {harmless(record.teacher)} until {record.expires} ({signed}).",
        soft_wrap=True,
    )
    if lesson.teacher_origin.sha256:
        screen.print(f"  the teacher's weights have the SHA-256 {lesson.teacher_origin.sha256}", style="dim")
    prompts = read_prompts(lesson.prompts) if lesson.prompts else ()
    asked = foreseen(lesson.teacher, prompts, lesson.asking)
    if asked is not None:
        screen.print(
            f"To ask: up to {asked.requests:,} queries, about {asked.tokens_in:,} tokens in and {asked.tokens_out:,} out."
        )
    screen.print(f"  {lesson.recipe.way}, {lesson.recipe.epochs} epochs, into {harmless(out)}", style="dim")


def _told(making: Making, out: Path, *, has_file: bool) -> None:
    screen, material = console(), making.material
    left_out = "".join(f"; {what}: {count:,}" for what, count in material.left_out.items())
    screen.print(
        f"{harmless(out)}: {harmless(making.student)}, taught from {material.told}{harmless(left_out)}.",
        soft_wrap=True,
    )
    if has_file:
        screen.print(
            f"  what it was taught from lies beside it in {harmless(material.file)}, for its owner alone",
            style="dim",
        )
