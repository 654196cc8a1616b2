"""Running e-values over the scans of one log: what they promise holds under any dependence between the scans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import InputError
from stillwatch.judge.evalue import e_value
from stillwatch.judge.sequence import SCANS_KEPT, Past, Seen, follow, weight
from stillwatch.judge.sketch import sketch
from stillwatch.model.sequence import MOST, ScanSequence

LEVEL = 0.1
NOTHING = Past(None, "2026-01-01T00:00:00Z")
GROUP = sketch([f"acct-{number}" for number in range(40)])
logs = st.integers(2, 6).flatmap(
    lambda clusters: st.lists(
        st.lists(st.floats(0, 1e6), min_size=clusters, max_size=clusters), min_size=1, max_size=5
    )
)
"""What is measured of the same innocent clusters (columns) in some scans (rows), however much the rows are alike."""


def of(start: int, end: int) -> str:
    return sketch([f"acct-{number}" for number in range(start, end)])


def after(earlier: ScanSequence | None, *seen: Seen) -> ScanSequence:
    return follow(seen, Past(earlier, "2026-01-01T00:00:00Z"), LEVEL)


def scanned(*scans: list[Seen]) -> ScanSequence:
    sequence = None
    for seen in scans:
        sequence = after(sequence, *seen)
    assert sequence is not None
    return sequence


def running(e_values: list[float]) -> list[float]:
    """The running values of one group that is seen in every scan."""
    found: list[float] = []
    sequence = None
    for e in e_values:
        sequence = after(sequence, Seen(None, e, GROUP))
        found.append(sequence.groups[0].value)
    return found


def of_each_in_turn(log: list[list[float]]) -> np.ndarray:
    """e-values by scan and cluster, each cluster once the group and all others its references."""
    return np.array(
        [[e_value(v, np.delete(row, at)) for at, v in enumerate(row)] for row in map(np.array, log)]
    )


def test_the_weights_of_all_scans_add_up_to_one() -> None:
    assert sum(map(weight, range(1, 1_000))) == pytest.approx(1 - 1 / 1_000)


@settings(deadline=None)
@given(logs)
def test_the_running_value_of_an_innocent_group_is_less_than_1_on_average_at_every_scan(
    log: list[list[float]],
) -> None:
    values = np.array([running(of_group) for of_group in of_each_in_turn(log).T.tolist()])
    t = np.arange(1, len(log) + 1)
    assert values.mean(axis=0) == pytest.approx(t / (t + 1))


@settings(deadline=None)
@given(logs, st.floats(0.01, 1))
def test_no_more_than_a_of_innocent_groups_ever_reach_1_over_a(log: list[list[float]], a: float) -> None:
    values = np.array([running(of_group) for of_group in of_each_in_turn(log).T.tolist()])
    assert np.count_nonzero(values.max(axis=1) >= 1 / a) <= a * len(values) + 1e-9


@pytest.mark.parametrize("is_seen", [(True, False), (False, True), (True, True)])
def test_it_holds_for_groups_that_are_only_seen_in_some_scans(is_seen: tuple[bool, bool]) -> None:
    e = of_each_in_turn([[0.5, 1.0, 2.0, 64.0], [64.0, 8.0, 1.0, 0.5]])
    groups = [
        scanned(
            *(
                [Seen(None, value, GROUP)] if seen else []
                for value, seen in zip(of_group, is_seen, strict=True)
            )
        )
        for of_group in e.T.tolist()
    ]
    counted = sum(weight(number) for number, seen in enumerate(is_seen, 1) if seen)
    assert np.mean([sequence.groups[0].value for sequence in groups]) == pytest.approx(counted)


def test_a_product_would_accuse_an_innocent_group_that_looks_bad_in_every_scan() -> None:
    twice = of_each_in_turn([[1.0, 1.0, 1.0, 10.0]] * 2)
    assert twice.prod(axis=0).mean() > 2


def test_a_group_that_grows_threefold_is_still_followed() -> None:
    sequence = scanned([Seen("C1", 300.0, of(0, 20))], [Seen("C7", 300.0, of(0, 50))])
    [one] = sequence.groups
    assert (one.campaign_id, one.earlier_id, one.first_seen, one.seen) == ("C7", "C1", 1, 2)
    assert one.value == pytest.approx(300 / 2 + 300 / 6)


def test_a_new_group_has_its_own_scans_alone_and_counts_as_little_as_they_do() -> None:
    [_, new] = scanned(
        [Seen(None, 1.0, of(0, 40))], [Seen(None, 1.0, of(0, 40)), Seen(None, 60.0, of(100, 140))]
    ).groups
    assert (new.value, new.first_seen) == (pytest.approx(10.0), 2)


def test_of_the_parts_of_a_group_one_goes_on_and_the_other_begins() -> None:
    parts = [Seen("SMALL", 2.0, of(50, 80)), Seen("LARGE", 2.0, of(0, 50))]
    small, large = scanned([Seen("WHOLE", 100.0, of(0, 80))], parts).groups
    assert (large.earlier_id, large.value) == ("WHOLE", pytest.approx(50 + 1 / 3))
    assert (small.earlier_id, small.value) == (None, pytest.approx(1 / 3))


def test_of_groups_that_merge_the_most_alike_goes_on_even_if_the_other_has_more() -> None:
    apart = [Seen("FEW", 100.0, of(0, 30)), Seen("MANY", 1.0, of(30, 80))]
    sequence = scanned(apart, [Seen("BOTH", 1.0, of(0, 80))])
    both, gone = sequence.groups
    assert (both.earlier_id, both.value) == ("MANY", pytest.approx(1 / 2 + 1 / 6))
    assert (gone.campaign_id, gone.last_seen, gone.is_confirmed_over_scans) == ("FEW", 1, False)
    assert sequence.seen_now == (both,)


def test_a_group_that_comes_back_goes_on_where_it_was() -> None:
    [one] = scanned([Seen("C1", 30.0, GROUP)], [], [Seen("C1", 12.0, GROUP)]).groups
    assert (one.seen, one.last_seen, one.value) == (2, 3, pytest.approx(30 / 2 + 12 / 12))


def test_a_group_that_stays_away_is_forgotten_and_still_counts_among_the_tried() -> None:
    kept = scanned([Seen("C1", 30.0, GROUP)], *([[]] * (SCANS_KEPT - 1)))
    assert len(kept.groups) == 1
    forgotten = after(kept)
    assert (forgotten.groups, forgotten.begun) == ((), 1)


def test_without_references_a_group_is_followed_and_nothing_is_added() -> None:
    [one] = scanned([Seen(None, None, GROUP)], [Seen(None, 6.0, GROUP)]).groups
    assert (one.value, one.seen) == (pytest.approx(1.0), 2)


def test_all_groups_ever_begun_count_when_one_is_told_apart() -> None:
    alone = scanned([Seen("C1", 21.0, GROUP)])
    assert alone.groups[0].is_confirmed_over_scans
    others = [Seen(None, 0.1, of(100 * at, 100 * at + 40)) for at in range(1, 4)]
    assert not scanned([Seen("C1", 21.0, GROUP), *others]).groups[0].is_confirmed_over_scans
    assert not scanned(others, [Seen("C1", 240.0 - 1, GROUP)]).groups[0].is_confirmed_over_scans
    assert scanned(others, [Seen("C1", 240.0, GROUP)]).groups[0].is_confirmed_over_scans


def test_the_scan_that_first_told_a_group_apart_is_kept_when_others_join() -> None:
    others = [Seen(None, 0.1, of(100 * at, 100 * at + 40)) for at in range(1, 9)]
    [one, *_] = scanned([Seen("C1", 21.0, GROUP)], [Seen("C1", 1.0, GROUP), *others]).groups
    assert (one.first_confirmed, one.is_confirmed_over_scans) == (1, False)


def test_a_log_that_ends_before_the_earlier_one_did_is_refused() -> None:
    earlier = after(None)
    for end in (None, "2025-12-31T23:59:59Z"):
        with pytest.raises(InputError, match=r"ends 2026-01-01T00:00:00Z"):
            Past(earlier, end)
    assert Past(earlier, earlier.end).earlier is earlier


def test_the_first_end_stays() -> None:
    later = follow([], Past(after(None), "2026-02-01T00:00:00Z"), LEVEL)
    assert (later.number, later.first_end, later.end) == (2, NOTHING.end, "2026-02-01T00:00:00Z")


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": -1.0},
        {"value": float("nan")},
        {"value": float("inf")},
        {"first_seen": 0},
        {"last_seen": 0},
        {"seen": 0},
        {"seen": 2},
        {"first_confirmed": 2},
        {"sketch": "00"},
        {"sketch": "g" * 256},
    ],
)
def test_a_group_that_no_scan_writes_is_refused(wrong: dict[str, object]) -> None:
    [one] = scanned([Seen(None, 1.0, GROUP)]).groups
    with pytest.raises(ValueError, match=r"value|seen|confirmed|sketch"):
        replace(one, **wrong)


@pytest.mark.parametrize(
    "wrong", [{"number": 0}, {"number": MOST + 1}, {"begun": 0}, {"begun": MOST + 1}, {"end": "now"}]
)
def test_a_sequence_that_no_scan_writes_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"holds|isoformat"):
        replace(scanned([Seen(None, 1.0, GROUP)]), **wrong)


def test_a_group_that_is_seen_after_the_last_scan_is_refused() -> None:
    second = scanned([], [Seen(None, 1.0, GROUP)])
    with pytest.raises(ValueError, match="after scan 1"):
        replace(second, number=1)
