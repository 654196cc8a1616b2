"""Accounts that offer the model one set of tools.

What it sees
------------
The set of tool names offered with each request, whatever their order.

Why a distiller shows it
------------------------
Tool-use and agentic harvests need a tool environment; it is the same for the whole pool.

Who else shows it
-----------------
Users of one agent framework or of one product.

What evasion costs
------------------
Renaming tools for each account, which breaks the harvested set's consistency.

Source
------
A-FEB: campaigns aimed at tool use and agentic coding.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="tool_set",
    level="trait",
    family="tool",
    needs=("exchanges.tools",),
    techniques=("SWT-H01",),
    phrase="offer one set of tools",
    column="tools",
    query=requests_with("tools"),
)
