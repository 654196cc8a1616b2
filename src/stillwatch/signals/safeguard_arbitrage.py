"""How often a cluster takes what one model refused to another model.

What it sees
------------
Of the requests that were refused with status 403, the share whose prompt the cluster later puts to another
model. A refusal in words is an answer like any other here: answers are not turned into keys.

Why a distiller shows it
------------------------
Where one model's safeguards hold, a weaker or older model's may not. One public campaign gave up on the
newest model and took the set to an older one.

Who else shows it
-----------------
People who try another model when one refuses too much; routers with a fallback model.

What evasion costs
------------------
Leaving refused tasks out: they were wanted.

Source
------
A-SEP 150-151; V05.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="safeguard_arbitrage",
    level="cluster",
    family="pivot",
    needs=("exchanges.status", "exchanges.prompt"),
    techniques=("SWT-V05",),
    phrase="of the refused requests are put to another model later",
    query="""
        WITH refused AS (
            SELECT cluster, prompt, model, min(ts) AS ts, count(*) AS requests
            FROM member_exchange
            WHERE status = 403 AND prompt <> 0
            GROUP BY cluster, prompt, model
        ),
        asked AS (
            SELECT cluster, prompt, model, max(ts) AS ts
            FROM member_exchange
            WHERE prompt <> 0
            GROUP BY cluster, prompt, model
        ),
        moved AS (
            SELECT r.cluster, r.prompt, r.model, r.requests, count(a.model) AS models
            FROM refused AS r
            LEFT JOIN asked AS a ON a.cluster = r.cluster AND a.prompt = r.prompt AND a.model <> r.model AND a.ts > r.ts
            GROUP BY r.cluster, r.prompt, r.model, r.requests
        )
        SELECT cluster, sum(CASE WHEN models > 0 THEN requests ELSE 0 END) * 1.0 / sum(requests) AS value, sum(requests) AS support
        FROM moved
        GROUP BY cluster
    """,
)
