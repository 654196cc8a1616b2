"""How often a cluster's conversations go on.

What it sees
------------
The share of exchanges that bring earlier messages along: more than a question, or than an instruction and a question. A
log's conversation ids bound it, where there are any: of each conversation the first exchange continues nothing. The
ids alone would not do, since a program may put one id on all that it asks.

Why a distiller shows it
------------------------
People ask again. A harvest does not: a low value speaks for it, a high one against.

Who else shows it
-----------------
Single-purpose products are low as well.

What evasion costs
------------------
Invented follow-up questions.

Source
------
Detection note section 5: follow-up rate.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="conversations",
    level="cluster",
    family="extraction",
    needs=("exchanges.turns",),
    techniques=(),
    phrase="of the requests continue a conversation",
    query="""
        SELECT
            cluster,
            least(
                avg(CASE WHEN turns > 2 THEN 1.0 WHEN turns IS NOT NULL THEN 0.0 END),
                1.0 - count(DISTINCT CASE WHEN conversation <> 0 THEN conversation END) * 1.0
                    / nullif(sum(CASE WHEN conversation <> 0 THEN 1 ELSE 0 END), 0)
            ) AS value,
            count(turns) AS support
        FROM member_exchange
        GROUP BY cluster
        HAVING count(turns) > 0
    """,
)
