"""How much of a cluster's traffic draws on capabilities that a rival model lacks.

What it sees
------------
The share of prompts that open a conversation whose capability is agentic work, tool use, coding, reasoning, data analysis, vision,
grading or alignment.

Why a distiller shows it
------------------------
A harvest takes what its student is to learn. A low value speaks against one; a high value is everybody's.

Who else shows it
-----------------
Developers and students, all day long: it never speaks for a harvest.

What evasion costs
------------------
Harvesting plain writing only, of which the open web is full.

Source
------
A-FEB: volume concentrated in few areas of training value.
"""

from stillwatch.signals._base import Signal, share_of_requests

SIGNAL = Signal(
    name="training_value",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E09",),
    phrase="of the prompts that open a conversation draw on capabilities worth training on",
    query=share_of_requests("capability IN (0, 1, 2, 3, 4, 5, 6, 7)", among="opens AND words > 0"),
)
