"""How rare a finding is among innocent clusters, and how firmly it hangs together, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from stillwatch.model.finding import Compared, FalseAlarms, Stability
from stillwatch.report.wording import count, of, percent, small

NEVER_SEEN = 3
"""What never happened in n tries happens in at most 3 of n, with 95 % confidence (Hanley and Lippman-Hand, 1983)."""


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


def _firmness(stability: Stability) -> str:
    return (
        f"Linked again {of(stability.repeats, 'time')}, each time without another part of the traits and accounts, "
        f"{percent(stability.together)} of it came out together on average, {percent(stability.least_together)} at worst, "
        f"and others that make up {percent(stability.most_strangers)} of its size came with it at most."
    )
