"""`stillwatch assay panel`: what a suspect gained and lost against its base and the teacher."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from stillwatch.assay.client._base import Bounds, estimate
from stillwatch.assay.client.http import HttpClient, Purse
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.panel.asked import Asker, ask_items, unanswered
from stillwatch.assay.panel.corrected import read_labels
from stillwatch.assay.panel.inspected import needed, scored
from stillwatch.assay.panel.items import (
    ITEMS,
    PANEL,
    TRANSCRIPTS,
    opened,
    read_items,
    sealed,
    together,
    written,
    written_items,
)
from stillwatch.assay.panel.made import reported
from stillwatch.assay.panel.sets import SETS, read_set
from stillwatch.cli.assaying.asking import budget_option, rate_option, threads_option
from stillwatch.cli.assaying.told import MODEL_HELP, endpoint
from stillwatch.cli.numbers import FiniteRange
from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console
from stillwatch.cli.sharing.landed import land
from stillwatch.errors import UsageError
from stillwatch.model.panel import Item, Panel, Task
from stillwatch.report.files import read
from stillwatch.report.panelled import panel_text

LEAST_SHARE = 0.1
"""A capability is a campaign's from this share of its traffic on."""


@click.command("panel", short_help="What a suspect gained and lost against its base and the teacher.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--suspect", metavar="NAME=URL[,...]", help=f"The suspect: {MODEL_HELP}")
@click.option("--base", metavar="NAME=URL[,...]", help="The model that the suspect is presumed to come from.")
@click.option("--teacher", metavar="NAME=URL[,...]", help="The teacher: our model.")
@click.option(
    "--items",
    multiple=True,
    type=existing_file,
    metavar="FILE",
    help="Items of your own, one JSON object a line. May be repeated.",
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME:FILE",
    help=f"A public set as it is published, one of {', '.join(SETS)}. May be repeated.",
)
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="TASK[=CAPABILITY]",
    help="A task that inspect-ai runs, by name or file. May be repeated.",
)
@click.option(
    "--near",
    multiple=True,
    metavar="TASK",
    help="A task that the campaign's traffic draws on. May be repeated.",
)
@click.option(
    "--findings",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Findings of a scan, to tell near tasks by their capability.",
)
@click.option("--campaign", metavar="ID", help="The campaign of --findings whose capabilities are near.")
@click.option(
    "--margin",
    default=Panel.margin,
    show_default=True,
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Differences within it are none.",
)
@click.option(
    "--most-tokens",
    default=Panel.most_tokens,
    show_default=True,
    type=click.IntRange(1),
    help="Length of an answer.",
)
@click.option(
    "--limit",
    default=0,
    type=click.IntRange(0),
    help="Samples of each task of inspect-ai at most; 0 for all.",
)
@click.option(
    "--labels",
    type=existing_file,
    metavar="FILE",
    help="Answers labelled by hand, to correct shares of refusals.",
)
@budget_option
@rate_option
@threads_option
@click.option("--dry-run", is_flag=True, help="Seal, tell what would be asked, and ask nothing.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["md", "json", "html"]),
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
@click.option("--quiet", is_flag=True, help="Print nothing but errors and the report.")
def panel(folder: Path, out: Path | None, form: Any, labels: Path | None, *, dry_run: bool, quiet: bool, **told: Any) -> None:  # fmt: skip
    """Ask a suspect, its presumed base and the teacher the same items, and tell the gaps with their intervals.

    The first call seals items, models and near tasks in DIR; every call asks what is not answered yet, and makes the report from
    what was kept. Refusals of unsafe and of safe prompts are told apart, and so is what is censored. A panel describes and confirms nothing.
    """
    if not (folder / PANEL).exists():
        _seal(folder, told)
    elif told["suspect"] or told["items"] or told["sets"] or told["tasks"]:
        raise UsageError(f"The panel in {folder} is sealed already. Make another in a new folder.")
    planned, items = opened(folder)
    kept = Transcripts.opened(folder / TRANSCRIPTS, planned.seal)
    _say(planned, items, kept, quiet=quiet)
    if dry_run:
        return
    purse = Purse(Bounds(budget=told["budget"], per_second=told["per_second"]))
    is_open = bool(planned.tasks) or any(True for _ in unanswered(planned, items, kept))
    clients = {model.name: HttpClient(model, purse) for model in planned.models} if is_open else {}
    askers = {model.name: Asker(model, kept, clients.get(model.name)) for model in planned.models}
    try:
        ask_items(planned, items, askers, told["threads"])
        scores = scored(planned, askers, folder) if planned.tasks else None
    finally:
        for client in clients.values():
            client.close()
    report = reported(planned, items, kept, scores, read_labels(labels) if labels else None)
    made = panel_text(report, form)
    if out is None:
        click.echo(made, nl=False)
    else:
        land(made.encode("utf-8"), out)


def _seal(folder: Path, told: Mapping[str, Any]) -> None:
    """Write the panel and its items."""
    if not (told["suspect"] and told["base"] and told["teacher"]):
        raise UsageError("A new panel needs --suspect, --base and --teacher.")
    if told["tasks"]:
        needed()
    parts = [read_items(file.read_bytes(), str(file)) for file in told["items"]]
    items = together([*parts, *map(read_set, told["sets"])])
    tasks = tuple(Task(name=n, capability=c) for n, _, c in (t.rpartition("=") if "=" in t else (t, "", "") for t in told["tasks"]))  # fmt: skip
    if not items and not tasks:
        raise UsageError("A new panel needs --items, --set or --task: there is nothing to ask.")
    content = written_items(items)
    made = sealed(
        Panel(
            items_digest=hashlib.sha256(content).hexdigest(),
            suspect=endpoint(told["suspect"], "suspect"),
            base=endpoint(told["base"], "reference"),
            teacher=endpoint(told["teacher"], "teacher"),
            tasks=tasks,
            near=_near(told, items, tasks),
            margin=told["margin"],
            most_tokens=told["most_tokens"],
            limit=told["limit"],
        )
    )
    land(content, folder / ITEMS)
    land(written(made), folder / PANEL)


def _near(told: Mapping[str, Any], items: Sequence[Item], tasks: Sequence[Task]) -> tuple[str, ...]:
    """Tasks that were named, and those whose capability a campaign's traffic draws on."""
    drawn = {item.task: item.capability for item in items if item.panel == "benchmark"}
    drawn |= {task.name: task.capability for task in tasks}
    unknown = sorted(set(told["near"]) - set(drawn))
    if unknown:
        raise UsageError(
            f"--near names {unknown[0]!r}, which is no task of this panel. It has {', '.join(drawn) or 'none'}."
        )
    if (told["findings"] is None) != (told["campaign"] is None):
        raise UsageError("--findings and --campaign go together.")
    wanted = set(told["near"])
    if told["findings"] is not None:
        mine = _capabilities(told["findings"], told["campaign"])
        wanted |= {task for task, capability in drawn.items() if capability in mine}
    return tuple(sorted(wanted))


def _capabilities(findings: Path, campaign_id: str) -> frozenset[str]:
    known = {c["campaign_id"]: c for c in read(findings).campaigns}
    if campaign_id not in known:
        raise UsageError(
            f"{findings} holds no finding {campaign_id!r}. It holds {', '.join(known) or 'none'}."
        )
    return frozenset(c["capability"] for c in known[campaign_id]["capabilities"] if c["share"] >= LEAST_SHARE)


def _say(planned: Panel, items: Sequence[Item], kept: Transcripts, *, quiet: bool) -> None:
    if not quiet:
        open_ = estimate([request for _, request in unanswered(planned, items, kept)])
        tasks = f", and {len(planned.tasks)} tasks of inspect-ai" if planned.tasks else ""
        console(is_error=True).print(
            f"Sealed as {planned.seal}. To ask: {open_.requests:,} queries, about {open_.tokens_in:,} tokens in and {open_.tokens_out:,} out{tasks}.",
            soft_wrap=True,
        )
