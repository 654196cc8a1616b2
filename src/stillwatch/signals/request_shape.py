"""Accounts whose requests have one shape, where no prompt can be read.

What it sees
------------
Of each request without text: its turns, whether extended thinking was asked for, and how long it and its answer
are, in coarse steps. It stands in for the prompt and is not used where prompts can be read.

Why a distiller shows it
------------------------
One instruction around changing tasks, asked in one turn for answers of one kind, gives a few shapes again and again
over all its accounts.

Who else shows it
-----------------
Batch customers, each on its own; users of a program that wraps what they ask in a long fixed text.

What evasion costs
------------------
Padding of random length, paid for in tokens; conversations made up around the harvest.

Source
------
Own; traffic analysis by sizes is old (Wright et al., 2008, for encrypted speech), and lengths are among the metadata
that encrypted traffic to language models gives away (Weiss et al., 2024).
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="request_shape",
    level="trait",
    family="template",
    needs=("exchanges.input_tokens", "exchanges.output_tokens"),
    stands_in_for=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="send requests of the same turns and lengths",
    query=requests_with("shape"),
)
