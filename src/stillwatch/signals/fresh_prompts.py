"""How seldom a cluster asks the same thing twice.

What it sees
------------
Distinct prompts as a share of requests with text that open a conversation.

Why a distiller shows it
------------------------
A task list is split over the pool; each item is asked once.

Who else shows it
-----------------
Diverse ordinary use. It tells only together with a shared template.

What evasion costs
------------------
Asking items twice: double cost.

Source
------
Detection note section 5: slot diversity and partition of one task list.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="fresh_prompts",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="of the prompts that open a conversation are distinct",
    query="""
        WITH each AS (
            SELECT cluster, prompt, count(*) AS requests FROM member_exchange WHERE opens AND prompt <> 0 GROUP BY cluster, prompt
        )
        SELECT cluster, count(*) * 1.0 / sum(requests) AS value, sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
