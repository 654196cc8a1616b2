"""How rare a finding is among innocent clusters, and how firmly it hangs together, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from stillwatch.model.finding import Compared, FalseAlarms, Stability
from stillwatch.model.sequence import Followed, ScanSequence
from stillwatch.report.shown import shown
from stillwatch.report.wording import count, listed, of, percent, small

NEVER_SEEN = 3
"""What never happened in n tries happens in at most 3 of n, with 95 % confidence (Hanley and Lippman-Hand, 1983)."""
MOST_NAMES = 5
OVER_SCANS = "This is scan "
"""How what is told of several scans begins."""


def beside_innocents(false_alarms: FalseAlarms | None, campaign_id: str) -> tuple[str, ...]:
    """The sentences on one finding; none if the scan told nothing of it."""
    tested = None if false_alarms is None else false_alarms.of(campaign_id)
    if false_alarms is None or tested is None:
        return ()
    return tuple(_sentences(tested, false_alarms))


def _sentences(tested: Compared, false_alarms: FalseAlarms) -> Iterator[str]:
    if not tested.could_be_campaign:
        yield "It could not have been called distillation, so it was not compared with innocent clusters."
    elif tested.p_value is None or tested.e_value is None:
        yield f"There is no innocent cluster {_class(tested)} to compare it with, so nothing is said of how rare it is."
    else:
        yield _rarity(tested, tested.p_value)
        yield _weight(tested.e_value, false_alarms, is_confirmed=tested.is_confirmed)
    if tested.campaign_id is not None and false_alarms.sequence is not None:
        yield from _over_scans(tested.campaign_id, false_alarms.sequence)
    if tested.stability is not None:
        yield _firmness(tested.stability)
    elif tested.campaign_id is not None:
        yield "It is too small to be linked again without a part of it, so its stability is not known."


def _rarity(tested: Compared, p_value: float) -> str:
    n = tested.references
    as_high = round(p_value * (n + 1)) - 1
    share = f"at most {percent(min(1.0, NEVER_SEEN / n))}" if not as_high else percent(as_high / n)
    return (
        f"Of {of(n, 'innocent cluster')} of simulated worlds {_class(tested)}, {count(as_high) if as_high else 'none'} "
        f"{'has' if as_high == 1 or not as_high else 'have'} as many bits for a training set ({share}): p-value {small(p_value)}."
    )


def _class(tested: Compared) -> str:
    shows = [
        name
        for name, seen in (("prompts", tested.reads_prompts), ("addresses", tested.reads_addresses))
        if seen
    ]
    return f"of like size in logs that show {' and '.join(shows) or 'neither prompts nor addresses'}"


def _weight(e_value: float, false_alarms: FalseAlarms, *, is_confirmed: bool) -> str:
    tried, level = false_alarms.tried, false_alarms.level
    verb = "tells it apart from them" if is_confirmed else "does not tell it apart"
    return (
        f"Its e-value is {small(e_value)}, where innocent groups have 1 on average. At a false discovery rate of "
        f"{percent(level)} over the {of(tried, 'group')} that could have been campaigns, e-BH {verb}; a group alone "
        f"needs {small(tried / level)}."
    )


def _over_scans(campaign_id: str, sequence: ScanSequence) -> Iterator[str]:
    group = sequence.of(campaign_id)
    if sequence.number == 1 or group is None:
        return
    before = f", as {shown(group.earlier_id, 40)} in the last" if group.earlier_id else ""
    seen = f"seen in {count(group.seen)} of them{before}" if group.seen > 1 else "seen for the first time"
    yield (
        f"{OVER_SCANS}{count(sequence.number)} of this log: {seen}. Its e-values add up to {small(group.value)}, weighted "
        f"so that innocent groups have less than 1 on average however often one scans. Over the "
        f"{of(sequence.begun, 'group')} of all scans e-BH {_told_apart(group)}."
    )


def _told_apart(group: Followed) -> str:
    if group.first_confirmed is None:
        return "does not tell it apart"
    first = count(group.first_confirmed)
    if group.is_confirmed_over_scans:
        return f"tells it apart, first in scan {first}"
    return f"no longer tells it apart, as it did in scan {first}"


def scans_line(false_alarms: FalseAlarms | None) -> str:
    """Which findings are told apart over the scans of one log, in a line; nothing of a scan that is the first."""
    sequence = None if false_alarms is None else false_alarms.sequence
    if sequence is None or sequence.number == 1:
        return ""
    told = [g for g in sequence.seen_now if g.campaign_id is not None and g.is_confirmed_over_scans]
    names = [f"{g.campaign_id} (first in scan {count(g.first_confirmed or sequence.number)})" for g in told]
    more = [of(len(names) - MOST_NAMES, "more finding")] if len(names) > MOST_NAMES else []
    said = listed(names[:MOST_NAMES] + more) if names else "no finding so far"
    return f"Scan {count(sequence.number)} of this log; told apart from innocent clusters over all scans: {said}."


def _firmness(stability: Stability) -> str:
    return (
        f"Linked again {of(stability.repeats, 'time')}, each time without another part of the traits and accounts, "
        f"{percent(stability.together)} of it came out together on average, {percent(stability.least_together)} at worst, "
        f"and others that make up {percent(stability.most_strangers)} of its size came with it at most."
    )
