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
    """Where it stands what was shared, and whether a tier was named up to which findings are taken back besides."""

    ledger: Path
    is_tier_named: bool


def retracted(found: Found, wish: Wish, blind: Blind, back: Back) -> Shared:
    """The retraction of the findings that were asked for: leads, numbers, verdicts and traits of earlier scans included."""
    told = _told(lines(back.ledger, wish.producer.name, blind), found, wish, blind)
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
    policy = Policy(tier, wish.policy.tlp, wish.policy.permitted)
    only = tuple(name for name in wish.only if name in here)
    if back.is_tier_named and (only or not wish.only):
        shared = prepare(found, replace(wish, only=only), blind)
    else:
        shared = replace(prepare(replace(found, campaigns=()), replace(wish, only=()), blind), findings=())
    return taken_back(told, replace(shared, handling=Handling(policy.tlp, policy.tier, policy.permitted)))


def _told(noted: Sequence[Line], found: Found, wish: Wish, blind: Blind) -> list[Line]:
    """What was told of the findings asked for: of all in the folder, if none is named."""
    mine = references(found, blind)
    wanted = {mine[name] for name in wish.only or mine if name in mine}
    named = set(wish.only) - set(mine)
    return [line for line in noted if line.finding.reference in wanted or line.finding.name in named]
