"""One statement beside one campaign: does the campaign show it, who else does, and what that says in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stillwatch.attribute.families import ALONE_BY_OTHERS, EXPECTED, STILL_SHOWS, truth
from stillwatch.attribute.marks import Marks, any_of
from stillwatch.attribute.suspect import Mask, Suspect
from stillwatch.fingerprint.codes import plain
from stillwatch.model.actor import Statement
from stillwatch.model.attributed import Compared
from stillwatch.model.finding import Campaign
from stillwatch.model.tables import CAPABILITIES

SHOWN_OF_A_CARD, LONGEST_TOLD = 6, 120
HELD_AT_ONCE = frozenset({"capability_interest", "card_bin", "payment_fingerprint", "staff_domain"})
HOUR = 3_600_000_000
DAY = 24 * HOUR
SHARED_SAYS = 0.5
"""What only others show is by even chance another operator's: a public wording, a relay's program, a copy."""
SENTENCE_BY_OTHERS, SENTENCE_WORDS = 0.4, 8
"""A sentence of so many words is somebody else's that often, and a text of twice as many half as often."""
RELEASE_DAYS = 60
"""A release counts as near from so many days before a campaign begins to so many after it ends."""


@dataclass(frozen=True, eq=False)
class Beside:
    """A campaign to compare with, the marks of its log, and the accounts of no campaign, who are the benign base."""

    suspect: Suspect
    marks: Marks
    benign: Mask


@dataclass(frozen=True, eq=False)
class Again:
    """What it takes to compare a statement once more with other weights of the campaign's accounts.

    `holds` and `seen` are of those accounts; `elsewhere` and `outside` do not change with them.
    """

    statement: Statement
    holds: Mask
    seen: Mask
    elsewhere: int
    outside: float

    def with_counts(self, holders: int, seen: int) -> tuple[bool | None, float]:
        """Whether it is shown by so many accounts of so many, and the nats."""
        inside = holders / seen if seen else None
        return _weighed(self.statement, (holders, self.elsewhere), inside, self.outside)


class Line(NamedTuple):
    """A comparison, and what repeats it if any account of the campaign shows the statement."""

    told: Compared
    again: Again | None


def compared(statements: Sequence[Statement], beside: Beside) -> Line:
    """What the campaign shows of a statement, or of several of one kind and code that are told as one, see `together`."""
    marks = [mark for mark in map(beside.marks.of, statements) if mark is not None]
    if not marks:
        fits, usual = _of_the_whole(statements, beside)
        everyone = 0 if fits is None else len(beside.suspect.accounts)
        return Line(_judged(statements, (everyone, 0), fits, usual), None)
    mark = marks[0] if len(marks) == 1 else any_of(marks)
    holds, seen = mark.inside(beside.suspect, beside.marks.account)
    held, could = int((mark.holds & beside.benign).sum()), int((mark.seen & beside.benign).sum())
    outside = (held + 0.5) / (could + 1) if could else 0.0
    elsewhere = int(mark.holds.sum() - mark.holds[beside.suspect.accounts].sum())
    holders, all_seen = int(holds.sum()), int(seen.sum())
    told = _judged(statements, (holders, elsewhere), holders / all_seen if all_seen else None, outside)
    return Line(told, Again(statements[0], holds, seen, elsewhere, outside) if holders else None)


def _judged(
    statements: Sequence[Statement], holding: tuple[int, int], inside: float | None, outside: float
) -> Compared:
    statement, (holders, elsewhere) = statements[0], holding
    is_shown, nats = _weighed(statement, holding, inside, outside)
    return Compared(
        kind=statement.kind,
        told=", ".join(told(s) for s in statements),
        source=", ".join(sorted({s.source for s in statements})),
        code=statement.code,
        holders=holders,
        elsewhere=elsewhere,
        inside=inside or 0.0,
        outside=outside,
        is_shown=is_shown,
        nats=nats,
    )


def _weighed(
    statement: Statement, holding: tuple[int, int], inside: float | None, outside: float
) -> tuple[bool | None, float]:
    """Whether a statement is shown, and what that says; None and nothing where it could not be seen."""
    if inside is None:
        return None, 0.0
    holders, elsewhere = holding
    expected = EXPECTED[statement.kind]
    is_shown = (
        holders >= expected.fewest
        and inside >= expected.least
        and inside >= expected.times * outside
        and inside > 0
    )
    shared = elsewhere / (elsewhere + holders) if elsewhere else 0.0
    alone = ALONE_BY_OTHERS if holders == 1 else 0.0
    by_others = max(outside, SHARED_SAYS * shared, alone, _commonplace(statement))
    return is_shown, likelihood_ratio(statement, by_others, is_shown=is_shown)


def _commonplace(statement: Statement) -> float:
    """How easily a text is anybody's: the shorter the more; a single sentence stands in many instructions."""
    if statement.kind != "template_sketch":
        return 0.0
    return min(
        SENTENCE_BY_OTHERS, SENTENCE_BY_OTHERS * SENTENCE_WORDS / max(1, len(statement.value["text"].split()))
    )


def likelihood_ratio(statement: Statement, outside: float, *, is_shown: bool) -> float:
    """Nats for the actor against somebody else: how much rather would it show the statement, or not show it.

    A statement is true with the probability that its code gives; if it is not, the actor shows it as others do.
    """
    expected, believed = EXPECTED[statement.kind], truth(statement.code)
    by_others = min(0.95, max(expected.by_others, outside))
    if is_shown:
        return max(0.0, math.log((believed * STILL_SHOWS + (1 - believed) * by_others) / by_others))
    by_actor = believed * max(expected.shows, by_others) + (1 - believed) * by_others
    return min(0.0, math.log((1 - by_actor) / (1 - by_others)))


def told(statement: Statement) -> str:
    """A statement in short, as people read it; of a payment instrument no more than its beginning."""
    value = statement.value
    if statement.kind == "payment_fingerprint":
        return value["fingerprint"][:SHOWN_OF_A_CARD] + "..."
    if statement.kind == "client_stack":
        return ", ".join(f"{part} {text}" for part, text in value.items())
    if statement.kind == "working_hours":
        return f"{value['start']} to {value['end']} at UTC{float(value['utc_offset']):+g}"
    if statement.kind == "release":
        return f"{value['product']} on {value['date']}"
    text = next(iter(value.values()))
    return text if len(text) <= LONGEST_TOLD else text[:LONGEST_TOLD] + "..."


def is_near(day: date, campaign: Campaign) -> bool:
    """Whether a day lies within the campaign or not far from it."""
    first, last = (date.fromisoformat(time[:10]) for time in (campaign.first_seen, campaign.last_seen))
    return (day - first).days >= -RELEASE_DAYS and (day - last).days <= RELEASE_DAYS


def together(statements: Sequence[Statement]) -> list[list[Statement]]:
    """The statements, with those of one kind and code as one where an actor has several at once: cards, domains, interests.

    Two cards of an organisation in a campaign are two accounts that it pays for; each by itself would be one.
    """
    found: dict[tuple[str, ...], list[Statement]] = {}
    for at, statement in enumerate(statements):
        alone = () if statement.kind in HELD_AT_ONCE else (str(at),)
        found.setdefault((statement.kind, statement.code, *alone), []).append(statement)
    return list(found.values())


def _of_the_whole(statements: Sequence[Statement], beside: Beside) -> tuple[float | None, float]:
    """For kinds that are told of a campaign as a whole: how far it fits, and how far anybody's traffic does."""
    statement = statements[0]
    if statement.kind == "capability_interest":
        return _interest({s.value["capability"] for s in statements}, beside)
    if statement.kind == "working_hours":
        return _hours(statement, beside)
    return _release(statement, beside), 0.0


def _interest(names: set[str], beside: Beside) -> tuple[float | None, float]:
    found = beside.suspect.campaign.capabilities
    if not found:
        return None, 0.0
    task = np.asarray(beside.marks.traffic.log.exchange["task"].to_numpy())
    wanted = [at for at, name in enumerate(CAPABILITIES) if name in names]
    return sum(c.share for c in found if c.capability in names), float(np.isin(task, wanted).mean())


def _hours(statement: Statement, beside: Beside) -> tuple[float | None, float]:
    ts = np.asarray(plain(beside.marks.traffic.log.exchange["ts"]).to_numpy())
    at_work = _is_at_work(ts, statement)
    if not len(beside.suspect.rows):
        return None, 0.0
    return float(at_work[beside.suspect.rows].mean()), float(at_work.mean())


def _is_at_work(ts: npt.NDArray[np.int64], statement: Statement) -> Mask:
    start, end, offset = (float(statement.value[part]) for part in ("start", "end", "utc_offset"))
    local = (ts + int(offset * HOUR)) % DAY / HOUR
    inside: Mask = (local >= start) & (local < end) if start <= end else (local >= start) | (local < end)
    return inside


def _release(statement: Statement, beside: Beside) -> float | None:
    campaign = beside.suspect.campaign
    if not campaign.first_seen:
        return None
    return float(is_near(date.fromisoformat(statement.value["date"]), campaign))
