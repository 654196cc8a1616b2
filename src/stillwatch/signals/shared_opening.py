"""Accounts whose prompts open with the same words.

What it sees
------------
The first six words of each prompt, digits masked.

Why a distiller shows it
------------------------
Short templates put the instruction first and the task after it.

Who else shows it
-----------------
Common ways to begin a sentence weigh nothing; a product or framework that opens prompts alike.

What evasion costs
------------------
A handful of paraphrased openings.

Source
------
Own; the prefix is the cheapest template id of detection-peers section 8.1.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="shared_opening",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="open their prompts with the same words",
    column="opening",
    query="""
        WITH held AS (
            SELECT account, opening AS trait, count(*) AS value FROM exchange WHERE opening <> 0 GROUP BY account, opening
        )
        SELECT account, trait, value, support
        FROM held JOIN (SELECT account, sum(value) AS support FROM held GROUP BY account) AS seen USING (account)
    """,
)
