"""How many end users and scripts one account of a cluster serves.

What it sees
------------
The mean over accounts (with five or more prompts, weighted by them) of the effective number of kinds of prompt:
the inverse of the sum of squared shares of (script, capability) pairs. Scripts are Latin, Chinese-Japanese-Korean and
Cyrillic; no script counts for or against anybody, only how many share an account.

Why a distiller shows it
------------------------
A relay serves strangers: languages and tasks interleave in one account. It tells relays from harvests.

Who else shows it
-----------------
Families, small teams, translators.

What evasion costs
------------------
None: it is the business of a relay.

Source
------
R02 pool fan-in; NUC.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="many_personas",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-R01", "SWT-R02"),
    phrase="scripts and capabilities make up the prompts of one account on average",
    query=f"""
        WITH kinds AS (
            SELECT cluster, account, CAST(script AS INTEGER) * 100 + capability AS kind, CAST(count(*) AS DOUBLE) AS requests
            FROM member_exchange
            WHERE words > 0
            GROUP BY cluster, account, CAST(script AS INTEGER) * 100 + capability
        ),
        each AS (
            SELECT cluster, account, sum(requests) AS total,
                power(sum(requests), 2) / sum(requests * requests) AS kinds
            FROM kinds
            GROUP BY cluster, account
        )
        SELECT cluster, {exact_sum("kinds * total")} / sum(total) AS value, sum(total) AS support
        FROM each
        WHERE total >= 5
        GROUP BY cluster
    """,
)
