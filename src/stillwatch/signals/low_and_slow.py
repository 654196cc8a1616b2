"""How quiet each of a cluster's accounts is beside all others.

What it sees
------------
The share of all accounts that make more requests a day than a member does, between its first and its last;
the mean over the members.

Why a distiller shows it
------------------------
An account that stays below every limit and below its neighbours is noticed by nobody. Only the sum over the
pool is odd.

Who else shows it
-----------------
Most people.

What evasion costs
------------------
It is the evasion itself, and costs accounts: each brings little.

Source
------
Public record: 5.6 exchanges for an account and day in one case; V02.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="low_and_slow",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-V02",),
    phrase="of all accounts are busier than a member is",
    query="""
        WITH each AS (
            SELECT account, count(*) * 1.0 / (1 + max(ts) // 86400000000 - min(ts) // 86400000000) AS daily
            FROM exchange
            GROUP BY account
        ),
        placed AS (SELECT account, percent_rank() OVER (ORDER BY daily DESC) AS quieter FROM each)
        SELECT m.cluster, avg(p.quieter) AS value, count(*) AS support
        FROM member AS m JOIN placed AS p ON p.account = m.account
        GROUP BY m.cluster
    """,
)
