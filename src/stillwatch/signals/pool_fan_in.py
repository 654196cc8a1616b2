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
            SELECT cluster, conversation,
                lag(conversation) OVER (PARTITION BY account ORDER BY ts, conversation) AS before,
                row_number() OVER (PARTITION BY account, conversation ORDER BY ts) AS number
            FROM member_exchange
            WHERE conversation <> 0
        )
        SELECT cluster, avg(CASE WHEN before <> conversation THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM placed
        WHERE number > 1
        GROUP BY cluster
    """,
)
