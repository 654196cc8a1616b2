"""How much the conversations of a cluster's accounts cross each other.

What it sees
------------
Among requests that continue a conversation, the share that another conversation of the same account came
before.

Why a distiller shows it
------------------------
Many people are mapped to few accounts. Each person's conversation goes on in order, and all of them cross in
one account.

Who else shows it
-----------------
Products with many users, support teams, people with several windows open.

What evasion costs
------------------
One account for each conversation at a time, which takes as many accounts as people.

Source
------
NUC; CRS: conversations pinned to one account; R02.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="pool_fan_in",
    level="cluster",
    family="time",
    needs=("exchanges.session_id",),
    techniques=("SWT-R02",),
    phrase="of the continued conversations cross another one in the same account",
    query="""
        WITH placed AS (
            SELECT cluster, account, conversation, lag(conversation) OVER (PARTITION BY account ORDER BY ts, conversation) AS before
            FROM member_exchange
            WHERE conversation <> 0
        ),
        held AS (
            SELECT cluster, account, conversation, count(*) AS requests,
                sum(CASE WHEN before <> conversation THEN 1 ELSE 0 END) AS switches,
                sum(CASE WHEN before IS NULL THEN 1 ELSE 0 END) AS starts
            FROM placed
            GROUP BY cluster, account, conversation
        )
        SELECT cluster, sum(switches + starts - 1) * 1.0 / sum(requests - 1) AS value, sum(requests - 1) AS support
        FROM held
        GROUP BY cluster
        HAVING sum(requests - 1) > 0
    """,
)
