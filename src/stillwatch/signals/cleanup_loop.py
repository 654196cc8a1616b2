"""How much of a cluster's traffic has answers of a model cleaned.

What it sees
------------
The share of prompts that ask for cleaning, normalising or reformatting and speak of traces, transcripts,
completions or reasoning as what is to be cleaned. That an answer of the log itself comes back as a prompt is
not seen: answers are not turned into keys.

Why a distiller shows it
------------------------
What was harvested is fed back to be made fit for training. One public campaign sent 770,609 requests through
such a cleaner in ten days.

Who else shows it
-----------------
Editors, people who tidy transcripts of meetings, developers who clean logs.

What evasion costs
------------------
Cleaning with a model of one's own.

Source
------
A-SEP 150-151; H10.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="cleanup_loop",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-H10",),
    phrase="of the prompts have a model's answers cleaned",
    query=share_of_prompts(
        f"{asks_for('clean')} AND {asks_for('output', 'reason', 'tags', 'rationale', 'hidden')}"
    ),
)
