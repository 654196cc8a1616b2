"""Over how many shared wordings a cluster's traffic is spread.

What it sees
------------
The effective number of templates that at least three accounts of the cluster share (the inverse of the sum of
their squared shares), times the share of prompts that go through one.

Why a distiller shows it
------------------------
A template that is known is lost. So it is paraphrased by machine into many, all of which the whole pool uses.
A campaign with one wording, or a few, has a low number; so has traffic that shares no texts.

Who else shows it
-----------------
Programs with many built-in prompts, used by many; platforms on which prompts are exchanged.

What evasion costs
------------------
A wording for each account alone: then no three accounts share one, and the wordings cost more to make.

Source
------
Detection note section 5; V06.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="reworded",
    level="cluster",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-V06",),
    phrase="shared wordings are used side by side",
    query="""
        WITH whole AS (SELECT cluster, CAST(count(*) AS DOUBLE) AS requests FROM member_exchange WHERE prompt <> 0 GROUP BY cluster),
        each AS (
            SELECT cluster, template, CAST(count(*) AS DOUBLE) AS requests, count(DISTINCT account) AS accounts
            FROM member_exchange
            WHERE template <> 0
            GROUP BY cluster, template
        ),
        shared AS (
            SELECT cluster, sum(requests) AS requests, sum(requests * requests) AS pairs
            FROM each
            WHERE accounts >= 3
            GROUP BY cluster
        )
        SELECT w.cluster, coalesce(power(s.requests, 3) / (s.pairs * w.requests), 0.0) AS value, w.requests AS support
        FROM whole AS w LEFT JOIN shared AS s ON s.cluster = w.cluster
    """,
)
