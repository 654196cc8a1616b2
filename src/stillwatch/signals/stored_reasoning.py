"""Accounts that carry in the reasoning blocks of others, days later and in conversations of their own.

What it sees
------------
With how many other accounts of its cluster a member shares an encrypted reasoning block, on average, in another
conversation and a day or more apart. Of a block that many carry, a few carriers are looked at.

Why a distiller shows it
------------------------
Blocks of a lab's own users, or of an earlier harvest, are stored and sent back through whichever account is free,
to have the reasoning continued or retold. What is asked may be what people ask.

Who else shows it
-----------------
A failover router between the few keys of one customer; a client that keeps a stale block.

What evasion costs
------------------
Sending a block back through the account that it was given to, at once: then nothing can be stored, and a banned
account takes its blocks with it.

Source
------
Stealing Reasoning Traces from Proprietary LLM APIs (2026); A-SEP 148-149: replay of reasoning over sessions.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="stored_reasoning",
    level="cluster",
    family="extraction",
    needs=("exchanges.reasoning_token", "exchanges.session_id"),
    techniques=("SWT-E06",),
    phrase="other accounts, on average, carried one of an account's reasoning blocks a day or more apart",
    query="""
        WITH carried AS (
            SELECT cluster, token, account, min(ts) AS first, max(ts) AS last, min(conversation) AS begun, max(conversation) AS ended
            FROM member_exchange
            WHERE token <> 0 AND conversation <> 0
            GROUP BY cluster, token, account
        ),
        few AS (
            SELECT * FROM carried QUALIFY row_number() OVER (PARTITION BY cluster, token ORDER BY account) <= 8
        ),
        met AS (
            SELECT DISTINCT a.cluster, a.account, b.account AS other
            FROM few AS a JOIN few AS b USING (cluster, token)
            WHERE a.account <> b.account AND (a.begun <> b.ended OR a.ended <> b.begun)
                AND greatest(a.last - b.first, b.last - a.first) >= 86400000000
        ),
        partners AS (SELECT cluster, count(*) AS pairs FROM met GROUP BY cluster)
        SELECT cluster, coalesce(pairs, 0) / accounts AS value, accounts AS support
        FROM (SELECT cluster, CAST(count(DISTINCT account) AS DOUBLE) AS accounts FROM carried GROUP BY cluster) LEFT JOIN partners USING (cluster)
    """,
)
