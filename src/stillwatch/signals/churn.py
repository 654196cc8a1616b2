"""How many of a cluster's accounts were banned.

What it sees
------------
The share of accounts with a ban on file.

Why a distiller shows it
------------------------
Banned accounts are replaced, so a pool leaves a trail of bans.

Who else shows it
-----------------
Abusers of other kinds; people banned by mistake.

What evasion costs
------------------
Not getting banned.

Source
------
A-FEB hydra; V07.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="churn",
    level="cluster",
    family="registration",
    needs=("accounts.banned_at",),
    techniques=("SWT-V07",),
    phrase="of the accounts were banned",
    query="""
        SELECT m.cluster, avg(CASE WHEN a.banned IS NOT NULL THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM member AS m JOIN account AS a ON a.account = m.account
        GROUP BY m.cluster
    """,
)
