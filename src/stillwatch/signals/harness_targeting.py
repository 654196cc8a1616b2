"""How much of a cluster's traffic carries a program's tools without that program's connection.

What it sees
------------
For each request with tools, the share of everybody else's requests with the same set of tools that come over
another TLS client; summed over the cluster's requests, and divided by all of them. Tools that nobody else
offers say nothing.

Why a distiller shows it
------------------------
A relay that picks out users of agent programs passes their tools and texts on over a connection of its own.
The body says one program, the transport another.

Who else shows it
-----------------
A company's gateway or a proxy that inspects traffic: the same mismatch, for one organisation.

What evasion costs
------------------
Imitating the TLS handshake of every program that is relayed.

Source
------
A-SEP 149-150: requests matched for agent harnesses and passed on; H09.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="harness_targeting",
    level="cluster",
    family="tool",
    needs=("exchanges.tools", "exchanges.ja4"),
    techniques=("SWT-H09",),
    phrase="of the requests carry a program's tools over another program's connection",
    query="""
        WITH whole AS (SELECT cluster, count(*) AS requests FROM member_exchange WHERE tls <> 0 GROUP BY cluster),
        every AS (
            SELECT tools, tls, CAST(count(*) AS DOUBLE) AS requests
            FROM exchange
            WHERE tls <> 0 AND tools IN (SELECT DISTINCT tools FROM member_exchange WHERE tools <> 0 AND tls <> 0)
            GROUP BY tools, tls
        ),
        every_tool AS (SELECT tools, sum(requests) AS requests FROM every GROUP BY tools),
        own AS (
            SELECT cluster, tools, tls, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE tools <> 0 AND tls <> 0
            GROUP BY cluster, tools, tls
        ),
        own_tool AS (SELECT cluster, tools, sum(requests) AS requests FROM own GROUP BY cluster, tools),
        strange AS (
            SELECT o.cluster,
                sum(round(1000000 * o.requests * (1.0 - (e.requests - o.requests) / (t.requests - m.requests)))) / 1000000 AS requests
            FROM own AS o
            JOIN own_tool AS m ON m.cluster = o.cluster AND m.tools = o.tools
            JOIN every AS e ON e.tools = o.tools AND e.tls = o.tls
            JOIN every_tool AS t ON t.tools = o.tools
            WHERE t.requests > m.requests
            GROUP BY o.cluster
        )
        SELECT w.cluster, coalesce(s.requests, 0.0) / w.requests AS value, w.requests AS support
        FROM whole AS w LEFT JOIN strange AS s ON s.cluster = w.cluster
    """,
)
