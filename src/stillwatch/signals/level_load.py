"""How evenly a cluster's volume is spread over its accounts.

What it sees
------------
One over one plus the squared coefficient of variation of requests per account.

Why a distiller shows it
------------------------
A load balancer gives each account of a pool its turn; people differ by orders of magnitude.

Who else shows it
-----------------
Classes with one assignment, fleets of one customer.

What evasion costs
------------------
Uneven use of paid accounts.

Source
------
A-FEB: load balancing; R04.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="level_load",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-R04",),
    phrase="of a perfectly level load over the accounts is reached",
    query="""
        WITH each AS (
            SELECT cluster, account, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            GROUP BY cluster, account
        )
        SELECT cluster, power(sum(requests), 2) / (count(*) * sum(requests * requests)) AS value, sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
