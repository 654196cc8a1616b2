"""What could be done about a campaign, as proposals with their price. Nothing here, and nothing that reads it, acts.

Agreements on file come first: their holders are asked, and never restricted. Only a finding of distillation is answered by
restrictions; of a relay access is reviewed, and of a group that merely acts together nothing is proposed but a look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.model.dossier import Dossier, TraitNode
from stillwatch.model.elsewhere import is_weak
from stillwatch.model.pack import Pack
from stillwatch.model.response import Action, DisplacementCheck, Options, Proposal
from stillwatch.report.dossier.collateral import FIRM, LIKELY, Flags, Sorted, classes, sorted_members
from stillwatch.report.dossier.events import events
from stillwatch.report.evidence import coordination, witnesses_for
from stillwatch.report.wording import listed

SURE = 0.95
WITNESSES = 2
CHECK_HOURS = (24, 72)
RECENT_BINS = 7
MOST_TRAITS = 6
MOST_OF_FAMILY = 2
MOVES_ON = frozenset({"SWT-A01", "SWT-R05", "SWT-V04", "SWT-V07"})
LASTING = ("template", "tool", "token", "client", "net")

DAYS_VALID: dict[Action, int] = {
    "verify": 14,
    "throttle": 14,
    "review": 30,
    "restrict": 30,
    "sweep": 3,
    "canary": 90,
}
OWNER: dict[Action, str] = {
    "verify": "head of account operations",
    "throttle": "head of traffic engineering",
    "review": "trust-and-safety lead",
    "restrict": "trust-and-safety lead, with legal counsel",
    "sweep": "trust-and-safety lead, with traffic engineering",
    "canary": "security research lead, with legal counsel",
}
WHAT: dict[Action, str] = {
    "verify": "Ask the account to prove who it is (identity or business) before its limits are raised.",
    "throttle": "Hold the account to the pace of its plan's ordinary accounts.",
    "review": "Have a person read the account's evidence, as “stillwatch explain” shows it, and decide.",
    "restrict": "Close what the finding is about (the models and the thinking it draws on) to the account; leave the rest open.",
    "sweep": "Restrict all firm members in one step, not one by one: those left behind would learn what gave them away.",
    "canary": "Put marked facts into a few answers that harm no reader, and keep a register: they show where answers end up.",
}
UNDO: dict[Action, str] = {
    "verify": "Full: the request is withdrawn, and nothing was taken away.",
    "throttle": "Full: the limit is lifted at once; slowed work is not made up for.",
    "review": "Full: nothing was changed.",
    "restrict": "Full for access; work that stood still in between is lost to its owner.",
    "sweep": "Full for access; all are let back at once, which has to be prepared before the sweep, and work that stood still is lost.",
    "canary": "Partial: no further answers are marked; what was answered stays with whoever has it.",
}
APPEAL: dict[Action, str] = {
    "verify": "The request names a contact; an answer is due within two working days.",
    "throttle": "The notice names a contact; whoever shows an ordinary need is freed at once.",
    "review": "None needed: nobody is told, and nothing changes.",
    "restrict": "The notice says what was closed, on what kind of evidence, and to whom to object; a person answers within two working days.",
    "sweep": "The notice says what was closed, on what kind of evidence, and to whom to object; the desk that answers is staffed for the day of the sweep.",
    "canary": "None: answers stay true and whole. Tell the register's existence to counsel.",
}


@dataclass(frozen=True, eq=False)
class Chosen:
    """A proposal with the members it would touch."""

    proposal: Proposal
    mask: Flags


def options(pack: Pack, dossier: Dossier) -> tuple[Options, Sorted, tuple[Chosen, ...]]:
    """All proposals for a campaign, the members they rest on, and whom each would touch."""
    members = sorted_members(pack)
    chosen = tuple(_chosen(action, pack, dossier, members) for action in OWNER)
    told = Options(tuple(c.proposal for c in chosen), _displacement(pack, dossier), classes(members))
    return told, members, chosen


def _chosen(action: Action, pack: Pack, dossier: Dossier, members: Sorted) -> Chosen:
    is_proposed, why = _case(action, pack, dossier)
    mask = _touched(action, members, is_harvest=pack.campaign.verdict == "distillation")
    accounts, innocent, other = members.only(mask)
    if is_proposed and not accounts:
        is_proposed, why = False, "No member is of the kind that it would touch."
    proposal = Proposal(
        action=action,
        is_proposed=is_proposed,
        what=WHAT[action],
        why=why,
        accounts=accounts,
        expected_innocent=innocent,
        other_exchanges=other,
        reversibility=UNDO[action],
        appeal=APPEAL[action],
        owner=OWNER[action],
        expires=_expires(pack, DAYS_VALID[action]),
    )
    return Chosen(proposal, mask)


def _touched(action: Action, members: Sorted, *, is_harvest: bool) -> Flags:
    """Whom an action would touch. Who holds an agreement is only ever looked at by a person."""
    is_open = members.code != "agreement"
    if action == "verify":
        return np.asarray(is_open)
    if action == "review":
        return np.asarray(members.code != "firm") if is_harvest else np.ones(len(is_open), np.bool_)
    is_plain = is_open & np.isin(members.code, ["firm", "likely", "weak"])
    return np.asarray(is_plain & (members.membership >= (LIKELY if action == "throttle" else FIRM)))


def _case(action: Action, pack: Pack, dossier: Dossier) -> tuple[bool, str]:
    """Whether it is proposed, and why or why not."""
    verdict = pack.campaign.verdict
    if action == "review":
        return (
            True,
            "Whoever is loosely tied, carries other people's traffic or has something on file is for a person to judge.",
        )
    if verdict == "coordinated":
        return False, "The finding is that accounts act together, which is no breach in itself."
    if action == "verify":
        return True, "It costs a legitimate customer little, and an operator of many accounts much."
    if verdict == "relay":
        return (
            False,
            "The finding is about pooled access. Its customers are ordinary people: review the terms with the account holders first.",
        )
    return _against_distillation(action, pack, dossier)


def _against_distillation(action: Action, pack: Pack, dossier: Dossier) -> tuple[bool, str]:
    witnesses = len(witnesses_for(coordination(dossier.weights)))
    sure = min(pack.campaign.coordination.probability, pack.campaign.distillation.probability)
    if action == "throttle":
        return True, "It slows a harvest while people look, and can be lifted at once."
    if sure < SURE or witnesses < WITNESSES:
        return False, (
            f"It takes {SURE:.0%} for one party and for a training set, and {WITNESSES} independent witnesses; "
            f"here the lower of the two is {sure:.0%}, and the witnesses are {witnesses}."
        )
    fitting = [x.name.lower() for x in dossier.lookalikes if x.is_consistent]
    if fitting:
        return (
            False,
            f"An innocent explanation still fits ({listed(fitting[:4])}): a person rules it out first.",
        )
    if action == "restrict":
        return True, "Both claims are as sure as is asked for. Do it as one sweep."
    if action == "sweep":
        return True, _why_together(pack)
    return True, "It is the only way to see what happens to answers off the platform."


def _why_together(pack: Pack) -> str:
    reasons, firm = [], {t for t in pack.campaign.techniques if not is_weak(t)}
    if {"SWT-V07", "SWT-A01"} & firm:
        reasons.append("accounts that go are replaced")
    if {"SWT-V04", "SWT-R05"} & firm:
        reasons.append("traffic moves on when it is stopped")
    if pack.log is not None and pack.log.blocks:
        blocked = sum(block.accounts for block in pack.log.blocks)
        reasons.append(f"{blocked} of its accounts were blocked one by one already, and it went on")
    told = "; ".join(reasons) or "one by one, those that are left learn what gave the others away"
    return f"Together rather than drip by drip: {told}."


def _expires(pack: Pack, days: int) -> str:
    """Counted from the end of the log, not from today: what is proposed is as old as what it rests on."""
    end = pack.run.get("input_window", {}).get("end") or pack.campaign.last_seen
    return (dt.date.fromisoformat(end[:10]) + dt.timedelta(days=days)).isoformat()


def _traits(nodes: Sequence[TraitNode]) -> list[str]:
    """A few of each family, what is asked first: it moves with the operator, where exits and cards are left behind."""
    told = []
    for family in LASTING:
        alone = [t.text for t in nodes if t.family == family and t.merged == 1]
        told += [f"{family}: {text}" for text in alone[:MOST_OF_FAMILY]]
    return told


def _displacement(pack: Pack, dossier: Dossier) -> DisplacementCheck:
    recent = [b for b in dossier.timeline.bins if sum(b.exchanges)][-RECENT_BINS:]
    days = max(len(recent) * dossier.timeline.days_a_bin, 1)
    return DisplacementCheck(
        from_hours=CHECK_HOURS[0],
        to_hours=CHECK_HOURS[1],
        expected=_expected(pack, dossier),
        exchanges_a_day=sum(sum(b.exchanges) for b in recent) / days,
        births_a_day=sum(b.births for b in recent) / days,
        look_for=tuple(_traits(dossier.graph.traits)[:MOST_TRAITS]),
    )


def _expected(pack: Pack, dossier: Dossier) -> str:
    """What blocks did before is the best that is known of what they will do."""
    blocks = [e.text for e in events(dossier.timeline, pack.log) if e.kind == "block"]
    if blocks:
        return f"By what happened before: {blocks[0][0].lower()}{blocks[0][1:]}"
    moving = [t.name.lower() for t in dossier.techniques if t.technique_id in MOVES_ON and not t.is_weak]
    if moving:
        return f"It is to be expected that what is stopped goes on elsewhere: {listed(moving)} was seen."
    if pack.log is not None and pack.log.blocks:
        return "Accounts of it were blocked before, but on no day more than on others: nothing can be told by it."
    return "Nothing is known of it: no block is recorded, and no technique of moving on was seen."
