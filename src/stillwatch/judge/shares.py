"""Shares of clusters' requests, all asked at once: a query by itself costs more than what it counts.

Whoever wrote the signal: a query of that form is known by its words. It stays the signal's definition.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.signals._base import share_of_requests

FORM = re.compile(
    re.escape(share_of_requests("CONDITION", among="AMONG"))
    .replace("CONDITION", "(?P<condition>.+)")
    .replace("AMONG", "(?P<among>.+)")
)

NARROW = frozenset({"asks", "capability", "thinking"})
"""Columns of few values that conditions name most."""
PLAIN = frozenset({"AND", "OR", "NOT", "IN", "IS", "NULL"})
"""Words beside such columns of a condition that can be asked of their values, whatever else a request holds."""


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
    often = {name for name, many in named.items() if many > 1}
    later = [bool(_columns(one)) and _columns(one) <= often for one in shares]
    looked = [f"({among}) AS among_{at}" for at, among in enumerate(kinds)] + sorted(often)
    looked += [
        f"CASE WHEN ({one.among}) THEN ({one.condition}) END AS holds_{at}"
        for at, one in enumerate(shares)
        if not later[at]
    ]
    told = []
    for at, one in enumerate(shares):
        among = f"among_{kinds.index(one.among)}"
        holds = f"({one.condition})" if later[at] else f"holds_{at}"
        support = f"sum(CASE WHEN {among} THEN requests ELSE 0 END)"
        holding = f"sum(CASE WHEN {among} THEN CASE WHEN {holds} THEN requests ELSE 0 END ELSE 0 END)"
        told.append(
            f"CAST({holding} AS DOUBLE) / {support} AS value_{at}, CAST({support} AS BIGINT) AS support_{at}"
        )
    return f"""
        WITH alike AS (SELECT cluster, {", ".join(looked)}, count(*) AS requests FROM member_exchange GROUP BY ALL)
        SELECT cluster, {", ".join(told)} FROM alike GROUP BY cluster
    """


def _columns(one: Share) -> AbstractSet[str]:
    """The columns of few values that a condition names, if it names nothing else."""
    words = {*re.findall(r"[$]?[A-Za-z_]\w*", one.condition)}
    is_plain = not re.search(r"[.'\"]", one.condition)
    others = {word for word in words - NARROW - PLAIN if not word.startswith("$")}
    return words & NARROW if is_plain and not others else frozenset()


def apart(answer: pa.Table, shares: int) -> Iterator[pa.Table]:
    """What each query by itself would have answered: clusters with no requests to look at are not in it."""
    for at in range(shares):
        one = answer.select(["cluster", f"value_{at}", f"support_{at}"])
        one = one.rename_columns(["cluster", "value", "support"])
        yield one.filter(pc.greater(one["support"], 0))
