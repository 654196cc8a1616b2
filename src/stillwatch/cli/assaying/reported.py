"""The report of an assay as the command line asks for it: which folder, which keys, which tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from stillwatch.assay.case import Case, Keys
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.plan import TRANSCRIPTS, opened
from stillwatch.assay.recompute import recomputed
from stillwatch.cli.assaying.told import WORDS, tokenizer_digest, tools
from stillwatch.errors import UsageError
from stillwatch.model.assay import AssayReport

key_option = click.option(
    "--key",
    "key",
    multiple=True,
    metavar="SET=KIND:FILE",
    help="Keys of an account set: SET=marks:FILE from `stillwatch mark plan`, or SET=watermark:FILE, SET=canary:FILE, SET=synthid:FILE, SET=textseal:FILE. May be repeated.",
)
unserved_option = click.option(
    "--unserved-key",
    multiple=True,
    metavar="SET=KIND:FILE",
    help="Key of a set that was never served: a control. May be repeated.",
)
tokenizer_option = click.option(
    "--tokenizer",
    default=WORDS,
    show_default=True,
    metavar="FILE",
    help="The teacher's tokenizer.json, for watermarks on its tokens.",
)


def reported(folder: Path, secret: Mapping[str, Keys], tokenizer: str) -> AssayReport:
    """The report, made from the plan, the probes and the transcripts of a folder, without a network."""
    case, kept = case_of(folder, secret, tokenizer)
    return recomputed(case, kept)


def case_of(folder: Path, secret: Mapping[str, Keys], tokenizer: str) -> tuple[Case, Transcripts]:
    """The case of a folder as it lies there, and its transcripts."""
    plan, probes = opened(folder)
    if tokenizer_digest(tokenizer) != plan.tokenizer_digest:
        raise UsageError("The plan was sealed with another tokenizer. Give the same one with --tokenizer.")
    kept = Transcripts.opened(folder / TRANSCRIPTS, plan.seal)
    return Case(plan, probes, kept.answer, tools(secret, tokenizer)), kept
