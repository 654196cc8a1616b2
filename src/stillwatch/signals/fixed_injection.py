"""How much of what follows in a cluster's conversations carries one fixed text.

What it sees
------------
Among requests that continue a conversation, the share that begins, or ends, with the six words which most of
them begin or end with, if more than one account does.

Why a distiller shows it
------------------------
One text is put into every request by the program, whatever the conversation is about. In a first request that
is a template like any other; people and agents do not repeat it in the later ones.

Who else shows it
-----------------
Chat programs that put a reminder after each message of their users.

What evasion costs
------------------
Another wording in each request, or none after the first.

Source
------
A-SEP 147-148: one fixed prompt injected into every request; E01.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="fixed_injection",
    level="cluster",
    family="template",
    needs=("exchanges.prompt", "exchanges.turns"),
    techniques=("SWT-E01",),
    phrase="of the requests that continue a conversation carry one fixed text",
    query="""
        WITH later AS (SELECT cluster, account, opening, ending FROM member_exchange WHERE turns > 1 AND prompt <> 0),
        whole AS (SELECT cluster, count(*) AS requests FROM later GROUP BY cluster),
        edge AS (
            SELECT cluster, account, opening AS text FROM later WHERE opening <> 0
            UNION ALL SELECT cluster, account, ending AS text FROM later WHERE ending <> 0
        ),
        each AS (SELECT cluster, text, count(*) AS requests, min(account) AS first, max(account) AS last FROM edge GROUP BY cluster, text),
        fixed AS (SELECT cluster, max(requests) AS requests FROM each WHERE first < last GROUP BY cluster)
        SELECT w.cluster, coalesce(f.requests, 0) * 1.0 / w.requests AS value, w.requests AS support
        FROM whole AS w LEFT JOIN fixed AS f ON f.cluster = w.cluster
    """,
)
