"""Accounts that name one client and version.

What it sees
------------
The full user agent of each request.

Why a distiller shows it
------------------------
A pool is run from one image, upgraded at once.

Who else shows it
-----------------
Everyone who runs that client version.

What evasion costs
------------------
A header: nothing. It weighs only where it is rare.

Source
------
AA26-251A indicator iii names addresses and user agents.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="client_version",
    level="trait",
    family="client",
    needs=("exchanges.user_agent",),
    techniques=("SWT-R07",),
    phrase="name one client and version",
    column="user_agent",
    query="""
        WITH held AS (
            SELECT account, user_agent AS trait, count(*) AS value FROM exchange WHERE user_agent <> 0 GROUP BY account, user_agent
        )
        SELECT account, trait, value, support
        FROM held JOIN (SELECT account, sum(value) AS support FROM held GROUP BY account) AS seen USING (account)
    """,
)
