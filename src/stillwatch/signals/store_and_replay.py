"""How many of a cluster's conversations begin in the middle.

What it sees
------------
The share of conversations whose first request in the log already holds three messages or more.

Why a distiller shows it
------------------------
Sessions of a lab's own users are stored and run again later: the whole past of a session arrives in one
request, because it took place elsewhere.

Who else shows it
-----------------
Conversations that began before the log does; products that move a chat to another model; regression tests
over recorded sessions.

What evasion costs
------------------
Replaying turn by turn, which costs every earlier answer again.

Source
------
A-SEP 151-152: own users' sessions stored and replayed; H08.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="store_and_replay",
    level="cluster",
    family="extraction",
    needs=("exchanges.session_id", "exchanges.turns"),
    techniques=("SWT-H08",),
    phrase="of the conversations begin in the middle",
    query="""
        WITH begun AS (
            SELECT cluster, conversation, min(ts * 256 + least(coalesce(turns, 0), 255)) % 256 AS turns
            FROM member_exchange
            WHERE conversation <> 0
            GROUP BY cluster, conversation
        )
        SELECT cluster, avg(CASE WHEN turns >= 3 THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM begun
        WHERE turns > 0
        GROUP BY cluster
    """,
)
