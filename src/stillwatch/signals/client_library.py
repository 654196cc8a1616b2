"""Accounts that report one client library and version.

What it sees
------------
The client library and version from headers.

Why a distiller shows it
------------------------
One program, one pinned dependency.

Who else shows it
-----------------
Everyone with that version; new versions spread within days.

What evasion costs
------------------
A header: nothing.

Source
------
SDK platform headers are stored and replayed by public relay code.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="client_library",
    level="trait",
    family="client",
    needs=("exchanges.sdk",),
    techniques=("SWT-R07",),
    phrase="report one client library and version",
    column="sdk",
    query="""
        SELECT e.account, e.sdk AS trait, count(*) AS value, any_value(s.support) AS support
        FROM exchange AS e
        JOIN (SELECT account, count(*) AS support FROM exchange WHERE sdk <> 0 GROUP BY account) AS s
          ON s.account = e.account
        WHERE e.sdk <> 0
        GROUP BY e.account, e.sdk
    """,
)
