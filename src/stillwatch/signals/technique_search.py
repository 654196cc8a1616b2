"""How far a cluster's wordings narrow from its first days to its last.

What it sees
------------
The probability that two requests share their fixed text (template, or else opening), in the last third of the
cluster's time, less the same in the first third; 0 where it does not grow.

Why a distiller shows it
------------------------
Before a harvest comes a search: many ways to ask are tried, one request each, and the few that work are
repeated. One public campaign tried more than 12,000.

Who else shows it
-----------------
Products that settle on a prompt after experiments; a class that starts with free questions and ends with one
assignment.

What evasion costs
------------------
Searching on other accounts than those that harvest, or harvesting with as many wordings as the search had.

Source
------
A-SEP 145; E07.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="technique_search",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E07",),
    phrase="is the growth in shared wording from the first to the last third of its time",
    query="""
        WITH span AS (
            SELECT cluster, min(ts) AS first, max(ts) - min(ts) AS length
            FROM member_exchange
            WHERE prompt <> 0
            GROUP BY cluster
        ),
        placed AS (
            SELECT e.cluster, CASE WHEN e.template <> 0 THEN e.template WHEN e.opening <> 0 THEN e.opening ELSE e.prompt END AS text,
                CASE WHEN (e.ts - s.first) * 3 < s.length THEN 0 WHEN (e.ts - s.first) * 3 < s.length * 2 THEN 1 ELSE 2 END AS third
            FROM member_exchange AS e JOIN span AS s ON s.cluster = e.cluster
            WHERE e.prompt <> 0
        ),
        each AS (
            SELECT cluster, third, text, CAST(count(*) AS DOUBLE) AS requests
            FROM placed
            WHERE third <> 1
            GROUP BY cluster, third, text
        ),
        shared AS (
            SELECT cluster, third, sum(requests) AS requests,
                sum(requests * (requests - 1)) / (sum(requests) * (sum(requests) - 1)) AS alike
            FROM each
            GROUP BY cluster, third
            HAVING sum(requests) > 1
        )
        SELECT early.cluster, greatest(late.alike - early.alike, 0.0) AS value, early.requests + late.requests AS support
        FROM shared AS early JOIN shared AS late ON late.cluster = early.cluster
        WHERE early.third = 0 AND late.third = 2
    """,
)
