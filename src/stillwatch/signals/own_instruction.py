"""How many of a cluster's conversations open under a system prompt that is its own.

What it sees
------------
The share of prompts that open a conversation below a system prompt that at least three accounts of the cluster, and a tenth of them,
send, and hardly any others: a fifth as many more at most. There may be several such texts.

Why a distiller shows it
------------------------
The instruction of a harvest may stand in the system prompt, once, with bare tasks below it.

Who else shows it
-----------------
One firm's product, its customers' service, programs that review its code.

What evasion costs
------------------
Another wording of the instruction for each account, or none, and answers that are no use for training as they come.

Source
------
A-FEB: highly repetitive structure; A-SEP 147-148: one text on every request.
"""

from stillwatch.signals._base import Signal, share_below_own_prompts

SIGNAL = Signal(
    name="own_instruction",
    level="cluster",
    family="template",
    needs=("exchanges.system_prompt", "exchanges.prompt"),
    techniques=("SWT-H01",),
    phrase="of the prompts that open a conversation stand below a system prompt that hardly anybody else sends",
    query=share_below_own_prompts(),
)
