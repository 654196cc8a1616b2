"""How often a key of a cluster is used by two programs from two places in one hour.

What it sees
------------
The share of requests in hours in which their key was used with more than one TLS client and from more than
one address range.

Why a distiller shows it
------------------------
A stolen key goes on being used by its owner. The thief comes from elsewhere, with another program, at the
same time.

Who else shows it
-----------------
Teams that share a key, keys in build systems, an owner's laptop beside the owner's server.

What evasion costs
------------------
Using the key only while its owner sleeps.

Source
------
G-SEP: thousands of stolen credentials; A05.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="split_keys",
    level="cluster",
    family="net",
    needs=("exchanges.api_key_id", "exchanges.ja4", "exchanges.client_ip"),
    techniques=("SWT-A05",),
    phrase="of the requests share their key and hour with another program in another place",
    query="""
        WITH each AS (
            SELECT cluster, api_key, ts // 3600000000 AS hour, count(*) AS requests,
                min(tls) AS tls, max(tls) AS other_tls, min(prefix) AS prefix, max(prefix) AS other_prefix
            FROM member_exchange
            WHERE api_key <> 0 AND tls <> 0 AND prefix <> 0
            GROUP BY cluster, api_key, ts // 3600000000
        )
        SELECT cluster,
            sum(CASE WHEN tls <> other_tls AND prefix <> other_prefix THEN requests ELSE 0 END) * 1.0 / sum(requests) AS value,
            sum(requests) AS support
        FROM each
        GROUP BY cluster
    """,
)
