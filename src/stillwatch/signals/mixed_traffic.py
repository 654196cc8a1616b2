"""How evenly a cluster's accounts mix shared texts with words of their own.

What it sees
------------
For each account with five prompts or more, four times the share of its prompts through a template times the
rest: 0 for an account of one kind, 1 for half and half. The mean over prompts. A template is a text that at
least three accounts of the log share.

Why a distiller shows it
------------------------
Harvest is mixed with other traffic on the same accounts, as cover, or because a relay serves customers and
several labs at once.

Who else shows it
-----------------
People who use a program with a fixed prompt and also chat; developers who test a product on their own
account.

What evasion costs
------------------
None is needed: mixing is itself the evasion, and it costs the cover traffic.

Source
------
A-FEB: distillation mixed with unrelated customer traffic; V01.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="mixed_traffic",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-V01",),
    phrase="of an even mix of shared and own texts is reached by an account",
    query=f"""
        WITH each AS (
            SELECT cluster, account, CAST(count(*) AS DOUBLE) AS requests,
                CAST(sum(CASE WHEN template <> 0 THEN 1 ELSE 0 END) AS DOUBLE) AS framed
            FROM member_exchange
            WHERE prompt <> 0
            GROUP BY cluster, account
        )
        SELECT cluster, {exact_sum("4.0 * framed * (requests - framed) / requests")} / sum(requests) AS value, sum(requests) AS support
        FROM each
        WHERE requests >= 5
        GROUP BY cluster
    """,
)
