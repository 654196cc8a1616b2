"""How much of a cluster's traffic asks for safe rewritings of sensitive queries.

What it sees
------------
The share of prompts whose capability is alignment, or that speak of a sensitive topic and ask for a
rewriting.

Why a distiller shows it
------------------------
A student must also learn what not to say. Pairs of a sensitive query and an approved answer are asked for in
bulk.

Who else shows it
-----------------
Trust and safety teams, editors, evaluations of refusals. It is asked which task is set, never which opinion
is held.

What evasion costs
------------------
Sensitive queries without a frame, whose refusals are then the harvest: more is refused.

Source
------
A-FEB: censorship-safe rewrites; E10.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="alignment_harvest",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E10",),
    phrase="of the prompts ask for safe rewritings of sensitive queries",
    query=share_of_prompts(f"capability = 7 OR ({asks_for('sensitive')} AND {asks_for('rewrite')})"),
)
