"""How seldom a cluster asks the same thing twice.

What it sees
------------
Distinct prompts as a share of requests with text that open a conversation. Of more than 10,000 of them it is the share
that is to be expected among 10,000 taken at random: whoever asks long enough, of any list, asks again. One prompt with
two reasoning blocks asks for two things. Prompts that bring pictures along do not count, and where three in
four do nothing is said: one instruction above each of many pictures is many questions.

Why a distiller shows it
------------------------
A task list is split over the pool; each item is asked once.

Who else shows it
-----------------
Diverse ordinary use. It tells only together with a shared template.

What evasion costs
------------------
Asking items twice: double cost.

Source
------
Detection note section 5: slot diversity and partition of one task list. Rarefaction to a common number of requests
(Sanders, 1968; Hurlbert, 1971), requests taken each by itself.
"""

from stillwatch.signals._base import Signal, exact_sum

REQUESTS = "1e4"
"""Compared among so many requests: about the largest clusters that its weight was set on."""

LEAST_PART = 4
"""Where fewer than one in so many of the prompts stand above no picture, nothing is said."""

SIGNAL = Signal(
    name="fresh_prompts",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="of the prompts that open a conversation are distinct",
    query=f"""
        WITH every AS (SELECT cluster, count(*) AS openings FROM member_exchange WHERE opens AND prompt <> 0 GROUP BY cluster),
        each AS (
            SELECT cluster, prompt, token, count(*) AS requests
            FROM member_exchange WHERE opens AND prompt <> 0 AND coalesce(images, 0) = 0 GROUP BY cluster, prompt, token
        ),
        whole AS (
            SELECT cluster, sum(requests) AS support, least({REQUESTS}, CAST(sum(requests) AS DOUBLE)) AS taken FROM each GROUP BY cluster
        ),
        found AS (
            SELECT cluster, {exact_sum("1.0 - power(1.0 - taken / support, requests)")} AS distinct_prompts
            FROM each JOIN whole USING (cluster)
            GROUP BY cluster
        )
        SELECT cluster, least(1.0, distinct_prompts / taken) AS value, support
        FROM found JOIN whole USING (cluster) JOIN every USING (cluster)
        WHERE support * {LEAST_PART} >= openings
    """,
)
