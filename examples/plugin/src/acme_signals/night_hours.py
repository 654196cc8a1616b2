"""How much of a cluster's traffic comes in one quiet stretch of the night.

What it sees
------------
The share of requests between 00:00 and 06:00 UTC.

Why a distiller shows it
------------------------
A harvest is moved to the hours in which rate limits are seldom reached.

Who else shows it
-----------------
Nightly batch jobs, and people for whom it is day: alone it says nothing about anybody.

What evasion costs
------------------
Nothing but the throughput of those hours.

Source
------
An example, not a finding: copy its form and not its reasoning.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="night_hours",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-H02",),
    phrase="of the requests come between midnight and six in the morning",
    query="""
        SELECT cluster,
            avg(CASE WHEN (ts // 3600000000) % 24 < 6 THEN 1.0 ELSE 0.0 END) AS value,
            count(*) AS support
        FROM member_exchange
        GROUP BY cluster
    """,
)
