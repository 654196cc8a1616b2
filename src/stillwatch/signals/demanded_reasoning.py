"""How much of a cluster's traffic stands below a system prompt of its own that wants the whole reasoning written out.

What it sees
------------
Of the requests with a system prompt, the share whose last paragraph speaks, by keyword probes in several languages, of what the model thinks and
of having all of it ("your complete deliberation", "the reasoning, verbatim", "everything you considered; omit nothing"), in a text or
an ending of six words that at least three accounts of the cluster, and a tenth of them, send, and hardly any others: three times as many at most.

Why a distiller shows it
------------------------
A student model learns from reasoning, and what a provider shows of it is a summary. So each request says that all of it is to be
written into the answer, whatever it is about, in the program's system prompt or below it.

Who else shows it
-----------------
One firm's product that plans aloud before it writes; a prompt that a community passes on; a teacher's.

What evasion costs
------------------
Another wording for each few accounts, or asking in the prompts, where templates show it.

Source
------
A-SEP 147-148: one fixed prompt injected into every request; A-FEB: reasoning behind a completed answer is to be written out; E01.
"""

from stillwatch.fingerprint.probes import mask
from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="demanded_reasoning",
    level="cluster",
    family="extraction",
    needs=("exchanges.system_prompt",),
    techniques=("SWT-E01",),
    phrase="of the requests with a system prompt are to have the whole reasoning written out, in a text that hardly anybody else sends",
    query=f"""
        WITH size AS (SELECT cluster, count(*) AS accounts FROM member GROUP BY cluster),
        whole AS (
            SELECT cluster, count(*) AS every, count(*) FILTER (system <> 0) AS requests FROM member_exchange GROUP BY cluster
        ),
        held AS (
            SELECT cluster, account, CASE WHEN system_ending <> 0 THEN system_ending ELSE system END AS text, count(*) AS requests
            FROM member_exchange
            WHERE system <> 0 AND (told_last & {mask("demanded")}) <> 0
            GROUP BY cluster, account, text
        ),
        demands AS (
            SELECT cluster, text, CAST(sum(requests) AS BIGINT) AS requests, count(*) AS accounts
            FROM held GROUP BY cluster, text HAVING count(*) >= 3
        ),
        sent AS (
            SELECT account, system_ending AS text FROM exchange WHERE system_ending IN (SELECT text FROM demands)
            UNION SELECT account, system FROM exchange WHERE system IN (SELECT text FROM demands)
        ),
        everywhere AS (SELECT text, count(*) AS accounts FROM sent GROUP BY text),
        own AS (
            SELECT d.cluster, CAST(sum(d.requests) AS BIGINT) AS requests
            FROM demands AS d JOIN everywhere AS e ON e.text = d.text JOIN size AS s ON s.cluster = d.cluster
            WHERE d.accounts * 10 >= s.accounts AND e.accounts <= d.accounts * 4 GROUP BY d.cluster
        )
        SELECT w.cluster, CASE WHEN w.requests * 10 >= w.every * 3 THEN coalesce(o.requests, 0) * 1.0 / w.requests ELSE 0.0 END AS value, w.requests AS support
        FROM whole AS w LEFT JOIN own AS o ON o.cluster = w.cluster
        WHERE w.requests > 0
    """,
)
