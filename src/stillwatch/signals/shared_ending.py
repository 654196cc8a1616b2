"""Accounts whose prompts end with the same words.

What it sees
------------
The last six words of each prompt, digits masked.

Why a distiller shows it
------------------------
An instruction after the task (show all steps, answer in tags) closes every request.

Who else shows it
-----------------
Benchmark questions with a public closing sentence; products with a fixed closing.

What evasion costs
------------------
A handful of paraphrased endings.

Source
------
Own; see shared_opening.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="shared_ending",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="end their prompts with the same words",
    column="ending",
    query=requests_with("ending"),
)
