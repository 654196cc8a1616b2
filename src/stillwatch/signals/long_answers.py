"""How much longer a cluster's answers are than its questions.

What it sees
------------
Output tokens as a share of all tokens.

Why a distiller shows it
------------------------
What is wanted is the answer: reasoning at length.

Who else shows it
-----------------
Writers, coders, anyone with a short question.

What evasion costs
------------------
Asking for less: less is harvested.

Source
------
Detection note section 5.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="long_answers",
    level="cluster",
    family="extraction",
    needs=("exchanges.input_tokens", "exchanges.output_tokens"),
    techniques=(),
    phrase="of the tokens are output",
    query="""
        SELECT cluster, sum(output_tokens) * 1.0 / sum(output_tokens + input_tokens) AS value, count(*) AS support
        FROM member_exchange
        WHERE output_tokens IS NOT NULL AND input_tokens IS NOT NULL AND output_tokens + input_tokens > 0
        GROUP BY cluster
    """,
)
