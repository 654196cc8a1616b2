"""How unlike in length the prompts of one template are: what a cluster puts into the texts that its accounts share.

What it sees
------------
The standard deviation of the number of words, within each template, of requests that open a conversation. More than 300 words
count as 300, and two signs of Chinese, Japanese or Korean as a word. A request with media or with a reasoning block asks about what is not in its
text: it counts as 5 words from the mean, which says neither that it is a corpus nor that it is none.

Why a distiller shows it
------------------------
What is put into its templates are questions and texts of a corpus, short and long.

Who else shows it
-----------------
Products that work on documents, translators, evaluations. It tells who does not: farms that fill one instruction with keywords, classes
with one assignment, probes that send one text.

What evasion costs
------------------
For a farm, padding its keywords; a harvester has nothing to evade.

Source
------
Detection note section 5: slot diversity.
"""

from stillwatch.signals._base import Signal, exact_sum

SIGNAL = Signal(
    name="varied_slots",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01",),
    phrase="words is how far prompts of one template differ in length",
    query=f"""
        WITH framed AS (
            SELECT cluster, template, CAST(least(CASE WHEN script = 1 THEN (words + 1) // 2 ELSE words END, 300) AS BIGINT) AS words,
                CASE WHEN token = 0 AND coalesce(images, 0) = 0 THEN 1 ELSE 0 END AS in_text
            FROM member_exchange
            WHERE opens AND template <> 0 AND words > 0
        ),
        each AS (
            SELECT cluster, CAST(count(*) - sum(in_text) AS DOUBLE) AS beside, CAST(sum(in_text) AS DOUBLE) AS told,
                CAST(sum(in_text * words) AS DOUBLE) AS words, CAST(sum(in_text * words * words) AS DOUBLE) AS squares
            FROM framed
            GROUP BY cluster, template
        ),
        whole AS (
            SELECT cluster, sum(told + beside) AS support, sum(greatest(told - 1.0, 0.0) + beside) AS free,
                {exact_sum("greatest(squares - words * words / greatest(told, 1.0), 0.0) + 25.0 * beside")} AS squares
            FROM each
            GROUP BY cluster
        )
        SELECT cluster, sqrt(squares / free) AS value, CAST(support AS BIGINT) AS support
        FROM whole
        WHERE free > 0
    """,
)
