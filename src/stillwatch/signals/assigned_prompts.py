"""How many of a cluster's conversations open with a prompt that many of its accounts send.

What it sees
------------
The share of prompts that open a conversation and are sent, digits aside, by at least eight accounts of the cluster and a quarter of them. Prompts that
bring pictures or stored reasoning along do not count: what differs in them is not the text.

Why a distiller shows it
------------------------
It does not: a list of tasks is divided among the accounts of a pool, and an answer that is wanted several times is asked for at few of them.

Who else shows it
-----------------
Classes with assignments, evaluators of one suite, people who copy one prompt from another. It speaks against a training set.

What evasion costs
------------------
Asking every task at a quarter of all accounts, for the same answers.

Source
------
A-FEB: look-alikes; university classes.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="assigned_prompts",
    level="cluster",
    family="template",
    needs=("exchanges.prompt",),
    techniques=(),
    phrase="of the prompts that open a conversation are sent by a quarter of the accounts or more",
    query="""
        WITH size AS (SELECT cluster, count(*) AS accounts FROM member GROUP BY cluster),
        held AS (
            SELECT cluster, prompt, count(*) AS requests, count(DISTINCT account) AS accounts
            FROM member_exchange WHERE opens AND prompt <> 0 AND token = 0 AND coalesce(images, 0) = 0 GROUP BY cluster, prompt
        )
        SELECT h.cluster,
            coalesce(CAST(sum(h.requests) FILTER (h.accounts >= 8 AND h.accounts * 4 >= s.accounts) AS BIGINT), 0) * 1.0 / CAST(sum(h.requests) AS BIGINT) AS value,
            CAST(sum(h.requests) AS BIGINT) AS support
        FROM held AS h JOIN size AS s ON s.cluster = h.cluster
        GROUP BY h.cluster
    """,
)
