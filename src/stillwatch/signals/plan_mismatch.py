"""How far a cluster's accounts use more than others on their plan.

What it sees
------------
Octaves (doublings) by which an account's requests exceed the mean of other accounts of the same plan, those outside the
cluster, 0 where they do not; the mean over the cluster's accounts that have such others.

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
    phrase="octaves is the use of an account above the mean of others on its plan",
    query=f"""
        WITH each AS (
            SELECT e.account, a.plan, CAST(e.requests AS DOUBLE) AS requests
            FROM (SELECT account, count(*) AS requests FROM exchange GROUP BY account) AS e
            JOIN account AS a ON a.account = e.account
            WHERE a.plan <> 0
        ),
        whole AS (SELECT plan, sum(requests) AS requests, count(*) AS accounts FROM each GROUP BY plan),
        mine AS (
            SELECT m.cluster, e.plan, sum(e.requests) AS requests, count(*) AS accounts
            FROM member AS m JOIN each AS e ON e.account = m.account GROUP BY m.cluster, e.plan
        ),
        ordinary AS (
            SELECT mine.cluster, mine.plan, (whole.requests - mine.requests) / (whole.accounts - mine.accounts) AS requests
            FROM mine JOIN whole ON whole.plan = mine.plan
            WHERE whole.accounts > mine.accounts
        )
        SELECT m.cluster, {exact_sum("greatest(log2(e.requests / o.requests), 0.0)")} / count(*) AS value, count(*) AS support
        FROM member AS m
        JOIN each AS e ON e.account = m.account
        JOIN ordinary AS o ON o.cluster = m.cluster AND o.plan = e.plan
        GROUP BY m.cluster
    """,
)
