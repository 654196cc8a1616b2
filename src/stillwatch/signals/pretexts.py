"""How much of a cluster's traffic claims an authority that a customer has not.

What it sees
------------
The share of prompts that speak of a debug or maintenance mode, of an operator's needs, of a system prompt or of
instructions to be ignored or shown.

Why a distiller shows it
------------------------
A pretext is one way to hidden reasoning: the request claims to come from the model's own operator.

Who else shows it
-----------------
People who debug their own product's prompt; registered red teams; pupils who copy what they read.

What evasion costs
------------------
Pretexts in other words. Those that work are few, and known ones stop working.

Source
------
CISA: jailbreak and prompt injection for hidden reasoning; E03.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="pretexts",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E03",),
    phrase="of the prompts claim an authority over the model",
    query=share_of_prompts(asks_for("pretext", "authority")),
)
