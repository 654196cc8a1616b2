"""How much of a cluster's traffic carries one system prompt that asks for what a training set wants.

What it sees
------------
Among requests with a system prompt, the share that carries the one text which most of them carry, if keyword
probes find that it asks for reasoning, rationales, grades or new tasks, and if half of all requests have a system
prompt. A text that accounts elsewhere send as well does not count: more than a tenth as many as in the cluster.

Why a distiller shows it
------------------------
One instruction is put above every request by the program, whatever the requests are about, so that each answer
brings its reasoning along.

Who else shows it
-----------------
One firm's product that teaches or shows its work; a text from a prompt library; an agent framework, whose text
is sent by many others.

What evasion costs
------------------
Another wording for each account, or asking in the prompts, where templates show it.

Source
------
A-SEP 147-148: one fixed prompt injected into every request; E01.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="injected_system",
    level="cluster",
    family="template",
    needs=("exchanges.system_prompt",),
    techniques=("SWT-E01",),
    phrase="of the requests carry one system prompt that asks for reasoning, grades or new tasks",
    query="""
        WITH sent AS (
            SELECT cluster, system, bit_or(told) AS told, count(*) AS requests, count(DISTINCT account) AS accounts
            FROM member_exchange WHERE system <> 0 GROUP BY cluster, system
        ),
        whole AS (SELECT cluster, count(*) AS requests, count(*) FILTER (system <> 0) AS with_system FROM member_exchange GROUP BY cluster),
        asking AS (SELECT * FROM sent WHERE (told & $wanted) <> 0 AND accounts > 1),
        everywhere AS (
            SELECT system, count(DISTINCT account) AS accounts FROM exchange
            WHERE system IN (SELECT system FROM asking) GROUP BY system
        ),
        own AS (
            SELECT a.cluster, max(a.requests) AS requests
            FROM asking AS a JOIN everywhere AS e ON e.system = a.system
            WHERE e.accounts * 10 <= a.accounts * 11 GROUP BY a.cluster
        )
        SELECT w.cluster,
            CASE WHEN w.with_system * 2 >= w.requests THEN coalesce(o.requests, 0) * 1.0 / w.with_system ELSE 0.0 END AS value,
            w.with_system AS support
        FROM whole AS w LEFT JOIN own AS o ON o.cluster = w.cluster
        WHERE w.with_system > 0
    """,
)
