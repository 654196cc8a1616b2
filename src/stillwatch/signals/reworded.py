"""How far a cluster asks for the same in ever other words.

What it sees
------------
The probability that two of its requests ask for the same (the same set of keyword probes on reasoning,
grading and task making), less the probability that they share their fixed text (template, or else opening); 0
where texts are shared as often. Requests without such a probe are left out.

Why a distiller shows it
------------------------
A template that is paraphrased for every request has no text in common with itself, and still asks for the
same thing.

Who else shows it
-----------------
People with one purpose and words of their own: a class, the users of a tutoring product.

What evasion costs
------------------
Varying also what is asked for, which makes the harvest uneven.

Source
------
Detection note section 5; V06.
"""

from stillwatch.fingerprint.probes import BIT
from stillwatch.signals._base import Signal

DEMANDS = sum(
    BIT[name]
    for name in ("reason", "tags", "rationale", "grade", "make", "pretext", "answered", "pose", "verifier")
)

SIGNAL = Signal(
    name="reworded",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-V06",),
    phrase="is the surplus of the same demand over the same words",
    query=f"""
        WITH asked AS (
            SELECT cluster, asks & {DEMANDS} AS demand,
                CASE WHEN template <> 0 THEN template WHEN opening <> 0 THEN opening ELSE prompt END AS text
            FROM member_exchange
            WHERE (asks & {DEMANDS}) <> 0
        ),
        by_demand AS (
            SELECT cluster, demand, CAST(count(*) AS DOUBLE) AS requests FROM asked GROUP BY cluster, demand
        ),
        by_text AS (SELECT cluster, text, CAST(count(*) AS DOUBLE) AS requests FROM asked GROUP BY cluster, text),
        same_demand AS (
            SELECT cluster, sum(requests * (requests - 1)) AS pairs, sum(requests) AS requests FROM by_demand GROUP BY cluster
        ),
        same_text AS (SELECT cluster, sum(requests * (requests - 1)) AS pairs FROM by_text GROUP BY cluster)
        SELECT d.cluster, greatest(d.pairs - t.pairs, 0.0) / (d.requests * (d.requests - 1)) AS value, d.requests AS support
        FROM same_demand AS d JOIN same_text AS t ON t.cluster = d.cluster
        WHERE d.requests > 1
    """,
)
