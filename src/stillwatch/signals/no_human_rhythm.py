"""How evenly a cluster's accounts work around the clock.

What it sees
------------
The mean over accounts of the distinct hours of the day in which they are active, against what as many
requests at random hours would fill.

Why a distiller shows it
------------------------
A harvest runs day and night.

Who else shows it
-----------------
Batch jobs, services with customers on all continents, monitors.

What evasion costs
------------------
Sleeping: a third of the throughput.

Source
------
AA26-251A indicator i.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="no_human_rhythm",
    level="cluster",
    family="time",
    needs=("exchanges.ts",),
    techniques=("SWT-H02",),
    phrase="of the hours of the day that as many requests at random would fill are filled",
    query=f"""
        WITH each AS (
            SELECT cluster, account, count(*) AS requests,
                bit_count(bit_or(1 << CAST((ts // 3600000000 % 24 + 24) % 24 AS INTEGER))) AS hours
            FROM member_exchange
            GROUP BY cluster, account
        )
        SELECT cluster, sum(hours) / {exact_sum("24.0 * (1.0 - power(23.0 / 24.0, requests))")} AS value, sum(requests) AS support
        FROM each
        WHERE requests >= 4
        GROUP BY cluster
    """,
)
