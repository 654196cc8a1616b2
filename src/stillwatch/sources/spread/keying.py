"""From rows that executors have keyed to the relation `exchange`, in queries: duplicates, positions and templates.

What `sources.duplicates` and `fingerprint.assemble` do on one machine, by the same rules: the first of equal ids stays, in
the order of files and rows; an account's position is its place among all ids; a request's template is its anchor that the
most accounts share, the first of those where several are shared alike.
"""

from __future__ import annotations

from stillwatch.fingerprint.shared import SHARED_BY
from stillwatch.sources.spread.arrive import BY_ROW, GOOD, PLACES, REJECTED, SEEN

SEEN_OF_PARTS = f"SELECT shown FROM arrived WHERE kind = {SEEN}"
BROKEN = f"SELECT line, reason, shown FROM arrived WHERE kind = {REJECTED} AND file = $file"
ACCOUNT_IDS = f"SELECT DISTINCT account_id FROM arrived WHERE kind = {GOOD}"

AGAIN = f"""
    WITH often AS (
        SELECT exchange_id FROM arrived WHERE kind = {GOOD} GROUP BY exchange_id HAVING count(*) > 1
    ),
    ranked AS (
        SELECT a.file, a.line, row_number() OVER (PARTITION BY a.exchange_id ORDER BY a.file, a.line, a.ts) AS nth
        FROM arrived AS a JOIN often AS o ON o.exchange_id = a.exchange_id
        WHERE a.kind = {GOOD}
    )
    SELECT file, line FROM ranked WHERE nth > 1
"""
"""Places of the rows whose id stands earlier in the log."""

REPEATED = "SELECT line, 'duplicate exchange_id' AS reason, shown FROM shown_again WHERE file = $file"

PLACED = f"""
    SELECT i.number AS file_number, p.account, {", ".join(f"a.{c.name}" for c in BY_ROW)},
        a.exchange_id, a.id_bits, a.line, {", ".join(f"a.{place}" for place in PLACES)}
    FROM arrived AS a
    JOIN input_file AS i ON i.file = a.file
    JOIN account_position AS p ON p.account_id = a.account_id
    LEFT JOIN again AS d ON d.file = a.file AND d.line = a.line
    WHERE a.kind = {GOOD} AND d.line IS NULL
"""

SHARED = f"""
    WITH held AS ({" UNION ALL ".join(f"SELECT account, {place} AS anchor FROM placed WHERE {place} <> 0" for place in PLACES)})
    SELECT anchor, count(DISTINCT account) AS holders FROM held GROUP BY anchor HAVING count(DISTINCT account) >= {SHARED_BY}
"""
"""How many accounts hold each anchor that is shared; some hundred thousand of them for sixteen million exchanges."""


EXTENT = """
    SELECT count(*) AS rows, min(ts) AS first, max(ts) AS last,
        sum(id_bits & 4294967295) AS low, sum(id_bits >> 32) AS high
    FROM exchange
"""
COUNTS = "SELECT account, count(*) AS rows FROM exchange GROUP BY account"
