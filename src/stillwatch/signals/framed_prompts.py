"""How much of a cluster's traffic goes through texts that its accounts share.

What it sees
------------
The share of requests that open a conversation whose template, opening or ending at least three accounts of the cluster, and a tenth
of them, use.

Why a distiller shows it
------------------------
A harvest is templates with a changing slot.

Who else shows it
-----------------
One product or framework used by many; a class with one assignment; benchmark suites.

What evasion costs
------------------
Paraphrasing the fixed text, request by request.

Source
------
A-FEB: highly repetitive structure.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="framed_prompts",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="of the prompts that open a conversation go through texts that the cluster's accounts share",
    query="""
        WITH size AS (SELECT cluster, count(*) AS accounts FROM member GROUP BY cluster),
        opened AS (SELECT cluster, account, template, opening, ending FROM member_exchange WHERE opens AND prompt <> 0),
        held AS (
            SELECT DISTINCT cluster, account, template AS text FROM opened WHERE template <> 0
            UNION ALL SELECT DISTINCT cluster, account, opening AS text FROM opened WHERE opening <> 0
            UNION ALL SELECT DISTINCT cluster, account, ending AS text FROM opened WHERE ending <> 0
        ),
        frame AS (SELECT cluster, text, count(*) AS accounts FROM held GROUP BY cluster, text HAVING count(*) >= 3),
        common AS (
            SELECT frame.cluster, frame.text
            FROM frame JOIN size ON size.cluster = frame.cluster
            WHERE frame.accounts * 10 >= size.accounts
        )
        SELECT f.cluster,
            avg(CASE WHEN a.text IS NOT NULL OR b.text IS NOT NULL OR c.text IS NOT NULL THEN 1.0 ELSE 0.0 END) AS value,
            count(*) AS support
        FROM opened AS f
        LEFT JOIN common AS a ON a.cluster = f.cluster AND a.text = f.template
        LEFT JOIN common AS b ON b.cluster = f.cluster AND b.text = f.opening
        LEFT JOIN common AS c ON c.cluster = f.cluster AND c.text = f.ending
        GROUP BY f.cluster
    """,
)
