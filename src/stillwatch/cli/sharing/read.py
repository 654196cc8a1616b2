"""`stillwatch share read`: what bundles of others say was seen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from stillwatch.casebook.door import casebook_room
from stillwatch.cli.screen import console, harmless
from stillwatch.cli.sharing.found import found_in
from stillwatch.cli.sharing.keys import circle_key, circle_option, house_key, key_option
from stillwatch.cli.sharing.landed import land
from stillwatch.errors import UsageError
from stillwatch.model.shared import Producer
from stillwatch.model.sighting import Told
from stillwatch.share.answer import answer
from stillwatch.share.blind import Blind
from stillwatch.share.bundle import read_bytes, taken_apart
from stillwatch.share.compare import Agreement, agreements
from stillwatch.share.sightings import of_others, sightings
from stillwatch.share.ways import together


@click.command("read", short_help="What bundles of others say was seen.")
@click.argument("bundles", nargs=-1, required=True, metavar="SOURCE=FILE...")
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FINDINGS",
    help="Findings folder of your own: say which sightings name what its campaigns share.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="File for the sightings, as JSON."
)
@click.option(
    "--answer",
    "answer_out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File for the answer, with --against: a STIX bundle that says which of their indicators you saw, and which not.",
)
@click.option(
    "--casebook",
    "place",
    metavar="FILE_OR_URL",
    help="Keep what they say in this casebook, begun if it is not there; the next scan with it weighs it.",
)
@click.option(
    "--producer",
    default="A model provider",
    show_default=True,
    metavar="NAME",
    help="Who you share as: what comes back of your own is not kept.",
)
@key_option
@circle_option
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def read_bundles(
    bundles: tuple[str, ...],
    against: Path | None,
    out: Path | None,
    key_file: Path | None,
    circle_key_file: Path | None,
    *,
    answer_out: Path | None,
    place: str | None,
    producer: str,
    quiet: bool,
) -> None:
    """Read STIX bundles of others, and say what they hold: which sightings, from whom, and what was left out and why.

    SOURCE is your word for who handed you FILE. A sighting counts once, however often it is relayed. A retraction takes back
    only what came by its own way, and relays of it if that way bears the maker's name, or was the first. Without --casebook nothing is done with what is read.
    """
    if answer_out is not None and against is None:
        raise UsageError(
            "An answer says what your own findings hold of it. Give them with --against FINDINGS."
        )
    parts = [sightings(taken_apart(read_bytes(p), str(p)), s) for s, p in map(_named, bundles)]
    told = together(parts)
    new, taken = None, Told()
    if place is not None:
        own = Blind(house_key(key_file)).identifier("identity", "producer", producer)
        room = casebook_room("sightings")
        new = sum(room.keep(place, of_others(part, own)) for part in parts)
        taken = together(room.all_told(place)[0])
    agreed: list[Agreement] = []
    if against is not None:
        blind = Blind(house_key(key_file), circle_key(circle_key_file))
        found = found_in(against)
        agreed = agreements(told.sightings, found.campaigns, blind)
        if answer_out is not None:
            own = blind.identifier("identity", "producer", producer)
            land(answer(of_others(told, own).sightings, found, Producer(producer), blind), answer_out)
    if out is not None:
        document = {**asdict(told), "agreements": [asdict(a) for a in agreed]}
        land((json.dumps(document, indent=2, sort_keys=True) + "\n").encode("ascii"), out)
    if not quiet:
        _print(told, agreed, is_compared=against is not None)
        if new is not None:
            console().print(
                f"{new} lines of it are new in the casebook; `stillwatch case sightings` lists what counts."
            )
            _print_problems(p for p in taken.problems if p not in told.problems)


def _named(word: str) -> tuple[str, Path]:
    source, equals, path = word.partition("=")
    if not equals or not source or not path:
        raise UsageError(
            f"{word!r} does not say who handed you the file. Write SOURCE=FILE, such as acme=bundle.json."
        )
    return source, Path(path)


def _print(told: Told, agreed: list[Agreement], *, is_compared: bool) -> None:
    screen = console()
    if any(s.simulated for s in told.sightings):
        screen.print("Sightings of simulated traffic: nobody named there exists.", style="bold magenta")
    screen.print(f"{len(told.sightings)} sightings, {len(told.retractions)} retractions")
    makers = Counter((s.maker_name or s.maker, s.source, s.tlp) for s in told.sightings)
    for (maker, source, tlp), count in sorted(makers.items()):
        line = f"  {count} of {harmless(maker)}, by way of {harmless(source)}, TLP:{tlp.upper()}"
        screen.print(line, soft_wrap=True)
    _print_problems(told.problems)
    for agreement in agreed:
        signals = ", ".join(f"{count} {signal}" for signal, count in agreement.signals.items())
        who = harmless(agreement.maker_name or agreement.maker)
        screen.print(f"{agreement.campaign_id}: {who} saw what its members share ({signals})", soft_wrap=True)
    if is_compared and not agreed:
        screen.print("None of them names what your campaigns share.")


def _print_problems(problems: Iterable[str]) -> None:
    for problem in problems:
        console().print(f"  {harmless(problem)}", style="dim", soft_wrap=True)
