"""Shares of clusters' requests, all asked at once: a query by itself costs more than what it counts.

Whoever wrote the signal: a query of that form is known by its words. It stays the signal's definition.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import KEYED
from stillwatch.signals._base import share_of_requests

FORM = re.compile(
    re.escape(share_of_requests("CONDITION", among="AMONG"))
    .replace("CONDITION", "(?P<condition>.+)")
    .replace("AMONG", "(?P<among>.+)")
)


COLUMNS = {column.name for column in KEYED.columns} | {"opens"}


class Share(NamedTuple):
    """Of the requests for which `among` holds, the share for which `condition` holds."""

    condition: str
    among: str


def share_of(query: str) -> Share | None:
    """What a query asks for, if it asks for a share of requests and no more."""
    form = FORM.fullmatch(query)
    return Share(form["condition"], form["among"]) if form else None


def together(shares: Sequence[Share]) -> str:
    """One query for all of them: by cluster the value and the support of each, in their order.

    Requests of which the same holds are counted first, so that what is added up are a few counts: of conditions that name
    the same columns, those which say the same in these columns. A condition is asked of none but those requests that it is about.
    """
    kinds = list(dict.fromkeys(one.among for one in shares))
    named = Counter(name for one in shares for name in _columns(one))
    often = sorted(name for name, many in named.items() if many > 1)
    looked = [f"({among}) AS among_{at}" for at, among in enumerate(kinds)] + often
    looked += [
        f"CASE WHEN ({one.among}) THEN ({one.condition}) END AS holds_{at}"
        for at, one in enumerate(shares)
        if not _columns(one) <= {*often}
    ]
    told = []
    for at, one in enumerate(shares):
        among = f"among_{kinds.index(one.among)}"
        holds = f"({one.condition})" if _columns(one) <= {*often} else f"holds_{at}"
        support = f"sum(CASE WHEN {among} THEN requests ELSE 0 END)"
        holding = f"sum(CASE WHEN {among} THEN CASE WHEN {holds} THEN requests ELSE 0 END ELSE 0 END)"
        told.append(
            f"CAST({holding} AS DOUBLE) / {support} AS value_{at}, CAST({support} AS BIGINT) AS support_{at}"
        )
    return f"""
        WITH alike AS (SELECT cluster, {", ".join(looked)}, count(*) AS requests FROM member_exchange GROUP BY ALL)
        SELECT cluster, {", ".join(told)} FROM alike GROUP BY cluster
    """


def _columns(one: Share) -> set[str]:
    """The columns that a condition names."""
    return {*re.findall(r"\w+", one.condition)} & COLUMNS


def apart(answer: pa.Table, shares: int) -> Iterator[pa.Table]:
    """What each query by itself would have answered: clusters with no requests to look at are not in it."""
    for at in range(shares):
        one = answer.select(["cluster", f"value_{at}", f"support_{at}"])
        one = one.rename_columns(["cluster", "value", "support"])
        yield one.filter(pc.greater(one["support"], 0))
