"""Accounts that send one system prompt.

What it sees
------------
The system prompt, case-folded and with digits masked.

Why a distiller shows it
------------------------
The harvest's instruction is fixed text in every request.

Who else shows it
-----------------
Thousands of unrelated users of one agent framework, whose long system prompt is public; a company's
product.

What evasion costs
------------------
Paraphrasing it per account; a language model does it for cents.

Source
------
A-SEP 147: one fixed prompt injected into every request.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="system_prompt",
    level="trait",
    family="tool",
    needs=("exchanges.system_prompt",),
    techniques=("SWT-H01",),
    phrase="send one system prompt",
    column="system",
    query=requests_with("system"),
)
