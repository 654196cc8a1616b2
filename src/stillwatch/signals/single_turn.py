"""How much of a cluster's traffic is one question and one answer.

What it sees
------------
The share of requests that carry one message, or none before the last.

Why a distiller shows it
------------------------
A training pair is one question and one answer; a harvest seldom asks again.

Who else shows it
-----------------
Classification and extraction products, batch jobs, search assistants.

What evasion costs
------------------
Replaying answers as invented dialogues, which multiplies the tokens paid.

Source
------
Detection note section 5; A-FEB.
"""

from stillwatch.signals._base import Signal, share_of_requests

SIGNAL = Signal(
    name="single_turn",
    level="cluster",
    family="extraction",
    needs=("exchanges.turns",),
    techniques=("SWT-H01",),
    phrase="of the requests hold a single message",
    query=share_of_requests("turns <= 2", among="turns IS NOT NULL"),
)
