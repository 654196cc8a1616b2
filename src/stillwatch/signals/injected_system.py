"""How much of what follows in a cluster's conversations stands under one system prompt that asks for what a training set wants.

What it sees
------------
Among requests that continue a conversation and have a system prompt, the share whose system prompt is the one text, or
ends in the one six words, that most of them have, if keyword probes find that the whole, or of an ending the last paragraph,
asks for reasoning, rationales, grades or new tasks. A text or an ending that accounts elsewhere send as well does not count: more than a tenth as many as
in the cluster. Nor does anything where conversations are seldom continued, or seldom have a system prompt: a program that
does one task has one.

Why a distiller shows it
------------------------
One instruction is put above every request by the program, whatever the conversation is about, so that each answer
brings its reasoning along. Where the requests come from public agent programs it stands behind their own system prompts,
which differ by day and working directory.

Who else shows it
-----------------
One firm's product that teaches or shows its work; a text from a prompt library; an agent framework, whose text
is sent by many others.

What evasion costs
------------------
Another wording for each account, an instruction in the midst of the prompt, or asking in the prompts, where templates show it.

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
        held AS (
            SELECT cluster, account, system, system_ending, (told_last & $wanted) <> 0 AS asks_last, count(*) AS requests
            FROM member_exchange WHERE turns > 1 AND system <> 0 AND (told & $wanted) <> 0 GROUP BY cluster, account, system, system_ending, asks_last
        ),
        texts AS (
            SELECT cluster, account, system AS text, requests FROM held
            UNION ALL SELECT cluster, account, system_ending, requests FROM held WHERE asks_last AND system_ending <> 0
        ),
        asking AS (
            SELECT cluster, text, CAST(sum(requests) AS BIGINT) AS requests, count(DISTINCT account) AS accounts
            FROM texts GROUP BY cluster, text HAVING count(DISTINCT account) > 1
        ),
        sent AS (
            SELECT account, system AS text FROM exchange WHERE turns > 1 AND system IN (SELECT text FROM asking)
            UNION SELECT account, system_ending FROM exchange WHERE turns > 1 AND system_ending IN (SELECT text FROM asking)
        ),
        everywhere AS (SELECT text, count(*) AS accounts FROM sent GROUP BY text),
        own AS (
            SELECT a.cluster, max(a.requests) AS requests
            FROM asking AS a JOIN everywhere AS e ON e.text = a.text
            WHERE e.accounts * 10 <= a.accounts * 11 GROUP BY a.cluster
        )
        SELECT w.cluster,
            CASE WHEN w.above * 2 >= w.later AND w.later * 5 >= w.requests THEN coalesce(o.requests, 0) * 1.0 / w.above ELSE 0.0 END AS value,
            w.above AS support
        FROM whole AS w LEFT JOIN own AS o ON o.cluster = w.cluster
        WHERE w.above > 0
    """,
)
