"""Accounts whose prompts open with the same words.

What it sees
------------
The first six words of each prompt, digits masked.

Why a distiller shows it
------------------------
Short templates put the instruction first and the task after it.

Who else shows it
-----------------
Common ways to begin a sentence weigh nothing; a product or framework that opens prompts alike.

What evasion costs
------------------
A handful of paraphrased openings.

Source
------
Own; the prefix is the cheapest template id of detection-peers section 8.1.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="shared_opening",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="open their prompts with the same words",
    column="opening",
    query=requests_with("opening"),
)
