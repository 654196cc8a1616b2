"""How much more often than by chance a cluster's accounts are active in the same five minutes.

What it sees
------------
Pairs of accounts active in one five-minute bin, against what their own rates and the cluster's hours would
give.

Why a distiller shows it
------------------------
One scheduler starts, stops and paces the whole pool.

Who else shows it
-----------------
Classes, office hours, incident responders, people in one time zone (allowed for by the hours).

What evasion costs
------------------
Random delays of hours, at the price of throughput.

Source
------
SynchroTrap (Cao et al., CCS 2014); detection note section 4.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="synchrony",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-R04",),
    phrase="times as many accounts work in the same five minutes as by chance",
    query="""
        WITH active AS (
            SELECT DISTINCT cluster, account, ts // 300000000 AS bin
            FROM member_exchange
        ),
        per_bin AS (SELECT cluster, bin, CAST(count(*) AS DOUBLE) AS accounts FROM active GROUP BY cluster, bin),
        per_hour AS (
            SELECT cluster, bin // 12 AS hour, sum(accounts) AS total, sum(accounts * (accounts - 1)) AS pairs
            FROM per_bin GROUP BY cluster, bin // 12
        )
        SELECT cluster, (sum(pairs) + 1.0) / (sum(total * (total - 1)) / 12.0 + 1.0) AS value, sum(total) AS support
        FROM per_hour
        GROUP BY cluster
    """,
)
