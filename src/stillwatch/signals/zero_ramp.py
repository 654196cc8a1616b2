"""How soon a cluster's accounts work at full load after sign-up.

What it sees
------------
The share of accounts whose first request follows sign-up within two days.

Why a distiller shows it
------------------------
Accounts of a pool are bought to be used at once.

Who else shows it
-----------------
Classes and hackathons; migrations to a new account.

What evasion costs
------------------
Ageing accounts for weeks before use.

Source
------
AA26-251A indicator ii.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="zero_ramp",
    level="cluster",
    family="registration",
    needs=("accounts.created_at",),
    techniques=("SWT-H03",),
    phrase="of the accounts work at once after sign-up",
    query="""
        WITH each AS (
            SELECT e.cluster, e.account, min(e.ts) - any_value(a.created) AS wait
            FROM member_exchange AS e
            JOIN account AS a ON a.account = e.account
            WHERE a.created IS NOT NULL
            GROUP BY e.cluster, e.account
        )
        SELECT cluster, avg(CASE WHEN wait < 172800000000 THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM each
        GROUP BY cluster
    """,
)
