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

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="many_personas",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-R01", "SWT-R02"),
    phrase="scripts and capabilities make up the prompts of one account on average",
    query="""
        WITH kinds AS (
            SELECT m.cluster, m.account, CAST(e.script AS INTEGER) * 100 + e.capability AS kind, CAST(count(*) AS DOUBLE) AS requests
            FROM member AS m JOIN exchange AS e ON e.account = m.account
            WHERE e.words > 0
            GROUP BY m.cluster, m.account, CAST(e.script AS INTEGER) * 100 + e.capability
        ),
        each AS (
            SELECT cluster, account, sum(requests) AS total,
                power(sum(requests), 2) / sum(requests * requests) AS kinds
            FROM kinds
            GROUP BY cluster, account
        )
        SELECT cluster, sum(kinds * total) / sum(total) AS value, sum(total) AS support
        FROM each
        WHERE total >= 5
        GROUP BY cluster
    """,
)
