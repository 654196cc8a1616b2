"""How much of a cluster's talk with people has its reasoning recorded.

What it sees
------------
Among requests that continue a conversation, the share that is put in words which no three accounts share and
that asks for extended thinking.

Why a distiller shows it
------------------------
Who serves another lab's model to users of their own and stores it all has prompts that are human and various.
What is not the users' choice is that every answer comes with its thinking.

Who else shows it
-----------------
Programs for people that have thinking on by default; researchers at their desks.

What evasion costs
------------------
Serving without thinking: the traces are lost.

Source
------
A-SEP 148-149: own users silently served by another model, exchanges stored; H07.
"""

from stillwatch.signals._base import Signal, share_of_requests

SIGNAL = Signal(
    name="serve_and_harvest",
    level="cluster",
    family="extraction",
    needs=("exchanges.turns", "exchanges.reasoning"),
    techniques=("SWT-H07",),
    phrase="of the continued conversations are in people's own words and ask for extended thinking",
    query=share_of_requests("thinking AND template = 0", among="turns > 1 AND thinking IS NOT NULL"),
)
