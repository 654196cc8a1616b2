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

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="system_prompt",
    level="trait",
    family="tool",
    needs=("exchanges.system_prompt",),
    techniques=("SWT-E01", "SWT-H01"),
    phrase="send one system prompt",
    column="system",
    query="""
        SELECT e.account, e.system AS trait, count(*) AS value, any_value(s.support) AS support
        FROM exchange AS e
        JOIN (SELECT account, count(*) AS support FROM exchange WHERE system <> 0 GROUP BY account) AS s
          ON s.account = e.account
        WHERE e.system <> 0
        GROUP BY e.account, e.system
    """,
)
