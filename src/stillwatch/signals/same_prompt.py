"""Accounts that send the same whole prompt.

What it sees
------------
The whole prompt, case-folded and with digits masked.

Why a distiller shows it
------------------------
Several accounts sample one task list, or retry one item over the pool.

Who else shows it
-----------------
Users of public benchmark items, of example prompts in a manual, of one-word greetings; a class.

What evasion costs
------------------
Partitioning the list over the accounts: free, and then nothing is seen here.

Source
------
A-FEB: identical patterns over accounts.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="same_prompt",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="send the same whole prompts",
    column="prompt",
    query=requests_with("prompt"),
)
