"""Over how many access paths a cluster's accounts are spread.

What it sees
------------
One minus the sum of squared shares of accounts by main access path.

Why a distiller shows it
------------------------
One operation buys interface, cloud marketplace and subscription access at once.

Who else shows it
-----------------
A firm with several products; users of one popular program.

What evasion costs
------------------
Staying on one path: fewer accounts are to be had.

Source
------
A-FEB (Moonshot): several access pathways; A08.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="access_paths",
    level="cluster",
    family="pivot",
    needs=("exchanges.channel",),
    techniques=("SWT-A08",),
    phrase="is the spread over access paths",
    query="""
        WITH each AS (
            SELECT cluster, channel, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE channel <> 0
            GROUP BY cluster, channel
        )
        SELECT cluster, 1.0 - sum(requests * requests) / (sum(requests) * sum(requests)) AS value, sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
