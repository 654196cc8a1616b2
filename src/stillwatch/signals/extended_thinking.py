"""How much of a cluster's traffic asks for extended thinking.

What it sees
------------
The share of requests with extended thinking switched on.

Why a distiller shows it
------------------------
Reasoning traces are the most wanted goods.

Who else shows it
-----------------
Ordinary users of hard questions; a client's default.

What evasion costs
------------------
None: without it there is no trace.

Source
------
A-FEB; A-SEP 147.
"""

from stillwatch.signals._base import Signal, share_of_requests

SIGNAL = Signal(
    name="extended_thinking",
    level="cluster",
    family="extraction",
    needs=("exchanges.reasoning",),
    techniques=(),
    phrase="of the requests ask for extended thinking",
    query=share_of_requests("thinking", among="thinking IS NOT NULL"),
)
