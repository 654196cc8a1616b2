"""Accounts whose prompts share a long run of words.

What it sees
------------
Each request's most widely shared run of eight words, digits masked.

Why a distiller shows it
------------------------
A harvest asks through templates: a fixed text around a changing slot, or one instruction injected into
every request.

Who else shows it
-----------------
Users of a framework that wraps prompts, a class with one assignment, readers of a viral prompt, everyone
who pastes one public text.

What evasion costs
------------------
Paraphrasing the fixed text, request by request; a model does it, at the price of one more call each.

Source
------
Broder (1997) for shingles; A-SEP 147 for fixed injection.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="shared_template",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="share a run of eight words in their prompts",
    column="template",
    query=requests_with("template"),
)
