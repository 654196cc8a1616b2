"""How much of a cluster's task list is taken from one model to another.

What it sees
------------
Prompts of six words or more that the cluster stops asking of one model before it starts asking them of
another; for the pair of models that shows it most, those that go one way less those that come back, as a
share of all such prompts. Why they are taken there is not seen: refusals are words, and answers are not
turned into keys.

Why a distiller shows it
------------------------
Where one model's safeguards hold, a weaker or older model's may not. One public campaign gave up on the
newest model and took its list to an older one.

Who else shows it
-----------------
A product that moves to a newly released model (then the release pivot shows it too); routers with a fallback;
people who try another model when one refuses too much.

What evasion costs
------------------
Leaving refused tasks out, or rewording them for the second model.

Source
------
A-SEP 150-151; V05.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="safeguard_arbitrage",
    level="cluster",
    family="pivot",
    needs=("exchanges.prompt",),
    techniques=("SWT-V05",),
    phrase="of the tasks are taken from one model to another",
    query="""
        WITH asked AS (
            SELECT cluster, prompt, model, min(ts) AS first, max(ts) AS last
            FROM member_exchange
            WHERE opening <> 0
            GROUP BY cluster, prompt, model
        ),
        moved AS (SELECT cluster, prompt, min(last) AS last, max(first) AS first FROM asked GROUP BY cluster, prompt),
        flow AS (
            SELECT m.cluster, a.model AS source, b.model AS target, CAST(count(*) AS DOUBLE) AS prompts
            FROM moved AS m
            JOIN asked AS a ON a.cluster = m.cluster AND a.prompt = m.prompt AND a.last = m.last
            JOIN asked AS b ON b.cluster = m.cluster AND b.prompt = m.prompt AND b.first = m.first
            WHERE m.last < m.first
            GROUP BY m.cluster, a.model, b.model
        ),
        net AS (
            SELECT f.cluster, max(f.prompts - coalesce(g.prompts, 0.0)) AS prompts
            FROM flow AS f
            LEFT JOIN flow AS g ON g.cluster = f.cluster AND g.source = f.target AND g.target = f.source
            GROUP BY f.cluster
        ),
        whole AS (SELECT cluster, count(*) AS prompts FROM moved GROUP BY cluster)
        SELECT w.cluster, greatest(coalesce(n.prompts, 0.0), 0.0) / w.prompts AS value, w.prompts AS support
        FROM whole AS w LEFT JOIN net AS n ON n.cluster = w.cluster
    """,
)
