"""`stillwatch techniques`: the catalogue of techniques, as a list, a page each, or a file for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

import click

from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.cli.sharing.landed import land
from stillwatch.errors import UsageError
from stillwatch.model.catalogue import CatalogueTechnique, catalogue
from stillwatch.registry import discover
from stillwatch.share.navigator import catalogue_layer
from stillwatch.share.stix import catalogue_bytes
from stillwatch.signals._base import Signal

FORMATS: Mapping[str, Callable[[], bytes]] = {"stix": catalogue_bytes, "navigator": catalogue_layer}


@click.command(short_help="How campaigns work: the catalogue of techniques.")
@click.argument("technique_id", metavar="[ID]", required=False)
@click.option(
    "--as",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Write the whole catalogue: STIX attack-patterns, or an ATLAS Navigator layer.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="File for that.")
def techniques(technique_id: str | None, form: str | None, out: Path | None) -> None:
    """List the techniques, print the page of the one called ID, or write the catalogue with --as and --out."""
    if (form is None) != (out is None):
        raise UsageError("--as and --out belong together: --as stix --out catalogue.json")
    if form is not None and out is not None:
        land(FORMATS[form](), out)
    elif technique_id is not None:
        _print_page(technique_id)
    else:
        made = table("Technique", "Name", "Group", "Basis", "Signals")
        for technique in catalogue().techniques:
            signals = ", ".join(signals_of(technique.id)) or "none"
            told = (technique.id, technique.name, technique.group, technique.basis, signals)
            made.add_row(*(text(t) for t in told))
        console().print(made)


def signals_of(technique_id: str) -> list[str]:
    """Names of the signals that speak to a technique; each declares it itself."""
    return [name for name, signal in discover("signals", Signal).items() if technique_id in signal.techniques]


def _print_page(technique_id: str) -> None:
    known = catalogue().of(technique_id.upper())
    if known is None:
        near = get_close_matches(technique_id.upper(), [t.id for t in catalogue().techniques], n=3)
        advice = f"Did you mean {' or '.join(near)}?" if near else "`stillwatch techniques` lists them all."
        raise UsageError(f"There is no technique {technique_id!r}. {advice}")
    screen = console()
    screen.print(f"{known.id} {known.name}\n", style="bold")
    for name, told in _facts(known):
        screen.print(f"{name}: {harmless(told)}", soft_wrap=True)


def _facts(technique: CatalogueTechnique) -> Iterator[tuple[str, str]]:
    yield "What it is", technique.description
    yield "What shows it", technique.observable
    yield "Data needed", technique.data
    yield "Who else shows it", technique.look_alike
    yield "Basis", ", ".join((technique.basis, *technique.sources))
    yield "Elsewhere", ", ".join((*technique.atlas, *technique.attack, *technique.owasp))
    signals = ", ".join(signals_of(technique.id))
    yield "Signals", signals or f"none: {technique.no_signal}"
