"""How much of a cluster's traffic both makes tasks and grades answers.

What it sees
------------
The share of prompts that ask for new tasks or environments, or the share whose capability is grading,
whichever is smaller.

Why a distiller shows it
------------------------
A pipeline that trains a model needs both: tasks, and a judge of the answers. A teacher that does both is part
of another model's training.

Who else shows it
-----------------
Makers of synthetic data under an agreement; course makers who also mark the work; evaluation labs that write
items.

What evasion costs
------------------
Using a second provider for one of the two.

Source
------
A-SEP 150-151: judge, score, filter, write tasks, solve, test; U01.
"""

from stillwatch.signals._base import Signal, asks_for

SIGNAL = Signal(
    name="training_pipeline",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-U01",),
    phrase="of the prompts at least make tasks, and as many grade answers",
    query=f"""
        SELECT cluster,
            least(
                avg(CASE WHEN {asks_for("make", "pose")} THEN 1.0 ELSE 0.0 END), avg(CASE WHEN capability = 6 THEN 1.0 ELSE 0.0 END)
            ) AS value,
            count(*) AS support
        FROM member_exchange
        WHERE words > 0
        GROUP BY cluster
    """,
)
