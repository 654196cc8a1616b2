"""How much of a cluster's traffic asks the same about ever new images, sound or video.

What it sees
------------
The share of requests that carry media and whose opening words (or whole prompt, if it is short) at least
three accounts of the cluster use with media.

Why a distiller shows it
------------------------
Seeing and hearing are harvested like text: one question, and a stream of media.

Who else shows it
-----------------
Captioning and inspection businesses; one program used by many, with its built-in question.

What evasion costs
------------------
A wording of its own for each account.

Source
------
G-SEP: image, video and audio understanding and generation; E12.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="media_sweep",
    level="cluster",
    family="extraction",
    needs=("exchanges.images", "exchanges.prompt"),
    techniques=("SWT-E12",),
    phrase="of the requests ask a shared question about media",
    query="""
        WITH whole AS (SELECT cluster, count(*) AS requests FROM member_exchange GROUP BY cluster),
        shown AS (
            SELECT cluster, account, CASE WHEN opening <> 0 THEN opening ELSE prompt END AS text
            FROM member_exchange
            WHERE images > 0 AND prompt <> 0
        ),
        each AS (SELECT cluster, text, count(*) AS requests, count(DISTINCT account) AS accounts FROM shown GROUP BY cluster, text),
        swept AS (SELECT cluster, sum(requests) AS requests FROM each WHERE accounts >= 3 GROUP BY cluster)
        SELECT w.cluster, coalesce(s.requests, 0) * 1.0 / w.requests AS value, w.requests AS support
        FROM whole AS w LEFT JOIN swept AS s ON s.cluster = w.cluster
    """,
)
