"""How much of a cluster's traffic is ever new tasks of one capability.

What it sees
------------
Distinct prompts of the capability that has the most of them, as a share of all prompts.

Why a distiller shows it
------------------------
A sweep covers one skill with a list of tasks, each asked once: narrow in what it trains, wide in its items.

Who else shows it
-----------------
Products of one purpose with a record in each request; benchmark suites, whose items end and come again.

What evasion costs
------------------
Sweeping several skills at once from the same accounts.

Source
------
A-FEB: volume concentrated in few areas; E09.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="capability_sweep",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E09",),
    phrase="of the prompts are new tasks of one capability",
    query="""
        WITH each AS (
            SELECT cluster, capability, count(*) AS requests, count(DISTINCT prompt) AS tasks
            FROM member_exchange
            WHERE words > 0
            GROUP BY cluster, capability
        )
        SELECT cluster, max(tasks) * 1.0 / sum(requests) AS value, sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
