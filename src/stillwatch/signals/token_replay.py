"""Accounts that carry in one and the same encrypted reasoning block.

What it sees
------------
The hash of the encrypted reasoning block in the request.

Why a distiller shows it
------------------------
Saved reasoning blocks are sent back through other accounts to have them continued or retold.

Who else shows it
-----------------
A gateway that moves a conversation between keys of one organisation; a buggy client.

What evasion costs
------------------
The technique is the evidence: without it no reasoning is recovered in this way.

Source
------
Stealing Reasoning Traces from Proprietary LLM APIs (2026); A-SEP 148-150.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="token_replay",
    level="trait",
    family="token",
    needs=("exchanges.reasoning_token",),
    techniques=("SWT-E06",),
    phrase="carry in one reasoning block",
    column="token",
    query=requests_with("token"),
)
