"""How often a cluster's conversations go on.

What it sees
------------
Exchanges per conversation beyond the first, as a share of exchanges.

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
    needs=("exchanges.session_id",),
    techniques=(),
    phrase="of the requests continue a conversation",
    query="""
        SELECT cluster, 1.0 - count(DISTINCT conversation) * 1.0 / count(*) AS value, count(*) AS support
        FROM member_exchange
        WHERE conversation <> 0
        GROUP BY cluster
    """,
)
