"""How much of a cluster's traffic gives orders on the language of the reasoning.

What it sees
------------
The share of prompts that tell the model in which language to think or to reason. It is the order that counts:
which language is named, and in which language the prompt is written, is not looked at, and nobody is linked
or judged by either.

Why a distiller shows it
------------------------
One public campaign had hidden reasoning follow the language of the user, to train a student that reasons in
many languages.

Who else shows it
-----------------
Makers of products for several countries; people who learn a language; evaluations of multilingual reasoning.

What evasion costs
------------------
Reasoning in whatever language the model chooses.

Source
------
G-FEB: the language of the reasoning must match the user's; E05.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="language_coercion",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E05",),
    phrase="of the prompts order the language of the reasoning",
    query=share_of_prompts(f"{asks_for('reason_in')} AND {asks_for('language')}"),
)
