"""`stillwatch scan`: read a log, find campaigns, write the findings folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from stillwatch import settings
from stillwatch.cli import summary
from stillwatch.cli.progress import shown
from stillwatch.errors import UsageError
from stillwatch.model.finding import Findings
from stillwatch.scan import scan as scan_log

FAIL_ON = {"campaign": "distillation", "relay": "relay", "coordinated": "coordinated"}
FOUND = 1

existing = click.Path(exists=True, path_type=Path)
existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Find campaigns in a log and write a report.")
@click.argument("path")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the findings. An earlier result there is replaced at the end, as a whole.",
)
@click.option(
    "--from",
    "log_format",
    metavar="FORMAT",
    help="Format of the log, if it is not to be recognised; `stillwatch formats` lists them.",
)
@click.option("--accounts", help="Table of accounts, where it does not lie beside the log.")
@click.option("--networks", help="Table of address ranges; convert makes one of .mmdb files and lists.")
@click.option("--models", help="Table of models and their release times.")
@click.option("--actors", type=existing_file, help="What is known of possible actors (JSON, YAML or TOML).")
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="EARLIER",
    help="Findings folder of the last scan of the same growing log, DIR itself perhaps: what the scans say adds up.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep there what comes out of the door of each file, ids and keys, so that the next scan reads new files alone.",
)
@click.option(
    "--days",
    type=int,
    metavar="N",
    help="Scan the last N days (UTC) of the log; files without any of them are left out.",
)
@click.option(
    "--until",
    metavar="DAY",
    help="The last of these days, such as 2026-11-28; else that of the latest exchange.",
)
@click.option(
    "--casebook",
    metavar="FILE_OR_URL",
    help="Casebook, begun if it is not there: campaigns keep their ids from scan to scan, and what people decided counts.",
)
@click.option(
    "--circle-key-file",
    "circle_key",
    type=existing_file,
    help="Key of your circle of providers: what others told, which the casebook holds, is compared with this log.",
)
@click.option("--settings", "settings_file", type=existing_file, help="Settings file (TOML).")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="ROOM.NAME=VALUE",
    help="Set one setting; may be repeated. The manual lists all.",
)
@click.option(
    "--false-alarm-budget",
    "judge__false_alarm_budget",
    metavar="X",
    help="Expected number of falsely reported distillation campaigns in one scan.",
)
@click.option(
    "--memory",
    "engine__memory",
    metavar="SIZE",
    help="Memory that the scan should do with, such as 4GB: columns then lie on the disk, and queries spill there.",
)
@click.option(
    "--engine",
    "engine__name",
    type=click.Choice(["duckdb", "spark"]),
    help="Where tables live: on this machine, or with the executors of a Spark session.",
)
@click.option(
    "--master",
    "engine__master",
    metavar="URL",
    help="Where Spark runs: local[4], sc://host:15002, spark://host:7077; unset, what the job's configuration says.",
)
@click.option("--seed", "link__seed", metavar="N", help="Seed of the partitioning of the graph.")
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    multiple=True,
    help="End with status 1 if such a finding was made; may be repeated.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option(
    "--json", "is_json", is_flag=True, help="Print findings.json on standard output, and nothing else."
)
@click.pass_context
def scan(
    ctx: click.Context,
    /,
    path: str,
    out: Path,
    settings_file: Path | None,
    assignments: tuple[str, ...],
    fail_on: tuple[str, ...],
    *,
    quiet: bool,
    is_json: bool,
    **named: Any,
) -> None:
    """Find campaigns in the log at PATH and write the findings to DIR.

    PATH is a folder that holds exchanges.parquet (or .jsonl, .csv, also compressed) and, if there are
    any, accounts, networks and models; or a log file, or a folder of such, in a format that
    `stillwatch formats` lists. With --engine spark it may also be Parquet in storage that the session reads,
    or the name of a table in its catalogue, and so may the tables beside it.

    Ends with status 0 whatever was found; 1 if --fail-on names a finding that was made; 2 if the input or
    the arguments cannot be used; 3 if the scan failed or could read only part of its input.
    """
    overrides = {n.replace("__", "."): value for n, value in named.items() if "__" in n and value is not None}
    tables = {name: value for name, value in named.items() if "__" not in name}
    chosen = settings.load(settings_file, {**overrides, **assigned(assignments)})
    with shown(is_quiet=quiet or is_json) as progress:
        findings = scan_log(path, out=out, **tables, settings=chosen, progress=progress)
    if is_json:
        click.echo((out / "findings.json").read_text("utf-8"), nl=False)
    elif not quiet:
        summary.print_findings(findings, out)
    ctx.exit(exit_status(findings, fail_on))


def assigned(assignments: tuple[str, ...]) -> Mapping[str, str]:
    """The settings that `--set` names: `judge.false_alarm_budget=0.01`."""
    pairs = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"--set {assignment!r} has no '='. Write --set room.name=value.")
        pairs[name.strip()] = value.strip()
    return pairs


def exit_status(findings: Findings, fail_on: tuple[str, ...]) -> int:
    """1 if a finding was made that the caller asked to fail on, else 0."""
    verdicts = {FAIL_ON[word] for word in fail_on}
    return FOUND if any(campaign.verdict in verdicts for campaign in findings.campaigns) else 0
