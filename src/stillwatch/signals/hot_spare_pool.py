"""How large a part of a cluster stops on one day while another part starts.

What it sees
------------
On the day that shows it most, the accounts that make their last request and, if fewer, those that make their
first on that day or the next; twice that number, as a share of the cluster's accounts. Accounts of a single
day count on neither side.

Why a distiller shows it
------------------------
A second pool stands ready. When the first is blocked, it takes over within hours, so that the volume stays
and the accounts change.

Who else shows it
-----------------
A firm that moves to a new organisation; a course after which the next one starts.

What evasion costs
------------------
Bringing spares in over days, while the harvest stands still.

Source
------
A-SEP 147-148: a second pool took over soon after the first was blocked; R05.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="hot_spare_pool",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-R05",),
    phrase="of the accounts change places within a day",
    query="""
        WITH lives AS (
            SELECT cluster, account, min(ts) // 86400000000 AS came, max(ts) // 86400000000 AS went
            FROM member_exchange
            GROUP BY cluster, account
        ),
        size AS (SELECT cluster, count(*) AS accounts FROM lives GROUP BY cluster),
        leaving AS (SELECT cluster, went AS day, count(*) AS accounts FROM lives WHERE came < went GROUP BY cluster, went),
        arrival AS (
            SELECT cluster, came AS day FROM lives WHERE came < went
            UNION ALL SELECT cluster, came - 1 AS day FROM lives WHERE came < went
        ),
        coming AS (SELECT cluster, day, count(*) AS accounts FROM arrival GROUP BY cluster, day),
        changed AS (
            SELECT l.cluster, max(least(l.accounts, c.accounts)) AS accounts
            FROM leaving AS l JOIN coming AS c ON c.cluster = l.cluster AND c.day = l.day
            GROUP BY l.cluster
        )
        SELECT s.cluster, coalesce(c.accounts, 0) * 2.0 / s.accounts AS value, s.accounts AS support
        FROM size AS s LEFT JOIN changed AS c ON c.cluster = s.cluster
    """,
)
