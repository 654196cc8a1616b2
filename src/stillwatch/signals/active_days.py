"""Of how many days a cluster's requests are.

What it sees
------------
As many days as would hold the requests evenly: the square of all requests over the sum of the squares of each day's. A weekend
counts as two or three, whatever a few stragglers ask before and after.

Why a distiller shows it
------------------------
It does not: this tells of whom a daily rhythm can be expected.

Who else shows it
-----------------
A hackathon, an assignment before its deadline and a nightly batch are of few days; most customers are of many.

What evasion costs
------------------
All work in one burst, which shows in its rate.

Source
------
Hill's number of order two (Hill, "Diversity and evenness", 1973), of days.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="active_days",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=(),
    phrase="days would hold the cluster's requests evenly",
    query="""
        WITH by_day AS (
            SELECT cluster, CAST(count(*) AS DOUBLE) AS requests FROM member_exchange GROUP BY cluster, ts // 86400000000
        )
        SELECT cluster, sum(requests) * sum(requests) / sum(requests * requests) AS value, CAST(sum(requests) AS BIGINT) AS support
        FROM by_day GROUP BY cluster
    """,
)
