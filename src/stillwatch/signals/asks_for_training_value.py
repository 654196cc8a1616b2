"""How much of a cluster's traffic asks for what a training set wants.

What it sees
------------
The share of prompts that open a conversation and ask for reasoning, rationales, tagged thinking, grades, new tasks or hidden text,
by keyword probes in several languages.

Why a distiller shows it
------------------------
Chains of thought, rubric grades and generated tasks are what a student model lacks.

Who else shows it
-----------------
Students, evaluators with a judge prompt, auditors, teachers, ordinary prompt fashion.

What evasion costs
------------------
Asking without the words: the answers get poorer.

Source
------
A-FEB, G-FEB, A-SEP 145-150.
"""

from stillwatch.signals._base import Signal, share_of_requests

SIGNAL = Signal(
    name="asks_for_training_value",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("AML.T0065",),
    phrase="of the prompts that open a conversation ask for reasoning, grades or new tasks",
    query=share_of_requests("(asks & $wanted) <> 0", among="opens AND words > 0"),
)
