"""How much likelier so many bans are of a pool than of the log's accounts as a whole.

What it sees
------------
The bits by which the cluster's bans speak for a pool, of which six times as many accounts are banned as of the log's people, and 0 where
they speak for people. Half of all bans are taken to be of people, a hundredth of all accounts at least; of a pool at most half are banned.

Why a distiller shows it
------------------------
Some accounts of a pool are caught, one by one and for other reasons, long before anybody sees the pool.

Who else shows it
-----------------
Relays, whose customers are banned; abusers of other kinds; people banned by mistake.

What evasion costs
------------------
Not getting banned.

Source
------
A-FEB hydra; V07. Likelihood ratio of two binomial rates.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="excess_bans",
    level="cluster",
    family="registration",
    needs=("accounts.banned_at",),
    techniques=("SWT-V07",),
    phrase="bits is how much likelier so many bans are of a pool than of the log's accounts",
    query="""
        WITH ordinary AS (
            SELECT greatest(0.02, avg(CASE WHEN banned IS NOT NULL THEN 1.0 ELSE 0.0 END)) / 2.0 AS people FROM account
        ),
        rate AS (SELECT people, least(6.0 * people, 0.5) AS pool FROM ordinary),
        counted AS (
            SELECT m.cluster, CAST(count(*) AS DOUBLE) AS accounts, CAST(count(a.banned) AS DOUBLE) AS banned
            FROM member AS m JOIN account AS a ON a.account = m.account
            GROUP BY m.cluster
        )
        SELECT cluster,
            greatest(0.0, banned * log2(pool / people) + (accounts - banned) * log2((1.0 - pool) / (1.0 - people))) AS value,
            CAST(accounts AS BIGINT) AS support
        FROM counted CROSS JOIN rate
    """,
)
