"""`stillwatch verify`: find out whether a dossier is what it was when it was made, and whether the log still says so."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from stillwatch import settings
from stillwatch.casebook.door import casebook_room
from stillwatch.cli.assaying.reported import key_option, reported, tokenizer_option, unserved_option
from stillwatch.cli.assaying.told import keys
from stillwatch.cli.progress import shown
from stillwatch.cli.scan import existing, existing_file
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.model.assay import AssayReport
from stillwatch.model.checked import Check
from stillwatch.report.dossier.assay_checks import assay_checks
from stillwatch.report.dossier.checked import Opened, checks, read_zip, unchecked
from stillwatch.report.dossier.from_log import Place
from stillwatch.report.dossier.packed import pack_of
from stillwatch.report.dossier.rescanned import AGAIN, UNHEARD, Rescan, against, needs_casebook, same_log
from stillwatch.report.wording import of
from stillwatch.scan import scan

ALTERED = 1
DECIDING = {
    setting.name
    for setting in settings.describe()
    if setting.name.partition(".")[0] in {"judge", "link", "weigh"} or setting.name == "signals.without"
}
STYLE = {"same": "green", "not checked": "dim"}


@click.command(short_help="Check a dossier: its digests, its text, and with the log its tables.")
@click.argument("path", metavar="DOSSIER_ZIP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--log",
    type=existing,
    metavar="PATH",
    help="Scan this log again, with the recorded settings, and compare the tables.",
)
@click.option(
    "--from", "log_format", metavar="FORMAT", help="Format of the log, if it is not to be recognised."
)
@click.option(
    "--accounts", type=existing_file, help="Table of accounts, where it does not lie beside the log."
)
@click.option("--networks", type=existing_file, help="Table of address ranges, likewise.")
@click.option("--models", type=existing_file, help="Table of models, likewise.")
@click.option(
    "--actors",
    type=existing_file,
    metavar="FILE",
    help="Actors' file of the scan: repeat the attribution too.",
)
@click.option(
    "--casebook",
    metavar="FILE_OR_URL",
    help="Casebook of the scan, where others' sightings or cleared accounts count. A copy of it is asked.",
)
@click.option(
    "--circle-key-file",
    "circle_key",
    type=existing_file,
    metavar="FILE",
    help="Key with which those sightings are compared.",
)
@click.option(
    "--assay",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of an assay that the dossier tells of: its report is made again, with the keys given, and compared.",
)
@key_option
@unserved_option
@tokenizer_option
@click.option("--json", "is_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_context
def verify(ctx: click.Context, /, path: Path, *, is_json: bool, **named: Any) -> None:
    """Check DOSSIER_ZIP: all files by SHA-256, and what it says by telling it again from its own tables.

    With --log the log is scanned again and the tables are compared, with --actors the attribution too. Compare the SHA-256 of the whole file with the one
    that `stillwatch dossier` printed when it was made: whoever alters a zip can write a new manifest too.

    Ends with status 0 if all is as it was, 1 if something was altered, 2 if it is no dossier.
    """
    held = read_zip(path)
    found = checks(held)
    if named["log"] is not None and not any(check.is_bad for check in found):
        alone = named["casebook"] is None and needs_casebook(held)
        files = same_log(held, named["log"], named["accounts"], named["models"])
        found = (*found, *files, *((UNHEARD,) if alone else _again(held, named)))
    if not any(check.is_bad and check.name in held.seal.pack for check in found):
        found = (*found, *assay_checks(held, _assayed(named)))
    bad = [check for check in found if check.is_bad]
    if is_json:
        click.echo(json.dumps([asdict(check) for check in found], indent=2, sort_keys=True))
    else:
        _print(held, found, bad)
    ctx.exit(ALTERED if bad else 0)


def _again(held: Opened, named: dict[str, Any]) -> tuple[Check, ...]:
    """Scan the log with the settings that the dossier names, and compare."""
    run = pack_of(held.pack_files).run
    chosen = settings.load(None, _recorded(run.get("settings", {})))
    tables = {name: named[name] for name in ("accounts", "networks", "models", "log_format")}
    with (
        tempfile.TemporaryDirectory(prefix="stillwatch-verify-") as scratch,
        shown(is_quiet=False) as progress,
    ):
        out, book = Path(scratch) / "findings", Path(scratch) / "casebook.db"
        if named["casebook"] is not None:
            casebook_room("copied").copied(named["casebook"], book)
        scan(
            named["log"],
            out=out,
            **tables,
            casebook=run.get("confirmed", {}) if named["casebook"] is None else book,
            actors=named["actors"],
            circle_key=named["circle_key"],
            settings=chosen,
            progress=progress,
        )
        place = Place(named["log"], named["accounts"], named["models"], named["log_format"])
        return against(held, Rescan(out, place, named["actors"]))


def _assayed(named: dict[str, Any]) -> tuple[AssayReport, ...]:
    """The report of the assay whose folder was given, made again."""
    if named["assay"] is None:
        return ()
    secret = {**keys(named["key"]), **keys(named["unserved_key"])}
    return (reported(named["assay"], secret, named["tokenizer"]),)


def _recorded(rooms: Any) -> dict[str, Any]:
    """The recorded settings that decide what is found; a zip names no path on this machine and no limit of it."""
    return {
        f"{room}.{name}": value
        for room, values in rooms.items()
        if isinstance(values, dict)
        for name, value in values.items()
        if f"{room}.{name}" in DECIDING
    }


def _print(held: Opened, found: tuple[Check, ...], bad: list[Check]) -> None:
    made = table("What", "Outcome", "How")
    again = [check for check in found if check.name.endswith(AGAIN) and check.outcome == "same"]
    for check in (*(check for check in found if check not in again), *_gathered(again)):
        style = STYLE.get(check.outcome, "bold red")
        made.add_row(text(harmless(check.name)), text(check.outcome, style), text(harmless(check.told)))
    screen = console()
    screen.print(made)
    screen.print(text(f"SHA-256 of the whole file: {held.digest}"), soft_wrap=True)
    screen.print(_verdict(harmless(held.seal.campaign_id), found, bad), soft_wrap=True)


def _gathered(again: list[Check]) -> tuple[Check, ...]:
    """All that another scan confirmed, in one line."""
    names = ", ".join(check.name.removesuffix(f", {AGAIN}") for check in again)
    return (Check(f"{of(len(again), 'part')}, {AGAIN}", "same", names),) if again else ()


def _verdict(name: str, found: tuple[Check, ...], bad: list[Check]) -> Text:
    """What is altered; else what nobody checked; else that it fits, as far as a file can tell of itself."""
    open_still = unchecked(found)
    if bad:
        return text(f"{name}: altered: {', '.join(harmless(check.name) for check in bad)}.", "bold red")
    if open_still:
        told = ", ".join(harmless(one) for one in open_still)
        return text(f"{name}: digests fit; not checked: {told}.", "bold yellow")
    return text(f"{name}: nothing was altered, if this is the SHA-256 that you were given.", "bold green")
