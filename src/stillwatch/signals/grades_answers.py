"""How much of a cluster's traffic has answers graded.

What it sees
------------
The share of prompts whose capability is grading: a rubric, a score, a choice between candidates.

Why a distiller shows it
------------------------
A teacher that grades is a reward model: its scores filter what a student learns, and train it.

Who else shows it
-----------------
Evaluations with a model as judge, teachers, support teams that rate replies.

What evasion costs
------------------
Grading with a model of one's own, at the price of worse grades.

Source
------
A-FEB: rubric grading, the model used as a reward model; E08.
"""

from stillwatch.signals._base import Signal, share_of_prompts

SIGNAL = Signal(
    name="grades_answers",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E08",),
    phrase="of the prompts have answers graded",
    query=share_of_prompts("capability = 6"),
)
