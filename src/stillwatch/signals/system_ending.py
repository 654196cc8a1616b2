"""Accounts whose system prompts end with the same words.

What it sees
------------
The last six words of each system prompt, digits masked.

Why a distiller shows it
------------------------
A fixed instruction is put behind whatever system prompt a program sends, which differs from request to request:
it holds the working directory, the day, the tools at hand.

Who else shows it
-----------------
Users of one agent framework, whose prompt ends in the same block; a company's product.

What evasion costs
------------------
A word at random behind the instruction, or putting it before or inside the prompt.

Source
------
A-SEP 147: one fixed prompt injected into every request; the words as in shared_ending.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="system_ending",
    level="trait",
    family="tool",
    needs=("exchanges.system_prompt",),
    techniques=("SWT-H01",),
    phrase="end their system prompts with the same words",
    column="system_ending",
    query=requests_with("system_ending"),
)
