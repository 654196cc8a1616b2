"""How alike the programs of a cluster's different accounts look.

What it sees
------------
The probability that requests of two different accounts of the cluster come with the same user agent and the
same headers.

Why a distiller shows it
------------------------
A relay strips headers and writes the same values for every account: fewer programs than people.

Who else shows it
-----------------
Users of one program in one version; one company's staff behind its proxy.

What evasion costs
------------------
Keeping a different and consistent client for each account.

Source
------
CISA: automated metadata sanitising; CRS: stored and replayed headers; R07.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="client_normalising",
    level="cluster",
    family="client",
    needs=("exchanges.user_agent", "exchanges.header_profile"),
    techniques=("SWT-R07",),
    phrase="is the probability that two accounts show the same client",
    query="""
        WITH each AS (
            SELECT cluster, account, user_agent, headers, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE user_agent <> 0 AND headers <> 0
            GROUP BY cluster, account, user_agent, headers
        ),
        client AS (
            SELECT cluster, user_agent, headers, sum(requests) AS requests, sum(requests * requests) AS own
            FROM each
            GROUP BY cluster, user_agent, headers
        ),
        alike AS (SELECT cluster, sum(requests * requests - own) AS pairs FROM client GROUP BY cluster),
        held AS (SELECT cluster, account, sum(requests) AS requests FROM each GROUP BY cluster, account),
        every AS (
            SELECT cluster, sum(requests) * sum(requests) - sum(requests * requests) AS pairs, sum(requests) AS requests
            FROM held
            GROUP BY cluster
        )
        SELECT e.cluster, a.pairs / e.pairs AS value, e.requests AS support
        FROM every AS e JOIN alike AS a ON a.cluster = e.cluster
        WHERE e.pairs > 0
    """,
)
