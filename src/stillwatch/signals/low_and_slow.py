"""How much of a cluster's traffic comes from accounts that no ordinary limit would meet.

What it sees
------------
The share of the cluster's requests that come from accounts with no more requests a day, between their first
and their last, than the account that the log's average request comes from.

Why a distiller shows it
------------------------
An account that stays below every limit is noticed by nobody. Only the sum over the pool is odd.

Who else shows it
-----------------
Most people and most small products: it says how a harvest is hidden, and never that there is one.

What evasion costs
------------------
It is the evasion itself, and costs accounts: each brings little.

Source
------
Public record: 5.6 exchanges for an account and day in one case; V02.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="low_and_slow",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-V02",),
    phrase="of the requests come from accounts no busier than is usual in this log",
    query=f"""
        WITH each AS (
            SELECT account, count(*) AS requests,
                count(*) * 1.0 / (1 + max(ts) // 86400000000 - min(ts) // 86400000000) AS daily
            FROM exchange
            GROUP BY account
        ),
        usual AS (SELECT {exact_sum("requests * daily")} / sum(requests) AS daily FROM each)
        SELECT m.cluster, sum(CASE WHEN e.daily <= u.daily THEN e.requests ELSE 0 END) * 1.0 / sum(e.requests) AS value,
            sum(e.requests) AS support
        FROM member AS m
        JOIN each AS e ON e.account = m.account
        CROSS JOIN usual AS u
        GROUP BY m.cluster
    """,
)
