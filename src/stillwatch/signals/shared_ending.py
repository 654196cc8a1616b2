"""Accounts whose prompts end with the same words.

What it sees
------------
The last six words of each prompt, digits masked.

Why a distiller shows it
------------------------
An instruction after the task (show all steps, answer in tags) closes every request.

Who else shows it
-----------------
Benchmark questions with a public closing sentence; products with a fixed closing.

What evasion costs
------------------
A handful of paraphrased endings.

Source
------
Own; see shared_opening.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="shared_ending",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01", "SWT-E01"),
    phrase="end their prompts with the same words",
    column="ending",
    query="""
        SELECT e.account, e.ending AS trait, count(*) AS value, any_value(s.support) AS support
        FROM exchange AS e
        JOIN (SELECT account, count(*) AS support FROM exchange WHERE ending <> 0 GROUP BY account) AS s
          ON s.account = e.account
        WHERE e.ending <> 0
        GROUP BY e.account, e.ending
    """,
)
