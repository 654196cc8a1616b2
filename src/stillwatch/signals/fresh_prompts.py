"""How seldom a cluster asks the same thing twice.

What it sees
------------
Distinct prompts as a share of requests with text that open a conversation. Of more than 10,000 of them it is the share
that is to be expected among 10,000 taken at random: whoever asks long enough, of any list, asks again. One prompt with
two reasoning blocks asks for two things. Prompts above pictures do not count: one instruction above each of many
pictures is many questions.

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

SIGNAL = Signal(
    name="fresh_prompts",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="of the prompts that open a conversation are distinct",
    query=f"""
        WITH pictured AS (
            SELECT DISTINCT cluster, prompt FROM member_exchange WHERE opens AND prompt <> 0 AND images <> 0
        ),
        each AS (
            SELECT m.cluster, m.prompt, m.token, count(*) AS requests
            FROM member_exchange AS m LEFT JOIN pictured AS p ON p.cluster = m.cluster AND p.prompt = m.prompt
            WHERE m.opens AND m.prompt <> 0 AND p.prompt IS NULL
            GROUP BY m.cluster, m.prompt, m.token
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
        FROM found JOIN whole USING (cluster)
    """,
)
