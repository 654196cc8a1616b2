"""How much of what follows in a cluster's conversations stands under one system prompt that asks for what a training set wants.

What it sees
------------
Among requests that continue a conversation and have a system prompt, the share that carries the one text which most
of them carry, if keyword probes find that it asks for reasoning, rationales, grades or new tasks. A text that accounts
elsewhere send as well does not count: more than a tenth as many as in the cluster. Nor does anything where conversations
are seldom continued, or seldom have a system prompt: a program that does one task has one.

Why a distiller shows it
------------------------
One instruction is put above every request by the program, whatever the conversation is about, so that each answer
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
    needs=("exchanges.system_prompt", "exchanges.turns"),
    techniques=("SWT-E01",),
    phrase="of the requests that continue a conversation carry one system prompt that asks for reasoning, grades or new tasks",
    query="""
        WITH whole AS (
            SELECT cluster, count(*) AS requests, count(*) FILTER (turns > 1) AS later, count(*) FILTER (turns > 1 AND system <> 0) AS above
            FROM member_exchange GROUP BY cluster
        ),
        asking AS (
            SELECT cluster, system, count(*) AS requests, count(DISTINCT account) AS accounts
            FROM member_exchange WHERE turns > 1 AND system <> 0 AND (told & $wanted) <> 0 GROUP BY cluster, system
        ),
        everywhere AS (
            SELECT system, count(DISTINCT account) AS accounts FROM exchange
            WHERE turns > 1 AND system IN (SELECT system FROM asking) GROUP BY system
        ),
        own AS (
            SELECT a.cluster, max(a.requests) AS requests
            FROM asking AS a JOIN everywhere AS e ON e.system = a.system
            WHERE a.accounts > 1 AND e.accounts * 10 <= a.accounts * 11 GROUP BY a.cluster
        )
        SELECT w.cluster,
            CASE WHEN w.above * 2 >= w.later AND w.later * 5 >= w.requests THEN coalesce(o.requests, 0) * 1.0 / w.above ELSE 0.0 END AS value,
            w.above AS support
        FROM whole AS w LEFT JOIN own AS o ON o.cluster = w.cluster
        WHERE w.above > 0
    """,
)
