"""How many of a cluster's conversations open under a system prompt that is its own.

What it sees
------------
The share of prompts that open a conversation below a system prompt that at least three accounts of the cluster, and a tenth of them,
send, and hardly any others: a fifth as many more at most. There may be several such texts.

Why a distiller shows it
------------------------
The instruction of a harvest may stand in the system prompt, once, with bare tasks below it.

Who else shows it
-----------------
One firm's product, its customers' service, programs that review its code.

What evasion costs
------------------
Another wording of the instruction for each account, or none, and answers that are no use for training as they come.

Source
------
A-FEB: highly repetitive structure; A-SEP 147-148: one text on every request.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="own_instruction",
    level="cluster",
    family="template",
    needs=("exchanges.system_prompt", "exchanges.prompt"),
    techniques=("SWT-H01",),
    phrase="of the prompts that open a conversation stand below a system prompt that hardly anybody else sends",
    query="""
        WITH size AS (SELECT cluster, count(*) AS accounts FROM member GROUP BY cluster),
        opened AS (SELECT cluster, account, system FROM member_exchange WHERE opens AND prompt <> 0),
        held AS (
            SELECT cluster, system AS text, count(*) AS requests, count(DISTINCT account) AS accounts
            FROM opened WHERE system <> 0 GROUP BY cluster, system HAVING count(DISTINCT account) >= 3
        ),
        sent AS (SELECT DISTINCT account, system AS text FROM exchange WHERE system IN (SELECT text FROM held)),
        everywhere AS (SELECT text, count(*) AS accounts FROM sent GROUP BY text),
        own AS (
            SELECT h.cluster, CAST(sum(h.requests) AS BIGINT) AS requests
            FROM held AS h JOIN everywhere AS e ON e.text = h.text JOIN size AS s ON s.cluster = h.cluster
            WHERE h.accounts * 10 >= s.accounts AND e.accounts * 10 <= h.accounts * 12 GROUP BY h.cluster
        ),
        every AS (SELECT cluster, count(*) AS openings FROM opened GROUP BY cluster)
        SELECT w.cluster, coalesce(o.requests, 0) * 1.0 / w.openings AS value, w.openings AS support
        FROM every AS w LEFT JOIN own AS o ON o.cluster = w.cluster
    """,
)
