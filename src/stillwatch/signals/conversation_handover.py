"""How much of a cluster's talk passes from one account to another.

What it sees
------------
The share of requests in conversations that more than one account of the cluster carries on.

Why a distiller shows it
------------------------
A load balancer sends each request to the account whose turn it is, or moves a conversation when an account is
full.

Who else shows it
-----------------
Two accounts of one customer behind the customer's own balancer.

What evasion costs
------------------
Pinning each conversation to one account, which makes the load uneven.

Source
------
A-FEB: coordinated timing read as load balancing; CRS: pinned for about an hour; R04, R02.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="conversation_handover",
    level="cluster",
    family="time",
    needs=("exchanges.session_id",),
    techniques=("SWT-R04", "SWT-R02"),
    phrase="of the requests belong to conversations that pass between accounts",
    query="""
        WITH each AS (
            SELECT cluster, conversation, count(*) AS requests, min(account) AS first, max(account) AS last
            FROM member_exchange
            WHERE conversation <> 0
            GROUP BY cluster, conversation
        )
        SELECT cluster, sum(CASE WHEN first < last THEN requests ELSE 0 END) * 1.0 / sum(requests) AS value, sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
