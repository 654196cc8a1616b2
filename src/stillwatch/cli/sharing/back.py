"""What a retraction takes back: all that the ledger says was told of the findings, and what a tier says if it was named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from stillwatch.cli.sharing.places import state_file
from stillwatch.errors import UsageError
from stillwatch.model.shared import Handling, Shared
from stillwatch.share.blind import Blind
from stillwatch.share.ledger import Line, lines, taken_back
from stillwatch.share.marking import STRICTEST
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Found, Wish, prepare, references

LEDGER = "shared.jsonl"

ledger_option = click.option(
    "--ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STILLWATCH_LEDGER",
    default=lambda: state_file(LEDGER),
    show_default=f"stillwatch/{LEDGER} in the folder for state",
    metavar="FILE",
    help="Record of what was shared, which --retract takes back whole; one for all findings.",
)


@dataclass(frozen=True)
class Back:
    """Where it stands what was shared, and whether a tier was named up to which findings are taken back besides, and a marking for whom.

    A retraction tells again what it takes back. So it bears the strictest marking under which that was told; with a marking named
    it takes back what was told that openly, for those who were told it, and says what is left.
    """

    ledger: Path
    is_tier_named: bool
    is_tlp_named: bool = False


def retracted(found: Found, wish: Wish, blind: Blind, back: Back) -> Shared:
    """The retraction of the findings that were asked for: leads, numbers, verdicts and traits of earlier scans included."""
    told = _told(lines(back.ledger, wish.producer.name, blind), found, wish, blind)
    if back.is_tlp_named:
        told = _as_open(told, wish)
    known = {line.finding.name for line in told}
    here = {campaign.campaign_id for campaign in found.campaigns}
    strangers = [name for name in wish.only if name not in known and name not in here]
    if strangers or (not back.is_tier_named and not told):
        raise UsageError(
            f"The ledger {back.ledger} does not say that {', '.join(strangers or wish.only) or 'any of these findings'} was shared as "
            f"{wish.producer.name} under this key, so what to take back is not known. Give the --ledger, --producer and --key-file of then; or "
            "name with --tier up to which tier the findings are to be taken back."
        )
    tier = max([wish.policy.tier if back.is_tier_named else 0, *(line.handling.tier for line in told)])
    marks = [wish.policy.tlp, *(line.handling.tlp for line in told)]
    policy = Policy(tier, min(marks, key=STRICTEST.index), wish.policy.permitted)
    only = tuple(name for name in wish.only if name in here)
    if back.is_tier_named and (only or not wish.only):
        shared = prepare(found, replace(wish, only=only), blind)
    else:
        shared = replace(prepare(replace(found, campaigns=()), replace(wish, only=()), blind), findings=())
    return taken_back(told, replace(shared, handling=Handling(policy.tlp, policy.tier, policy.permitted)))


def _as_open(told: Sequence[Line], wish: Wish) -> list[Line]:
    """What was told no more strictly than this marking."""
    asked = STRICTEST.index(wish.policy.tlp)
    open_enough = [line for line in told if STRICTEST.index(line.handling.tlp) >= asked]
    if stricter := sorted({line.handling.tlp.upper() for line in told if line not in open_enough}):
        click.echo(
            f"Some of it was shared as TLP:{' and TLP:'.join(stricter)}, too, and is not in this retraction. Take it back for those readers, with that --tlp.",
            err=True,
        )
    return open_enough


def _told(noted: Sequence[Line], found: Found, wish: Wish, blind: Blind) -> list[Line]:
    """What was told of the findings asked for: of all in the folder, if none is named."""
    mine = references(found, blind)
    wanted = {mine[name] for name in wish.only or mine if name in mine}
    named = set(wish.only) - set(mine)
    return [line for line in noted if line.finding.reference in wanted or line.finding.name in named]
