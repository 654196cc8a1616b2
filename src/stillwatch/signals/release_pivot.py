"""How much of a cluster's traffic moves to a new model within a day of its release.

What it sees
------------
The share of the cluster's requests within 24 hours after a release that go to the released model.

Why a distiller shows it
------------------------
A harvester wants the newest teacher at once; about half of one campaign's traffic moved within a day.

Who else shows it
-----------------
Day-one evaluators, products whose alias points at the newest model.

What evasion costs
------------------
Waiting: the newest answers come later.

Source
------
A-FEB (MiniMax); H06.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="release_pivot",
    level="cluster",
    family="pivot",
    needs=("exchanges.model", "models.released_at"),
    techniques=("SWT-H06",),
    phrase="of the requests in the day after a release go to the new model",
    query="""
        SELECT e.cluster, avg(CASE WHEN e.model = r.model THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM model_release AS r
        JOIN member_exchange AS e ON e.ts >= r.released AND e.ts < r.released + 86400000000
        GROUP BY e.cluster
    """,
)
