"""How much of a cluster's traffic is the same items, over accounts and days.

What it sees
------------
The share of requests whose whole prompt, of six words or more, is asked by two accounts of the cluster or
more, over more than two days.

Why a distiller shows it
------------------------
Who fears that answers are made worse on purpose asks a fixed set again and again, from several accounts, and
compares.

Who else shows it
-----------------
Monitors of a model's drift, which use one account for months; questions that everybody copies.

What evasion costs
------------------
New items of known difficulty each time, whose answers cannot be compared one by one.

Source
------
CISA: quality checks to notice countermeasures; V03.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="countermeasure_test",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-V03",),
    phrase="of the requests repeat items over accounts and days",
    query="""
        WITH each AS (
            SELECT cluster, prompt, opening, count(*) AS requests, min(account) AS first, max(account) AS last, max(ts) - min(ts) AS length
            FROM member_exchange
            WHERE prompt <> 0
            GROUP BY cluster, prompt, opening
        )
        SELECT cluster,
            sum(CASE WHEN opening <> 0 AND first < last AND length > 172800000000 THEN requests ELSE 0 END) * 1.0 / sum(requests) AS value,
            sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
