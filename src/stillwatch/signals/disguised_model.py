"""How many of a cluster's conversations open under a system prompt of its own that says who made the model, or forbids to name another.

What it sees
------------
The share of prompts that open a conversation below a system prompt which the cluster has to itself (as `own_instruction` tells it) and
in which keyword probes find who the model is to say that it is made by, or that it is to name no other model or company.

Why a distiller shows it
------------------------
Who serves another lab's model as its own lets it say so. The answers go to its users, and are stored.

Who else shows it
-----------------
One firm's assistant, from the firm's few accounts; an app whose customers bring keys of their own, each as much as it needs.

What evasion costs
------------------
The model says to users what it is.

Source
------
A-SEP 148-149: own users silently served by another model, exchanges stored; H07.
"""

from stillwatch.fingerprint.probes import MAKER, mask
from stillwatch.signals._base import Signal, share_below_own_prompts

SIGNAL = Signal(
    name="disguised_model",
    level="cluster",
    family="extraction",
    needs=("exchanges.system_prompt", "exchanges.prompt"),
    techniques=("SWT-H07",),
    phrase="of the prompts that open a conversation stand below a system prompt of its own that gives the model another maker, or forbids to name one",
    query=share_below_own_prompts(told=f"(told & {mask(*MAKER)}) <> 0"),
)
