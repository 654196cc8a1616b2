"""How much of a cluster's traffic has tasks made together with what checks them.

What it sees
------------
The share of prompts that ask for new tasks or environments and also for a hidden test, a checker or a
reference solution.

Why a distiller shows it
------------------------
Reinforcement learning needs tasks whose solutions can be checked by machine. A strong model writes them by
the thousand.

Who else shows it
-----------------
Makers of exams, courses and benchmarks; developers who want a test beside a function.

What evasion costs
------------------
Asking for task and test in two requests.

Source
------
A-SEP 150-151: tasks written, solved and tested; E11.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="task_making",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E11",),
    phrase="of the prompts want a task together with its test",
    query=share_of_prompts(f"{asks_for('make', 'pose')} AND {asks_for('verifier')}"),
)
