"""`stillwatch convert`: logs of other programs as the contract's tables, or as another format's log."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pyarrow as pa

from stillwatch.cli.screen import console, harmless
from stillwatch.errors import InputError, PartialInputError
from stillwatch.report.landing import landing
from stillwatch.sources.files import format_named, sources
from stillwatch.sources.gather import open_logs
from stillwatch.sources.layout import TABLES, Input
from stillwatch.sources.rejected import Reject

REPORT = "conversion.json"
CONTRACT = "contract"


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
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def convert(
    inputs: tuple[str, ...], log_format: str | None, to_format: str, out: Path, *, quiet: bool
) -> None:
    """Read logs at IN and write them to DIR, with what was rejected and excluded, and why.

    IN is a file, a folder, a pattern, - for standard input, or an address such as s3://bucket/logs/; packed by gzip,
    zstd or bzip2 or not.
    """
    known = sources()
    wanted = None if log_format is None else format_named(log_format, known)
    written = format_named("parquet" if to_format == CONTRACT else to_format, known)
    with landing(out, REPORT) as folder:
        scratch = folder / ".reading"
        scratch.mkdir()
        log = open_logs(inputs, known, wanted, scratch)
        with Reject(folder / "rejected.jsonl") as reject:
            counted = Counter[str]()
            ending = written.suffixes[0] if written.suffixes else ".jsonl"
            written.write(_counted(log.exchanges(reject), counted), folder / f"exchanges{ending}")
            if written.carries is None:
                for name in sorted(set(log.present) - {"exchanges"}):
                    written.write(getattr(log, name)(reject).to_batches(), folder / f"{name}{ending}")
        shutil.rmtree(scratch)
        told = _report(log, reject, counted["rows"])
        if not counted["rows"]:
            raise InputError(f"There is no exchange in {', '.join(inputs)}: {_told(told)}")
        (folder / REPORT).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", "utf-8")
    if not quiet:
        console().print(f"{harmless(out)}: {harmless(_told(told))}")
    if log.failures:
        failed = "; ".join(f"{name}: {why}" for name, why in log.failures.items())
        raise PartialInputError(
            f"Only a part of the input could be read, and {out} holds that part. {failed}"
        )


def _counted(batches: Iterator[pa.RecordBatch], counted: Counter[str]) -> Iterator[pa.RecordBatch]:
    """The batches; an empty one where there is none, for its columns."""
    for batch in batches:
        counted["rows"] += batch.num_rows
        yield batch
    if not counted["rows"]:
        yield pa.RecordBatch.from_pylist([], schema=TABLES["exchanges"].arrow)


def _report(log: Input, reject: Reject, rows: int) -> dict[str, object]:
    return {
        "read": log.rows_read["exchanges"],
        "written": rows,
        "rejected": dict(sorted(reject.reasons.items())),
        "excluded": log.excluded,
        "failures": log.failures,
        "notes": list(log.notes),
    }


def _told(report: dict[str, object]) -> str:
    rejected, excluded = report["rejected"], report["excluded"]
    assert isinstance(rejected, dict)  # noqa: S101
    assert isinstance(excluded, dict)  # noqa: S101
    parts = [f"{report['written']:,} exchanges of {report['read']:,} records"]
    parts += [f"{rows:,} rejected ({reason})" for reason, rows in rejected.items()]
    parts += [f"{rows:,} excluded ({reason})" for reason, rows in excluded.items()]
    return "; ".join(parts) + "."
