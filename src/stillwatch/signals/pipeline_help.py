"""How much of a cluster's traffic is code for training a model.

What it sees
------------
The share of prompts that speak of training a model (a training loop, fine-tuning, distillation, losses,
checkpoints) and of code.

Why a distiller shows it
------------------------
The same accounts that draw the answers have the pipeline written that learns from them.

Who else shows it
-----------------
Everybody who works on machine learning: by itself it is no sign of anything.

What evasion costs
------------------
Writing the code on other accounts, or by hand.

Source
------
A-SEP 152: the model used to write, launch and monitor a distillation pipeline; U02.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="pipeline_help",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-U02",),
    phrase="of the prompts are about code that trains a model",
    query=share_of_prompts(f"{asks_for('train')} AND {asks_for('code')}"),
)
