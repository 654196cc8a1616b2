"""How much of a cluster's traffic asks to translate or encode what the model keeps to itself.

What it sees
------------
The share of prompts that ask for a translation, a rewriting or an encoding, and name the model's own notes,
thoughts or hidden instructions as what is to be transformed.

Why a distiller shows it
------------------------
A transformation looks harmless, and its object is hidden reasoning: what may not be shown may perhaps be
translated.

Who else shows it
-----------------
Red teams under agreement. A translator's text is the customer's own and not the model's notes.

What evasion costs
------------------
Not naming the object, so that the model must guess it.

Source
------
A-SEP 145; E04.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="task_laundering",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E04",),
    phrase="of the prompts want the model's own notes translated or encoded",
    query=share_of_prompts(
        f"{asks_for('translate', 'rewrite', 'encode')} AND {asks_for('hidden', 'pretext')}"
    ),
)
