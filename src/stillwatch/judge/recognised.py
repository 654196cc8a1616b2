"""By which traits a campaign's requests and accounts can be recognised again, and when each was seen."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from stillwatch.judge.case import Case
from stillwatch.judge.traits import show, strongest
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Trait
from stillwatch.weigh.holding import Integers


def recognised_by(judged: Judged, case: Case) -> tuple[Trait, ...]:
    """The traits that set the members apart, the most telling first."""
    rows = case.rows_of(judged.accounts)
    found: list[Trait] = []
    for strong in strongest(judged.cluster, case.holdings):
        holding, column = case.holdings[strong.signal], case.signals[strong.signal].column
        key = int(holding.keys[strong.trait])
        first, last = _seen(case, rows, column, key)
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


def _seen(case: Case, rows: Integers, column: str | None, key: int) -> tuple[str, str]:
    """First and last time that a member's request carried it; a property of accounts is there whenever they ask."""
    exchange = case.log.exchange
    if column is not None:
        rows = rows[exchange[column].to_numpy()[rows] == np.uint64(key)]
    if not len(rows):
        return "", ""
    times = exchange["ts"].to_numpy()[rows]
    return _time(int(times.min())), _time(int(times.max()))


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
