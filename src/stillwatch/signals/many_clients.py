"""From how many programs one account of a cluster is used.

What it sees
------------
The mean over accounts (with five requests or more, weighted by them) of the effective number of user agents:
the inverse of the sum of their squared shares.

Why a distiller shows it
------------------------
An account that is bought in bulk and shared in a team, or sold on, is used from as many programs as it has
users.

Who else shows it
-----------------
Small teams without a plan for teams; developers with several tools; programs that update themselves.

What evasion costs
------------------
One program for all who share, or headers rewritten to one value, which shows as normalised clients.

Source
------
CISA indicator iii: one account over many addresses and user agents; A06, R02.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="many_clients",
    level="cluster",
    family="client",
    needs=("exchanges.user_agent",),
    techniques=("SWT-A06", "SWT-R02"),
    phrase="programs use one account on average",
    query=f"""
        WITH kinds AS (
            SELECT cluster, account, user_agent, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE user_agent <> 0
            GROUP BY cluster, account, user_agent
        ),
        each AS (
            SELECT cluster, sum(requests) AS total, power(sum(requests), 2) / sum(requests * requests) AS kinds
            FROM kinds
            GROUP BY cluster, account
        )
        SELECT cluster, {exact_sum("kinds * total")} / sum(total) AS value, sum(total) AS support
        FROM each
        WHERE total >= 5
        GROUP BY cluster
    """,
)
