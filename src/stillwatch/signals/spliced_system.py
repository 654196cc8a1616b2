"""How much of a cluster's traffic carries a request for reasoning at the end of several programs' system prompts.

What it sees
------------
The share of requests with a system prompt whose last paragraph asks for reasoning, grades, new tasks or hidden text, and whose last six words are
sent by three accounts of the cluster and by no more others, under several openings: each is sent by three accounts, and none has more
than four fifths of them.

Why a distiller shows it
------------------------
What public agent programs do is wanted, with the reasoning that they do not show: one text is put at the end of whatever prompt a program
brings along.

Who else shows it
-----------------
A company or a relay whose gateway puts a policy below every prompt, if that policy asks for reasoning. A school has one program.

What evasion costs
------------------
A word at random behind the text, or putting it before or inside the prompt.

Source
------
A-SEP 147-148: one fixed prompt injected into every request; E01.
"""

from stillwatch.fingerprint.probes import BELOW, mask
from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="spliced_system",
    level="cluster",
    family="template",
    needs=("exchanges.system_prompt",),
    techniques=("SWT-E01",),
    phrase="of the requests with a system prompt carry a request for reasoning, grades or new tasks below several programs' prompts",
    query=f"""
        WITH whole AS (SELECT cluster, count(*) AS requests FROM member_exchange WHERE system <> 0 GROUP BY cluster),
        held AS (
            SELECT cluster, account, system_ending AS text, system_opening AS program, count(*) AS requests
            FROM member_exchange
            WHERE system_ending <> 0 AND (told_last & {mask(*BELOW)}) <> 0
            GROUP BY cluster, account, system_ending, system_opening
        ),
        under AS (
            SELECT cluster, text, program, sum(requests) AS requests
            FROM held GROUP BY cluster, text, program HAVING count(DISTINCT account) >= 3
        ),
        spliced AS (
            SELECT cluster, text, sum(requests) AS requests FROM under GROUP BY cluster, text HAVING max(requests) * 5 <= sum(requests) * 4
        ),
        senders AS (SELECT cluster, text, count(DISTINCT account) AS accounts FROM held GROUP BY cluster, text),
        everywhere AS (
            SELECT system_ending AS text, count(DISTINCT account) AS accounts
            FROM exchange WHERE system_ending IN (SELECT text FROM spliced) GROUP BY system_ending
        ),
        own AS (
            SELECT a.cluster, CAST(sum(a.requests) AS BIGINT) AS requests
            FROM spliced AS a JOIN senders AS s ON s.cluster = a.cluster AND s.text = a.text JOIN everywhere AS e ON e.text = a.text
            WHERE e.accounts <= s.accounts * 2
            GROUP BY a.cluster
        )
        SELECT w.cluster, coalesce(o.requests, 0) * 1.0 / w.requests AS value, w.requests AS support
        FROM whole AS w LEFT JOIN own AS o ON o.cluster = w.cluster
    """,
)
