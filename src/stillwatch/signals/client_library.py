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
        WITH held AS (
            SELECT account, sdk AS trait, count(*) AS value FROM exchange WHERE sdk <> 0 GROUP BY account, sdk
        )
        SELECT account, trait, value, support
        FROM held JOIN (SELECT account, sum(value) AS support FROM held GROUP BY account) AS seen USING (account)
    """,
)
