"""How much of a cluster's traffic gives an answer and asks for the reasoning behind it.

What it sees
------------
The share of prompts that say what the answer is and ask for a rationale or for reasoning, in the wordings
that the keyword probes know.

Why a distiller shows it
------------------------
A student learns from reasoning, and answers are to be had without the teacher. So the answer is given and its
reasoning is asked for, which no guard on hidden reasoning sees.

Who else shows it
-----------------
Tutors and pupils with an answer key, audits of decisions, checks of a data set's quality. They ask at human
volume, or about their own decisions.

What evasion costs
------------------
Wordings that the probes do not know: they are few and public.

Source
------
A-FEB: imagined reasoning behind a finished answer; CISA: elicitation after the answer; E02.
"""

from stillwatch.signals._base import Signal, asks_for, share_of_prompts

SIGNAL = Signal(
    name="reasoning_after_the_fact",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E02",),
    phrase="of the prompts give an answer and ask for the reasoning behind it",
    query=share_of_prompts(f"{asks_for('answered')} AND {asks_for('rationale', 'reason')}"),
)
