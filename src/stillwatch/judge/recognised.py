"""By which traits a campaign's requests and accounts can be recognised again, and when each was seen."""

from __future__ import annotations

from datetime import UTC, datetime

import numba as nb
import numpy as np

from stillwatch.fingerprint.text import Keys
from stillwatch.judge.case import Case
from stillwatch.judge.gather import at_rows
from stillwatch.judge.traits import show, strongest
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Trait
from stillwatch.weigh.holding import Integers

NEVER = np.iinfo(np.int64).max, np.iinfo(np.int64).min


def recognised_by(judged: Judged, case: Case, rows: Integers, times: Integers) -> tuple[Trait, ...]:
    """The traits that set the members apart, the most telling first; `rows` are their requests, made at those times."""
    seen = _Seen(case, rows, times)
    found: list[Trait] = []
    for strong in strongest(judged.cluster, case.holdings):
        holding, column = case.holdings[strong.signal], case.signals[strong.signal].column
        key = int(holding.keys[strong.trait])
        first, last = seen.times(column, key)
        found.append(
            Trait(
                signal=strong.signal,
                family=holding.family,
                column=column,
                key=f"{key:016x}",
                text=show(strong.signal, key, case.log.names.get(column or "", {})),
                parties=strong.held,
                others=strong.outside,
                bits=strong.bits,
                first_seen=first,
                last_seen=last,
            )
        )
    return tuple(found)


class _Seen:
    """When members' requests carried what; each column is gathered once."""

    def __init__(self, case: Case, rows: Integers, times: Integers) -> None:
        self.exchange = case.log.exchange
        self.rows = rows
        self.times_of_all = times
        self.of_all = (int(times.min()), int(times.max())) if len(times) else NEVER
        self.columns: dict[str, Keys] = {}

    def times(self, column: str | None, key: int) -> tuple[str, str]:
        """First and last; a property of accounts is there whenever they ask."""
        if column is None:
            seen = self.of_all
        else:
            if column not in self.columns:
                self.columns[column] = at_rows(self.exchange[column], self.rows)
            seen = _span(self.columns[column], np.uint64(key), self.times_of_all)
        return (_time(seen[0]), _time(seen[1])) if seen[0] <= seen[1] else ("", "")


@nb.njit(cache=True, nogil=True)
def _span(keys: Keys, key: np.uint64, when: Integers) -> tuple[int, int]:
    """The first and the last time of a key; the first is after the last if it is never there."""
    first, last = NEVER
    for row in range(len(keys)):
        if keys[row] == key:
            first, last = min(first, when[row]), max(last, when[row])
    return first, last


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
