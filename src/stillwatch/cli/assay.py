"""`stillwatch assay`: was a suspect model trained on our answers? Plan, ask, report, in this order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from stillwatch.assay.client._base import Bounds, Estimate
from stillwatch.assay.client.http import Purse
from stillwatch.assay.client.opened import clients
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.looking import ends, refuse_to_look_without_keys, stopped
from stillwatch.assay.plan import PLAN, PROBES, TRANSCRIPTS, opened, read_probes, sealed, written
from stillwatch.assay.planned import refuse_what_probes_cannot_show, without_verdict
from stillwatch.assay.radioactivity import WEIGHTINGS
from stillwatch.assay.registered import refuse_what_was_not_served
from stillwatch.assay.run import foreseen
from stillwatch.assay.run import run as ask_all
from stillwatch.cli.assaying.asking import budget_option, rate_option, threads_option, timeout_option
from stillwatch.cli.assaying.demo import demo
from stillwatch.cli.assaying.panel import panel
from stillwatch.cli.assaying.reported import (
    case_of,
    key_option,
    reported,
    tokenizer_option,
    unserved_option,
)
from stillwatch.cli.assaying.told import MODEL_HELP, commitments, endpoint, keys, tokenizer_digest
from stillwatch.cli.numbers import FiniteRange
from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.cli.sharing.landed import land
from stillwatch.errors import UsageError
from stillwatch.model.assay import ROLES, TESTS, Plan, Role, Stopping, TestId
from stillwatch.report.assayed import assay_text, stopped_line

folder_argument = click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR"
)
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
CONTROLS: tuple[Role, ...] = tuple(role for role in ROLES if role not in {"suspect", "teacher"})


def _models(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each role but suspect and teacher, which are one each."""
    for role in reversed(CONTROLS):
        told = {
            "reference": "An independent model, which scores texts if it can.",
            "null": "An independent model that never scores.",
        }
        help_ = told.get(role, f"A model in the role {role.replace('_', ' ')}.")
        name = f"--{role.replace('_', '-')}"
        command = click.option(name, role, multiple=True, metavar="NAME=URL[,...]", help=help_)(command)
    return command


@click.group(short_help="Was a suspect model trained on our answers?")
def assay() -> None:
    """Test whether a suspect model was trained on our answers, with stated errors.

    `plan` seals what will be tested before anything is asked, `run` asks and keeps every answer, `report` makes the result from what was kept.
    Only keyed tests support "trained on served text"; the others say how close two models are, and never why.
    """


assay.add_command(demo)
assay.add_command(panel)


@assay.command("plan", short_help="Seal what will be tested, before anything is asked.")
@click.option(
    "--probes", required=True, type=existing_file, metavar="FILE", help="Probes, one JSON object a line."
)
@click.option("--suspect", required=True, metavar="NAME=URL[,...]", help=f"The suspect: {MODEL_HELP}")
@click.option(
    "--teacher", required=True, metavar="NAME=URL[,...]", help="The teacher: our model, as it was served."
)
@_models
@key_option
@unserved_option
@tokenizer_option
@click.option(
    "--registry",
    type=existing_file,
    metavar="FILE",
    help="The register of `stillwatch mark plan`: triggers, alternatives and keys must be those that were served.",
)
@click.option(
    "--tests",
    default=",".join(TESTS[:5]),
    show_default=True,
    metavar="T,T,...",
    help="Tests that may confirm something.",
)
@click.option(
    "--level",
    default=Plan.level,
    show_default=True,
    type=FiniteRange(0, 0.5, min_open=True),
    help="False alarms accepted, of each family of tests.",
)
@click.option(
    "--decoys", default=Plan.decoys, show_default=True, type=click.IntRange(99), help="Keys that nobody used."
)
@click.option(
    "--stop-by",
    default="",
    metavar="T,T,...",
    help="T3, T4 or both: the run is looked at as it goes, and ends once an e-process of them has found an account set.",
)
@click.option(
    "--looks",
    default=Stopping(tests=()).looks,
    show_default=True,
    type=click.IntRange(2),
    help="How often a run with --stop-by is looked at.",
)
@click.option(
    "--most-tokens",
    default=Plan.most_tokens,
    show_default=True,
    type=click.IntRange(1),
    help="Length of written texts.",
)
@click.option(
    "--weighting",
    default=Plan.weighting,
    show_default=True,
    type=click.Choice(WEIGHTINGS),
    help="How often a tuple counts in T3: every time, the root of that, or once.",
)
@click.option(
    "--trigger-samples",
    default=Plan.trigger_samples,
    show_default=True,
    type=click.IntRange(1),
    help="Answers at each trigger.",
)
@click.option(
    "--samples",
    default=Plan.samples,
    show_default=True,
    type=click.IntRange(2),
    help="Answers to each prompt of T0.",
)
@click.option(
    "--margin",
    default=Plan.margin,
    show_default=True,
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Difference of shares below which T6 calls two models alike.",
)
@click.option(
    "--seed",
    default=Plan.random_seed,
    show_default=True,
    type=click.IntRange(0),
    help="Seed of permutations and draws.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the assay.",
)
@quiet_option
def seal_plan(probes: Path, suspect: str, teacher: str, out: Path, *, quiet: bool, **told: Any) -> None:
    """Write the sealed plan and the probes into a folder. Keys are bound by commitments; no key is written."""
    if (out / TRANSCRIPTS).exists():
        raise UsageError(
            f"{out} holds answers already. A new plan needs a new folder: what was answered must not shape it."
        )
    content = probes.read_bytes()
    asked = read_probes(content, str(probes))
    models = [endpoint(suspect, "suspect"), endpoint(teacher, "teacher")]
    models += [endpoint(one, role) for role in CONTROLS for one in told[role]]
    plan = sealed(
        Plan(
            probes_digest=hashlib.sha256(content).hexdigest(),
            endpoints=tuple(models),
            tests=_tests(told["tests"]),
            level=told["level"],
            decoys=told["decoys"],
            commitments=(
                *commitments(keys(told["key"]), is_served=True),
                *commitments(keys(told["unserved_key"]), is_served=False),
            ),
            most_tokens=told["most_tokens"],
            samples=told["samples"],
            trigger_samples=told["trigger_samples"],
            weighting=told["weighting"],
            margin=told["margin"],
            tokenizer_digest=tokenizer_digest(told["tokenizer"]),
            random_seed=told["seed"],
            stopping=_stopping(told["stop_by"], told["looks"]),
        )
    )
    refuse_what_probes_cannot_show(plan, asked)
    if told["registry"] is not None:
        refuse_what_was_not_served(plan, asked, told["registry"])
    for lack in without_verdict(plan, asked):
        click.echo(f"Warning: {lack}", err=True)
    land(content, out / PROBES)
    land(written(plan), out / PLAN)
    _say(f"{harmless(out / PLAN)}: sealed as {plan.seal}", quiet=quiet)


def _tests(told: str, option: str = "--tests") -> tuple[TestId, ...]:
    wanted = [part.strip() for part in told.split(",") if part.strip()]
    unknown = [name for name in wanted if name not in TESTS]
    if unknown or not wanted:
        raise UsageError(
            f"{option} takes some of {', '.join(TESTS)} with commas between; {told!r} was given."
        )
    return tuple(test for test in TESTS if test in wanted)


def _stopping(tests: str, looks: int) -> Stopping | None:
    return Stopping(tests=_tests(tests, "--stop-by"), looks=looks) if tests else None


@assay.command("run", short_help="Ask every model, and keep every answer.")
@folder_argument
@budget_option
@rate_option
@timeout_option
@threads_option
@click.option(
    "--price-in",
    default=0.0,
    type=FiniteRange(0),
    help="Price of a million tokens asked, for the estimate.",
)
@click.option("--price-out", default=0.0, type=FiniteRange(0), help="Price of a million tokens answered.")
@click.option("--dry-run", is_flag=True, help="Tell what would be asked, and ask nothing.")
@key_option
@tokenizer_option
@quiet_option
def ask(folder: Path, budget: int, timeout: float, *, dry_run: bool, quiet: bool, **told: Any) -> None:
    """Ask what the plan in DIR needs and is not answered yet. A run that was cut goes on where it stopped.

    A plan with --stop-by is looked at as it goes, for which the keys that it was made with are needed; they leave this machine no more than for a report.
    """
    plan, probes = opened(folder)
    kept = Transcripts.opened(folder / TRANSCRIPTS, plan.seal)
    case = None
    if plan.stopping:
        case, kept = case_of(folder, keys(told["key"]), told["tokenizer"])
    foreseen_ = foreseen(plan, probes, kept, ends(case) if case else None)
    _say(_estimate(foreseen_, foreseen_.price(told["price_in"], told["price_out"])), quiet=quiet)
    if dry_run:
        return
    if foreseen_.requests > budget:
        raise UsageError(
            f"Up to {foreseen_.requests:,} queries are needed, and the budget is {budget:,}. Give a larger --budget, or plan fewer probes."
        )
    if case:
        refuse_to_look_without_keys(case)
    purse = Purse(
        Bounds(
            budget=budget, per_second=told["per_second"], timeout_seconds=timeout, whole_seconds=4 * timeout
        )
    )
    with clients(plan.endpoints, purse) as found:
        ended = ask_all(
            plan, probes, kept, found, threads=told["threads"], tools=case.tools if case else None
        )
    _say(_asked(kept, purse.spent), quiet=quiet)
    if ended is not None and case is not None:
        _say(harmless(stopped_line(stopped(case, ended))), quiet=quiet)


def _estimate(told: Estimate, price: float) -> str:
    cost = f", at a price of {price:,.2f}" if price else ""
    return f"To ask: up to {told.requests:,} queries, about {told.tokens_in:,} tokens in and {told.tokens_out:,} out{cost}."


def _asked(kept: Transcripts, spent: int) -> str:
    problems = "; ".join(f"{harmless(name)}: {count:,}" for name, count in kept.problems().items())
    return f"{len(kept.answers):,} answers kept, {spent:,} queries made." + (
        f" Problems: {problems}." if problems else ""
    )


@assay.command("report", short_help="The result, made from what was kept.")
@folder_argument
@key_option
@unserved_option
@tokenizer_option
@click.option(
    "--as",
    "form",
    type=click.Choice(["json", "md", "html"]),
    default="md",
    show_default=True,
    help="Form of the report.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File for the report; standard output unless given.",
)
def tell(
    folder: Path, key: Sequence[str], unserved_key: Sequence[str], tokenizer: str, form: Any, out: Path | None
) -> None:
    """Make the report from plan, probes and transcripts, without a network: the same bytes every time.

    T3 and T4 need the keys that the plan was made with.
    """
    made = assay_text(reported(folder, {**keys(key), **keys(unserved_key)}, tokenizer), form)
    if out is None:
        click.echo(made, nl=False)
    else:
        land(made.encode("utf-8"), out)


@assay.command("controls", short_help="Which controls an assay has, and how they came out.")
@folder_argument
@key_option
@unserved_option
@tokenizer_option
def tell_controls(folder: Path, key: Sequence[str], unserved_key: Sequence[str], tokenizer: str) -> None:
    """Say of each control whether it was run and came out as it must. Without them there is no verdict."""
    report = reported(folder, {**keys(key), **keys(unserved_key)}, tokenizer)
    for control in report.controls:
        state = "missing" if not control.is_there else "right" if control.is_right else "wrong"
        click.echo(f"{control.name}: {state}, {harmless(control.told)}")


def _say(told: str, *, quiet: bool) -> None:
    if not quiet:
        console().print(told, soft_wrap=True)
