"""`stillwatch share`: findings in formats for others and for one's own systems, as far as a tier allows."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.cli.sharing.back import Back, ledger_option, retracted
from stillwatch.cli.sharing.found import found_in
from stillwatch.cli.sharing.keys import circle_key, circle_option, house_key, key_option
from stillwatch.cli.sharing.landed import land
from stillwatch.cli.sharing.push import pull_bundle, push_bundle, push_to_misp
from stillwatch.cli.sharing.read import read_bundles
from stillwatch.cli.sharing.verify import verify
from stillwatch.errors import UsageError
from stillwatch.model.sealed import seal
from stillwatch.model.shared import Producer, Shared, Tlp
from stillwatch.registry import discover
from stillwatch.share._base import Export
from stillwatch.share.blind import Blind
from stillwatch.share.ledger import lines, note, with_earlier_names
from stillwatch.share.policy import HIGHEST_TIER, PERMITTED, Policy
from stillwatch.share.prepare import Wish, prepare

WRITE = "write"


class Words(click.Group):
    """A group whose first word may be left out: `share FINDINGS ...` writes a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word in where none stands."""
        asks_for_help = bool(args) and args[0] in ctx.help_option_names
        if args and args[0] not in self.commands and not asks_for_help:
            args = [WRITE, *args]
        return super().parse_args(ctx, args)


@click.group(cls=Words, short_help="Findings in formats for others and for your own gateways.")
def share() -> None:
    """Write findings in a format for others, or for your own gateways, as far as a tier allows.

    `stillwatch share FINDINGS --as stix --out FILE` is short for `stillwatch share write`.
    """


@share.command(WRITE, short_help="Write findings as one file; the word can be left out.")
@click.argument("folder", metavar="FINDINGS", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--as",
    "export_name",
    metavar="FORMAT",
    required=True,
    help="stix, misp, csv, sigma, navigator, watchlist, or what a package brings.",
)
@click.option(
    "--out", metavar="FILE", required=True, type=click.Path(path_type=Path), help="File for the result."
)
@click.option(
    "--tier",
    type=click.IntRange(0, HIGHEST_TIER),
    default=1,
    show_default=True,
    help="0 techniques and counts, 1 and texts and programs, 2 and networks, 3 and accounts.",
)
@click.option(
    "--tlp",
    type=click.Choice(get_args(Tlp)),
    default="amber+strict",
    show_default=True,
    help="How far it may go (TLP 2.0).",
)
@click.option(
    "--permitted",
    default=PERMITTED,
    metavar="TEXT",
    help="What a reader may do with it, in place of the usual words.",
)
@click.option(
    "--finding",
    "only",
    multiple=True,
    metavar="ID",
    help="Only this finding; may be repeated. Without: distillation and relays.",
)
@click.option("--producer", default="A model provider", show_default=True, metavar="NAME", help="Who shares.")
@click.option(
    "--model-family",
    "families",
    multiple=True,
    metavar="WORD",
    help="A public model family of yours: names made of it are told; may be repeated.",
)
@click.option("--contact", metavar="TEXT", help="Where to ask, and to object.")
@click.option(
    "--retract",
    "retraction",
    metavar="REASON",
    help="Withdraw all that the ledger says was shared of these findings; with --tier also what they hold up to it.",
)
@ledger_option
@key_option
@circle_option
@click.option("--sign-key", type=existing_file, help="Ed25519 private key (PEM) that signs a watchlist.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def write(
    folder: Path,
    export_name: str,
    out: Path,
    key_file: Path | None,
    circle_key_file: Path | None,
    sign_key: Path | None,
    *,
    ledger: Path,
    quiet: bool,
    **wished: Any,
) -> None:
    """Write the findings in FINDINGS, which `stillwatch scan` made, as one file.

    Nothing of a higher tier is in it: prompts and answers in none, accounts in a watchlist of your own alone. The same
    findings, options and keys give the same bytes.
    """
    export, blind = _export(export_name), Blind(house_key(key_file), circle_key(circle_key_file))
    if (export.signed_as is None) != (sign_key is None):
        raise UsageError(
            f"A {export.name} is signed: give --sign-key FILE, which `openssl genpkey -algorithm ed25519 -out FILE` makes."
            if sign_key is None
            else f"--sign-key is given, and {export.name} is not signed. Leave it out."
        )
    shared = _shared(folder, _wish(wished, export), blind, ledger)
    content = export.render(shared, blind)
    if export.signed_as is not None and sign_key is not None:
        content = seal(content, export.signed_as, sign_key)
    if export.reader == "others":
        note(ledger, shared, blind)
    land(content, out, is_private=export.reader == "own")
    if not quiet:
        _print(shared, export, out)


for word in (verify, push_bundle, push_to_misp, pull_bundle, read_bundles):
    share.add_command(word)


def _export(name: str) -> Export:
    known = discover("share", Export)
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=2, cutoff=0.4)
    advice = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
    raise UsageError(f"There is no format {name!r} to share in. {advice}")


def _wish(wished: dict[str, Any], export: Export) -> Wish:
    return Wish(
        policy=Policy(wished["tier"], wished["tlp"], wished["permitted"]),
        producer=Producer(wished["producer"], wished["contact"]),
        only=wished["only"],
        is_own=export.reader == "own",
        retraction=wished["retraction"],
        families=wished["families"],
    )


def _shared(folder: Path, wish: Wish, blind: Blind, ledger: Path) -> Shared:
    found = found_in(folder, is_own=wish.is_own)
    if wish.is_own:
        return prepare(found, wish, blind)
    if wish.retraction is None:
        return with_earlier_names(lines(ledger, wish.producer.name, blind), prepare(found, wish, blind))
    source = click.get_current_context().get_parameter_source
    tier, tlp = (source(name) is not ParameterSource.DEFAULT for name in ("tier", "tlp"))
    return retracted(found, wish, blind, Back(ledger, tier, tlp))


def _print(shared: Shared, export: Export, out: Path) -> None:
    screen = console()
    if shared.simulated:
        screen.print("Simulated traffic: nobody named here exists.", style="bold magenta")
    told = [i for finding in shared.findings for i in finding.indicators if export.holds(i)]
    withdrawn = "" if shared.retraction is None else "withdrawn, "
    screen.print(
        f"{harmless(out)}: {len(shared.findings)} findings, {len(told)} indicators as {export.name}, {withdrawn}"
        f"TLP:{shared.handling.tlp.upper()}, tier {shared.handling.tier}"
    )
    if export.signed_as is not None and shared.retraction is None and not told:
        screen.print(
            f"  It is signed and empty, so a gateway that takes it looks for nothing: tier {shared.handling.tier} of these findings holds no indicator.",
            style="bold",
            soft_wrap=True,
        )
    now = datetime.now(UTC).isoformat()
    if stale := sum(i.valid_until < now for i in told):
        screen.print(f"  {stale} of the indicators have expired by today: the log is old", style="dim")
