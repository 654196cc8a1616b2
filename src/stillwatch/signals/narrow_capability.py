"""How concentrated a cluster is on few capabilities.

What it sees
------------
The sum of squared shares of the capabilities that its requests draw on.

Why a distiller shows it
------------------------
Volume concentrated in few areas of training value.

Who else shows it
-----------------
Every product with one purpose.

What evasion costs
------------------
Mixing in other traffic, at full price.

Source
------
A-FEB; Herfindahl index.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="narrow_capability",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-E09",),
    phrase="is the concentration of requests on few capabilities",
    query="""
        WITH each AS (
            SELECT cluster, capability, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE words > 0
            GROUP BY cluster, capability
        )
        SELECT cluster, sum(requests * requests) / (sum(requests) * sum(requests)) AS value, sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
