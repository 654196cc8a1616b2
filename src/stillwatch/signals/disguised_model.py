"""How many of a cluster's conversations open under a system prompt of its own that speaks of models or companies that are not to be named.

What it sees
------------
The share of prompts that open a conversation below a system prompt which the cluster has to itself (as `own_instruction` tells it) and
in which keyword probes find "another model", "the underlying model", "any other company" and the like. Who it says that it is made by
does not count: that may be true.

Why a distiller shows it
------------------------
Who serves another lab's model as its own forbids it to say so. In a campaign of 2026 the exchanges were stored.

Who else shows it
-----------------
One firm's assistant, from the firm's few accounts; an app whose customers bring keys of their own, each as much as it needs; a
customer of a relay, as a small part of what the relay is asked.

What evasion costs
------------------
The model says to users what it is, or another wording for each few accounts.

Source
------
A-SEP 148-149: own users silently served by another model, exchanges stored; H07.
"""

from stillwatch.fingerprint.probes import CONCEALED, mask
from stillwatch.signals._base import Signal, share_below_own_prompts

SIGNAL = Signal(
    name="disguised_model",
    level="cluster",
    family="extraction",
    needs=("exchanges.system_prompt", "exchanges.prompt"),
    techniques=("SWT-H07",),
    phrase="of the prompts that open a conversation stand below a system prompt of its own that speaks of models or companies that are not to be named",
    query=share_below_own_prompts(told=f"(told & {mask(*CONCEALED)}) <> 0"),
)
