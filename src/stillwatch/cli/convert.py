"""`stillwatch convert`: logs of other programs as the contract's tables, or as another format's log."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click

from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.errors import InputError, PartialInputError
from stillwatch.report.landing import landing
from stillwatch.sources._base import Source
from stillwatch.sources.conversion import Conversion, Wishes
from stillwatch.sources.files import format_named, sources
from stillwatch.sources.gather import open_logs, wanted
from stillwatch.sources.layout import Input
from stillwatch.sources.privacy.key import Key, key_from_environment, key_from_file
from stillwatch.sources.rejected import Reject
from stillwatch.sources.scoped import SCOPES, scoped

REPORT = "conversion.json"
CONTRACT = "contract"
KEY_VARIABLE = "STILLWATCH_REDACTION_KEY"


@click.command(short_help="Turn logs of other programs into the contract's tables.")
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option(
    "--from", "log_format", metavar="FORMAT", help="Format of the log, if it is not to be recognised."
)
@click.option(
    "--to",
    "to_format",
    default=CONTRACT,
    show_default=True,
    metavar="FORMAT",
    help="What to write: the contract's tables as Parquet, or a log in a format of `stillwatch formats`.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the result. An earlier result there is replaced at the end, as a whole.",
)
@click.option(
    "--ids-repeat",
    type=click.Choice(SCOPES),
    help="The log's ids are unique in a day, or in a file, only: they get it before them.",
)
@click.option("--map", "mapping", type=existing_file, help="Mapping file (TOML) of a house format of logs.")
@click.option(
    "--edge",
    type=existing_file,
    multiple=True,
    help="Log of the edge (load balancer, WAF, CDN), joined by request id; may be repeated.",
)
@click.option("--edge-map", type=existing_file, help="Mapping file of the edge log.")
@click.option(
    "--edge-key",
    default="exchange_id",
    show_default=True,
    metavar="COLUMN",
    help="Column that holds the request id.",
)
@click.option("--accounts", type=existing_file, multiple=True, help="Export of accounts; may be repeated.")
@click.option("--accounts-map", type=existing_file, help="Mapping file of the account exports.")
@click.option(
    "--networks",
    multiple=True,
    metavar="FILE",
    help="Facts of addresses: a .mmdb file, a cloud's range file, a table, or KIND=LIST (vpn=list.txt); may be repeated.",
)
@click.option("--redact", is_flag=True, help="Hash ids and addresses with the key.")
@click.option(
    "--no-text",
    is_flag=True,
    help="Hash every word of prompts and answers with the key; campaigns may be missed.",
)
@click.option("--key-file", type=existing_file, help=f"File with the key; else the variable {KEY_VARIABLE}.")
@click.option(
    "--keep-secrets", is_flag=True, help="Leave keys and tokens in prompts and answers as they are."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def convert(
    inputs: tuple[str, ...],
    log_format: str | None,
    to_format: str,
    out: Path,
    ids_repeat: str | None,
    mapping: Path | None,
    key_file: Path | None,
    *,
    redact: bool,
    no_text: bool,
    keep_secrets: bool,
    quiet: bool,
    **joined: Any,
) -> None:
    """Read logs at IN and write them to DIR, with what was rejected and excluded, and why.

    IN is a file, a folder, a pattern, - for standard input, or an address such as s3://bucket/logs/; packed by gzip,
    zstd or bzip2 or not. Keys and tokens that stand in prompts and answers are masked.
    """
    known = sources()
    written = format_named("parquet" if to_format == CONTRACT else to_format, known)
    wishes = _wishes(
        joined, _key(key_file, wanted=redact or no_text), redacts=redact, hides=no_text, keeps=keep_secrets
    )
    with landing(out, REPORT) as folder:
        scratch = folder / ".reading"
        scratch.mkdir()
        asked = wanted(log_format, mapping, known)
        if ids_repeat is not None:
            known = {name: scoped(source, ids_repeat) for name, source in known.items()}
            asked = None if asked is None else scoped(asked, ids_repeat)
        log = open_logs(inputs, known, asked, scratch)
        with Reject(folder / "rejected.jsonl", show=wishes.shown) as reject:
            conversion = Conversion(log, reject, wishes)
            _write(conversion, written, folder)
        shutil.rmtree(scratch)
        told = _report(log, reject, conversion)
        if not conversion.rows:
            failed = "".join(f" {name}: {why}." for name, why in log.failures.items())
            raise InputError(f"There is no exchange in {', '.join(inputs)}: {_told(told)}{failed}")
        (folder / REPORT).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", "utf-8")
    if not quiet:
        _print(told, out)
    if log.failures:
        failed = "; ".join(f"{name}: {why}" for name, why in log.failures.items())
        raise PartialInputError(
            f"Only a part of the input could be read, and {out} holds that part. {failed}"
        )


def _key(file: Path | None, *, wanted: bool) -> Key | None:
    if not wanted:
        return None
    return key_from_environment(KEY_VARIABLE) if file is None else key_from_file(file)


def _wishes(joined: dict[str, Any], key: Key | None, *, redacts: bool, hides: bool, keeps: bool) -> Wishes:
    maps = {name: joined[f"{name}_map"] for name in ("edge", "accounts") if joined[f"{name}_map"] is not None}
    given = {name: joined[name] for name in ("edge", "edge_key", "accounts", "networks")}
    return Wishes(**given, maps=maps, key=key, redacts=redacts, hides_text=hides, masks=not keeps)


def _write(conversion: Conversion, written: Source, folder: Path) -> None:
    ending = written.suffixes[0] if written.suffixes else ".jsonl"
    written.write(conversion.exchanges(), folder / f"exchanges{ending}")
    for name, table in conversion.tables():
        if written.carries is None and table.num_rows:
            written.write(table.to_batches(), folder / f"{name}{ending}")


def _report(log: Input, reject: Reject, conversion: Conversion) -> dict[str, Any]:
    return {
        "read": log.rows_read["exchanges"],
        "written": conversion.rows,
        "rejected": dict(sorted(reject.reasons.items())),
        "excluded": log.excluded,
        "secrets masked": dict(sorted(conversion.secrets.items())),
        "joined": conversion.told,
        "failures": log.failures,
        "notes": list(log.notes),
    }


def _told(report: dict[str, Any]) -> str:
    parts = [f"{report['written']:,} exchanges of {report['read']:,} records"]
    parts += [f"{rows:,} rejected ({reason})" for reason, rows in report["rejected"].items()]
    parts += [f"{rows:,} excluded ({reason})" for reason, rows in report["excluded"].items()]
    return "; ".join(parts) + "."


def _print(report: dict[str, Any], out: Path) -> None:
    screen = console()
    screen.print(f"{harmless(out)}: {harmless(_told(report))}")
    for what, counts in report["joined"].items():
        said = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        screen.print(f"  {what}: {harmless(said)}", style="dim")
    if report["secrets masked"]:
        said = ", ".join(f"{count:,} {kind}" for kind, count in report["secrets masked"].items())
        screen.print(f"  secrets masked: {harmless(said)}", style="dim")
    for note in report["notes"]:
        screen.print(f"  {harmless(note)}", style="dim")
