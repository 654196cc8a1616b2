"""How far a cluster's accounts use more than others on their plan.

What it sees
------------
Octaves (doublings) by which an account's requests exceed the mean account of the same plan, 0 where they do
not; the mean over the cluster's accounts.

Why a distiller shows it
------------------------
A pool is made of what is cheap to buy in number: small plans, each driven like a large one.

Who else shows it
-----------------
Start-ups that grow faster than their plan, heavy single users, programs that run on a personal plan.

What evasion costs
------------------
Buying the plans that the traffic needs, or more accounts at a lower rate each.

Source
------
CISA indicator iv: anomalous ratio of subscription to usage; H04.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="plan_mismatch",
    level="cluster",
    family="time",
    needs=("accounts.plan",),
    techniques=("SWT-H04",),
    phrase="octaves is the use of an account above the mean of its plan",
    query=f"""
        WITH each AS (
            SELECT e.account, a.plan, CAST(e.requests AS DOUBLE) AS requests
            FROM (SELECT account, count(*) AS requests FROM exchange GROUP BY account) AS e
            JOIN account AS a ON a.account = e.account
            WHERE a.plan <> 0
        ),
        ordinary AS (SELECT plan, sum(requests) / count(*) AS requests FROM each GROUP BY plan)
        SELECT m.cluster, {exact_sum("greatest(log2(e.requests / o.requests), 0.0)")} / count(*) AS value, count(*) AS support
        FROM member AS m
        JOIN each AS e ON e.account = m.account
        JOIN ordinary AS o ON o.plan = e.plan
        GROUP BY m.cluster
    """,
)
