"""How much of a cluster's traffic asks for the reasoning inside the answer.

What it sees
------------
The share of prompts that ask for reasoning between tags, or in a scratchpad that is part of the answer.

Why a distiller shows it
------------------------
Hidden reasoning cannot be harvested; reasoning that is written into the answer can. One public campaign put
the same request for it into every prompt.

Who else shows it
-----------------
Frameworks for agents and prompt guides recommend tags for reasoning; their users share them without knowing
each other.

What evasion costs
------------------
Asking for the reasoning in prose, which is harder to cut from the answer.

Source
------
A-SEP 147-148; E01.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="inline_reasoning",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E01",),
    phrase="of the prompts want the reasoning written out inside tags",
    query=share_of_prompts(asks_for("tags", "inline")),
)
