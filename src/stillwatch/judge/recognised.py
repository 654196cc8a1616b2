"""By which traits a campaign's requests and accounts can be recognised again, and when each was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numba as nb
import numpy as np

from stillwatch.judge.case import Case
from stillwatch.judge.sought import sought_at
from stillwatch.judge.traits import show, strongest
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Trait
from stillwatch.weigh.holding import Integers
from stillwatch.weigh.incidence import Int32s

NEVER = np.iinfo(np.int64).max, np.iinfo(np.int64).min


def recognised_by(judged: Judged, case: Case, rows: Integers, times: Integers) -> tuple[Trait, ...]:
    """The traits that set the members apart, the most telling first; `rows` are their requests, made at those times."""
    strong = strongest(judged.cluster, case.holdings)
    keyed = [(case.signals[s.signal].column, int(case.holdings[s.signal].keys[s.trait])) for s in strong]
    seen = _seen(keyed, case, rows, times)
    return tuple(
        Trait(
            signal=one.signal,
            family=case.holdings[one.signal].family,
            column=column,
            key=f"{key:016x}",
            text=show(one.signal, key, case.log.names.get(column or "", {})),
            parties=one.held,
            others=one.outside,
            bits=one.bits,
            first_seen=first,
            last_seen=last,
        )
        for one, (column, key), (first, last) in zip(strong, keyed, seen, strict=True)
    )


def _seen(
    keyed: Sequence[tuple[str | None, int]], case: Case, rows: Integers, times: Integers
) -> list[tuple[str, str]]:
    """When each of these keys of a column was first and last there; a property of accounts is there whenever they ask."""
    of_all = (int(times.min()), int(times.max())) if len(times) else NEVER
    spans: dict[tuple[str | None, int], tuple[int, int]] = {}
    for column in {column for column, _ in keyed if column is not None}:
        keys = sorted({key for of, key in keyed if of == column})
        place = sought_at(case.log.exchange[column], rows, np.array(keys, np.uint64))
        firsts, lasts = _spans(place, len(keys), times)
        for key, first, last in zip(keys, firsts.tolist(), lasts.tolist(), strict=True):
            spans[column, key] = (first, last)
    found = [spans.get(one, of_all) for one in keyed]
    return [(_time(first), _time(last)) if first <= last else ("", "") for first, last in found]


@nb.njit(cache=True, nogil=True)
def _spans(place: Int32s, places: int, when: Integers) -> tuple[Integers, Integers]:
    """The first and the last time of each place; the first is after the last if it is never there."""
    first, last = np.full(places, NEVER[0]), np.full(places, NEVER[1])
    for row in range(np.uint64(len(place))):
        if place[row] >= 0:
            at = np.uint32(place[row])
            first[at], last[at] = min(first[at], when[row]), max(last[at], when[row])
    return first, last


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
