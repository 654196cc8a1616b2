"""How often a cluster goes on elsewhere at once when it is blocked.

What it sees
------------
Of the requests that were answered 403 or 429, the share whose prompt (or conversation, where the prompt has
fewer than six words or cannot be read) comes next from another account or access path of the cluster, within
five minutes.

Why a distiller shows it
------------------------
A dispatcher sets a blocked account aside and gives the task to the next one, within seconds.

Who else shows it
-----------------
Routers that are built to survive outages: these switch on errors of the server (5xx) and back off on 403 and
429. A firm whose keys share a quota.

What evasion costs
------------------
Waiting after each block, which costs throughput.

Source
------
CISA: automatic failover; BERI: back-off on 403 and 429; V04.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="block_failover",
    level="cluster",
    family="pivot",
    needs=("exchanges.status",),
    techniques=("SWT-V04",),
    phrase="of the blocked requests go on elsewhere within five minutes",
    query="""
        WITH asked AS (
            SELECT cluster, account, channel, ts, status, CASE WHEN opening <> 0 THEN prompt ELSE conversation END AS what
            FROM member_exchange
            WHERE opening <> 0 OR conversation <> 0
        ),
        blocked AS (SELECT DISTINCT cluster, what FROM asked WHERE status IN (403, 429)),
        followed AS (
            SELECT a.cluster, a.status, a.account, a.channel, a.ts,
                lead(a.account) OVER later AS next_account, lead(a.channel) OVER later AS next_channel, lead(a.ts) OVER later AS next_ts
            FROM asked AS a JOIN blocked AS b ON b.cluster = a.cluster AND b.what = a.what
            WINDOW later AS (PARTITION BY a.cluster, a.what ORDER BY a.ts, a.account, a.channel, a.status)
        )
        SELECT cluster,
            avg(CASE
                WHEN next_ts - ts <= 300000000 AND (
                    next_account <> account OR (next_channel <> channel AND next_channel <> 0 AND channel <> 0)
                ) THEN 1.0 ELSE 0.0
            END) AS value,
            count(*) AS support
        FROM followed
        WHERE status IN (403, 429)
        GROUP BY cluster
    """,
)
