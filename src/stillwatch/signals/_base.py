"""What a signal is: a named pure question about the exchange table, asked as one SELECT.

A signal measures and never decides: no threshold, no clock, no randomness, no engine name. It is one
file in this room that binds the name `SIGNAL`; the file's docstring is its page in the manual, with
the headings *What it sees*, *Why a distiller shows it*, *Who else shows it*, *What evasion costs* and
*Source*.

The query may read these relations, all keyed (see `model.tables`):

- `exchange`: one row per request, keys instead of text
- `account`: one row per account
- `model_release`: model and its release time
- `member`: account and cluster, for signals of level "cluster" only; an account is in one cluster at most
- `member_exchange`: the rows of `exchange` that are requests of members, with their `cluster`, for the same signals

and must return, by level:

- "trait": `account`, `trait` (unsigned 64-bit key, never 0), `value` (requests that carry it, or 1 for a
  property of the account itself), `support` (requests in which it could have been seen)
- "account": `account`, `value`, `support`
- "cluster": `cluster`, `value`, `support`; the same of a cluster whatever others there are, since they are asked about some at a time

A sum of fractions depends on the order in which threads come to them, so a query writes it with `exact_sum`;
counts, and doubles that hold counts, add up exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stillwatch.fingerprint.probes import BIT

Level = Literal["trait", "account", "cluster"]


@dataclass(frozen=True)
class SignalSettings:
    """Which signals run.

    without: names of signals to leave out; they are named as skipped in the result.
    meaning_model: folder of a model of static word vectors on this machine, as model2vec writes it; unset:
    same_meaning does not run.
    """

    without: tuple[str, ...] = ()
    meaning_model: str | None = None


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A signal's declaration.

    `needs` are contract columns, written `table.column`; if the log has none of its values, the signal is
    skipped and named. `stands_in_for` are columns that say the same better: if the log has all of them, the signal
    is not needed and does not run. `phrase` says in a few words what holding the trait means, for evidence sentences.
    `setting` names the setting of this room that the signal rests on: where it is unset, the signal is skipped and named.
    `column` is the keyed exchange column whose values are the traits, for a trait of single requests.
    """

    name: str
    level: Level
    family: str
    needs: tuple[str, ...]
    stands_in_for: tuple[str, ...] = ()
    techniques: tuple[str, ...]
    phrase: str
    query: str
    column: str | None = None
    setting: str | None = None


def requests_with(column: str) -> str:
    """The query of a trait of single requests: the values of that keyed column, among the requests that have one."""
    return f"""
        WITH held AS (
            SELECT account, {column} AS trait, count(*) AS value FROM exchange WHERE {column} <> 0 GROUP BY account, {column}
        )
        SELECT account, trait, value, support
        FROM held JOIN (SELECT account, CAST(sum(value) AS BIGINT) AS support FROM held GROUP BY account) AS seen USING (account)
    """


def share_of_prompts(condition: str) -> str:
    """The query of a cluster's signal: of its prompts, the share of those for which a condition on the request holds."""
    return share_of_requests(condition, among="words > 0")


def share_of_requests(condition: str, *, among: str) -> str:
    """The same among other requests than prompts."""
    return f"""
        SELECT cluster, avg(CASE WHEN {condition} THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM member_exchange
        WHERE {among}
        GROUP BY cluster
    """


def share_below_own_prompts(*, told: str = "system <> 0") -> str:
    """The query of a cluster's signal: of the prompts that open a conversation, the share below system prompts of its own.

    Its own is a text that at least three of its accounts and a tenth of them send, and hardly any others: a fifth as many more
    at most. `told` is a condition on the system prompt.
    """
    return f"""
        WITH size AS (SELECT cluster, count(*) AS accounts FROM member GROUP BY cluster),
        opened AS (SELECT cluster, account, system, {told} AS is_meant FROM member_exchange WHERE opens AND prompt <> 0),
        held AS (
            SELECT cluster, system AS text, count(*) AS requests, count(DISTINCT account) AS accounts
            FROM opened WHERE system <> 0 AND is_meant GROUP BY cluster, system HAVING count(DISTINCT account) >= 3
        ),
        sent AS (SELECT DISTINCT account, system AS text FROM exchange WHERE system IN (SELECT text FROM held)),
        everywhere AS (SELECT text, count(*) AS accounts FROM sent GROUP BY text),
        own AS (
            SELECT h.cluster, CAST(sum(h.requests) AS BIGINT) AS requests
            FROM held AS h JOIN everywhere AS e ON e.text = h.text JOIN size AS s ON s.cluster = h.cluster
            WHERE h.accounts * 10 >= s.accounts AND e.accounts * 10 <= h.accounts * 12 GROUP BY h.cluster
        ),
        every AS (SELECT cluster, count(*) AS openings FROM opened GROUP BY cluster)
        SELECT w.cluster, coalesce(o.requests, 0) * 1.0 / w.openings AS value, w.openings AS support
        FROM every AS w LEFT JOIN own AS o ON o.cluster = w.cluster
    """


def exact_sum(expression: str) -> str:
    """A sum of fractions that is the same in any order: each is rounded to a millionth, and integers are summed."""
    return f"(sum(CAST(round(({expression}) * 1e6) AS BIGINT)) / 1e6)"


def kinds_of_one(kind: str, *, where: str, apart: str = "0", least: int = 1) -> str:
    """The query of a cluster's signal: of how many kinds the requests of one account are on average.

    The effective number of kinds, the inverse of the sum of their squared shares (Hill, 1973), weighted by requests.
    Requests of one account are looked at `apart` by that expression; fewer than `least` together say nothing.
    """
    return f"""
        WITH kinds AS (
            SELECT cluster, account, {apart} AS part, {kind} AS kind, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE {where}
            GROUP BY cluster, account, part, kind
        ),
        each AS (
            SELECT cluster, sum(requests) AS total, power(sum(requests), 2) / sum(requests * requests) AS kinds
            FROM kinds
            GROUP BY cluster, account, part
        )
        SELECT cluster, {exact_sum("kinds * total")} / sum(total) AS value, sum(total) AS support
        FROM each
        WHERE total >= {least}
        GROUP BY cluster
    """


def asks_for(*probes: str) -> str:
    """The condition that a prompt holds a phrase of one of those keyword probes (`fingerprint.probes`)."""
    return f"(asks & {sum(BIT[name] for name in probes)}) <> 0"
